import { onTestFinished } from 'vitest';
import { systemClock, systemTimers } from '../../../server/core/clock.ts';
import { createOllamaEngine, type OllamaEngine } from '../../../server/engines/ollama/ollama-engine.ts';
import { startFakeOllama, type FakeOllama, type FakeOllamaOptions } from '../../fakes/fake-ollama.ts';

/** A fake on a real socket and the engine for it; both end with the test. */
export async function startOllamaPair(
  options: FakeOllamaOptions = {},
  contextTokens = 8192,
  modelsAtOnce: number | null = null,
): Promise<{ readonly fake: FakeOllama; readonly engine: OllamaEngine }> {
  const fake = await startFakeOllama(options);
  const engine = createOllamaEngine({
    id: 'ollama',
    name: 'Ollama',
    address: fake.address,
    source: 'ollama',
    mayLeave: false,
    apiKey: null,
    slots: () => 3,
    modelsAtOnce: () => modelsAtOnce,
    contextTokens: () => contextTokens,
    clock: systemClock,
    timers: systemTimers,
    onChange() {},
  });
  onTestFinished(async () => {
    await engine.stop();
    await fake.close();
  });
  await engine.refresh(new AbortController().signal);
  return { fake, engine };
}
