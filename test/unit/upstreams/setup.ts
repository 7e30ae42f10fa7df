import { onTestFinished } from 'vitest';
import { systemClock, systemTimers, type Clock, type Timers } from '../../../server/core/clock.ts';
import type { GeneratePart, GenerateRequest } from '../../../server/core/generate.ts';
import type { Upstream } from '../../../server/core/upstream.ts';
import { createUpstreamEngine, type OutsideEngine } from '../../../server/engines/openai/upstream-engine.ts';
import { startFakeUpstream, type FakeUpstream, type FakeUpstreamOptions } from '../../fakes/fake-upstream.ts';

export const never = new AbortController().signal;

export function upstreamAt(url: string, change: Partial<Upstream> = {}): Upstream {
  return {
    id: 'up_1',
    name: 'box',
    kind: 'openai',
    url,
    mayLeave: false,
    slots: null,
    routingHeader: undefined,
    contextTokens: null,
    createdMs: 0,
    ...change,
  };
}

export function words(change: Partial<GenerateRequest> = {}): GenerateRequest {
  return {
    model: 'fake-large',
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
    maxTokens: null,
    stop: [],
    sampling: {
      temperature: null,
      topP: null,
      topK: null,
      minP: null,
      presencePenalty: null,
      frequencyPenalty: null,
      seed: null,
      logitBias: {},
    },
    cacheScope: 'key_1',
    ...change,
  };
}

type Pair = { readonly fake: FakeUpstream; readonly engine: OutsideEngine };

/** A fake on a real socket and the engine for it; both end with the test. */
export async function startPair(
  fakeOptions: FakeUpstreamOptions = {},
  {
    upstream = {},
    apiKey = null,
    time = { clock: systemClock, timers: systemTimers },
  }: {
    readonly upstream?: Partial<Upstream>;
    readonly apiKey?: string | null;
    readonly time?: { readonly clock: Clock; readonly timers: Timers };
  } = {},
): Promise<Pair> {
  const fake = await startFakeUpstream(fakeOptions);
  const engine = createUpstreamEngine({
    upstream: upstreamAt(fake.url, upstream),
    apiKey,
    known: null,
    onDiscovered() {},
    serverSecret: 'secret',
    ...time,
    onChange() {},
  });
  onTestFinished(async () => {
    await engine.stop();
    await fake.close();
  });
  return { fake, engine };
}

export async function collect(parts: AsyncIterable<GeneratePart>): Promise<GeneratePart[]> {
  const collected: GeneratePart[] = [];
  for await (const part of parts) collected.push(part);
  return collected;
}

export function textOf(parts: readonly GeneratePart[]): string {
  return parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('');
}
