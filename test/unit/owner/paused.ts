import { createKey } from './made-key.ts';
import { createManualTime, type ManualTime } from '../../fakes/manual-time.ts';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import { ownerState, type OwnerState } from '../../../server/wire/owner.ts';
import type { FakeEngineOptions } from '../../fakes/fake-engine.ts';

export type PausedServer = ComposedServer & {
  readonly time: ManualTime;
  readonly key: string;
  readonly owner: () => Promise<OwnerState>;
  readonly take: (what: 'gpu' | 'all', wish?: Record<string, unknown>) => Promise<OwnerState>;
  readonly lift: (what: 'gpu' | 'all') => Promise<OwnerState>;
  readonly chat: (body?: Record<string, unknown>, signal?: AbortSignal) => Promise<Response>;
};

type PausedOptions = {
  readonly engine?: FakeEngineOptions;
  readonly dataDir?: string;
  readonly time?: ManualTime;
  readonly key?: string;
};

/** The whole server by a clock that the test moves, with a key that may leave the office. */
export async function startPaused(options: PausedOptions = {}): Promise<PausedServer> {
  const time = options.time ?? createManualTime();
  const server = await startComposed({
    clock: time.clock,
    timers: time.timers,
    inhibitor: null,
    readNetwork: async () => ({ addresses: [], routes: [] }),
    ...(options.engine === undefined ? {} : { engine: options.engine }),
    ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
  });
  const key = options.key ?? (await createKey(server));
  return {
    ...server,
    time,
    key,
    owner: async () => ownerState.parse(await server.admin('GET', '/owner')),
    take: async (what, wish = {}) => ownerState.parse(await server.admin('PUT', `/pauses/${what}`, wish)),
    lift: async (what) => ownerState.parse(await server.admin('DELETE', `/pauses/${what}`)),
    chat: (body = {}, signal) =>
      fetch(`${server.address}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'fake-model', messages: [{ role: 'user', content: 'Hi' }], ...body }),
        ...(signal === undefined ? {} : { signal }),
      }),
  };
}
