import type { Upstreams } from '../../server/core/upstream.ts';

/** A server without upstreams; for tests of what does not ask for them. */
export function noUpstreams(): Upstreams {
  return { state: () => null, refresh: async () => null, reload() {} };
}
