import { usualOllamaSettings } from '../../core/ollama.ts';
import type { OutsideEngine, OutsideEngineOptions } from '../openai/upstream-engine.ts';
import { createOllamaEngine } from './ollama-engine.ts';

/** What an Ollama serves at once that was started without a word about it (`OLLAMA_NUM_PARALLEL`). */
const usualSlots = 1;

/** An Ollama on another machine of the office, by its own API. */
export function createOllamaUpstream(options: OutsideEngineOptions): OutsideEngine {
  const { upstream, apiKey, clock, timers, onChange } = options;
  const engine = createOllamaEngine({
    id: upstream.name,
    name: upstream.name,
    address: upstream.url,
    source: 'upstream',
    mayLeave: upstream.mayLeave,
    apiKey,
    slots: () => upstream.slots ?? usualSlots,
    modelsAtOnce: () => null,
    contextTokens: () => upstream.contextTokens ?? usualOllamaSettings.contextTokens,
    clock,
    timers,
    onChange,
  });
  return { ...engine, upstream };
}
