import type { Checks } from '../../server/check/checks.ts';
import { modelNotFound } from '../../server/core/errors.ts';

/** Nothing was ever checked; for tests of what does not need it. */
export function noChecks(): Checks {
  return {
    list: () => [],
    find: () => null,
    start: (model) => {
      throw modelNotFound(model);
    },
    cancel: (model) => {
      throw modelNotFound(model);
    },
    begin() {},
    noteRequest() {},
    stop: async () => {},
  };
}
