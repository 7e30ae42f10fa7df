import { AppError } from '../../server/core/errors.ts';
import { usualOllamaSettings, type OllamaControl, type OllamaState } from '../../server/core/ollama.ts';

/** Of a computer without Ollama. */
export const missingOllama: OllamaState = {
  found: 'missing',
  theirs: null,
  program: null,
  state: 'off',
  reason: null,
  address: null,
  version: null,
  warnings: [],
  restartPending: false,
  settings: usualOllamaSettings,
  pulls: [],
};

/** A computer without Ollama; for tests of what only reads it. */
export function noOllama(): OllamaControl {
  const off = (): never => {
    throw new AppError('Ollama is not used just now.', { status: 409, code: 'ollama_off' });
  };
  return {
    read: async () => missingOllama,
    configure: async (change) => ({ ...missingOllama, settings: { ...usualOllamaSettings, ...change } }),
    pull: off,
    cancelPull: off,
    cancelPulls() {},
  };
}
