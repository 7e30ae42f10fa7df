import type { Downloads, ModelSupply } from '../../server/core/download.ts';
import { AppError } from '../../server/core/errors.ts';

const nothing = (): never => {
  throw new AppError('There is no such download.', { status: 404, code: 'download_not_found' });
};

const noDownloads: Downloads = {
  list: () => [],
  add: nothing,
  pause: async () => nothing(),
  resume: nothing,
  cancel: async () => nothing(),
  remove: async () => nothing(),
  move: nothing,
  follow: () => {},
  usualSpeed: () => null,
  forgetFile: () => {},
};

/** A computer without network, other programs or a catalogue; for tests of what does not need them. */
export function noSupply(changes: Partial<ModelSupply> = {}): ModelSupply {
  return {
    downloads: noDownloads,
    inspect: async () => nothing(),
    found: async () => [],
    search: async () => ({ state: 'found', models: [] }),
    lookAt: async () => nothing(),
    locate: async () => null,
    catalogue: [],
    reach: async () => ({ state: 'unreachable', source: 'https://hub.invalid' }),
    machine: async () => ({ freeBytes: 0, gpuFreeBytes: null }),
    fit: (_model, plan) => ({
      ...plan,
      verdict: 'unknown',
      sentence: 'It cannot be told.',
      weightsBytes: null,
      contextBytes: null,
      workingBytes: null,
      neededBytes: null,
      freeBytes: 0,
      fitsWithContextTokens: null,
      tokensPerSecond: null,
    }),
    recommend: () => [],
    isPulled: () => false,
    deletePulled: async () => 0,
    ...changes,
  };
}
