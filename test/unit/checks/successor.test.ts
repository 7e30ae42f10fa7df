import { beforeEach, describe, expect, it } from 'vitest';
import { createSuccessor, type Successor, type SuccessorServices } from '../../../server/check/successor.ts';
import type { Download, DownloadState } from '../../../server/core/download.ts';
import type { ModelDescription } from '../../../server/core/model.ts';
import { getAlias, setAlias } from '../../../server/store/aliases.ts';
import { getSetting } from '../../../server/store/settings.ts';
import { createFakeEngine } from '../../fakes/fake-engine.ts';
import { createManualTime } from '../../fakes/manual-time.ts';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import { openStore, type Store } from '../../../server/store/open.ts';
import { testAudit } from '../../fakes/audit.ts';

const uri = 'hf:somebody/better:Q4_K_M';
const path = '/models/better.gguf';
const log = { debug() {}, info() {}, warn() {}, error() {} };

/** The real thing in a real server; only what is downloaded is told by the test. */
async function start(answer: { readonly words: readonly string[] } = { words: ['Hello'] }) {
  const time = createManualTime();
  const engine = createFakeEngine({ models: ['starter-model', 'better'], answer });
  const server = await startComposed({ withEngine: engine });
  const key = ((await server.admin('POST', '/keys', { name: 'probe' })) as { key: string }).key;
  const store = openStore(':memory:');
  let state: DownloadState = 'downloading';
  const models = (): ModelDescription[] =>
    engine.models().map((model) => ({
      ...model,
      source: model.id === 'better' ? 'pulled' : 'starter',
      path: model.id === 'better' ? path : '/resources/starter.gguf',
    }));
  const services: SuccessorServices = {
    store,
    clock: time.clock,
    timers: time.timers,
    log,
    audit: testAudit({ store, clock: time.clock, log }),
    downloads: () => [{ uri, path, state } as Download],
    models,
    address: () => server.address,
    issuePass: () => ({ key, withdraw() {} }),
    onChange: () => changed.forEach((tell) => tell()),
  };
  const changed: (() => void)[] = [];
  const successor = createSuccessor(services);
  return {
    server,
    engine,
    store,
    time,
    services,
    successor,
    become(next: DownloadState) {
      state = next;
      successor.look();
    },
    /** When the state is another. */
    changes: () =>
      new Promise<void>((resolve) => {
        changed.push(resolve);
      }),
  };
}

const names = (store: Store) =>
  ['office', 'office-code', 'office-embed'].map((n) => getAlias(store, n)?.model);

describe('the download that is to answer for the office', () => {
  let run: Awaited<ReturnType<typeof start>>;
  let successor: Successor;
  beforeEach(async () => {
    run = await start();
    ({ successor } = run);
  });

  it('takes over the names for chat and code once it is here and has answered, and says so', async () => {
    successor.wish(uri);
    expect(successor.state()).toEqual({ waitingFor: { uri, problem: null }, moved: null });
    run.become('checking');
    expect(names(run.store)).toEqual([null, null, null]);
    const moved = run.changes();
    run.become('ready');
    await moved;
    expect(names(run.store)).toEqual(['better', 'better', null]);
    expect(successor.state()).toEqual({
      waitingFor: null,
      moved: {
        names: ['office', 'office-code'],
        from: 'starter-model',
        to: 'better',
        at: new Date(run.time.clock.nowMs()).toISOString(),
      },
    });
    expect(run.engine.seen.requests).toHaveLength(1);
  });

  it('gives the names back when the owner wants that, but none that the owner has pointed elsewhere since', async () => {
    successor.wish(uri);
    const moved = run.changes();
    run.become('ready');
    await moved;
    setAlias(run.store, { name: 'office-code', model: 'third' }, []);
    successor.undo();
    expect(names(run.store)).toEqual(['starter-model', 'third', null]);
    expect(successor.state().moved).toBeNull();
    successor.undo();
    expect(names(run.store)).toEqual(['starter-model', 'third', null]);
  });

  it('leaves alone what the owner has pointed elsewhere before', async () => {
    setAlias(run.store, { name: 'office', model: 'third' }, []);
    setAlias(run.store, { name: 'office-code', model: 'third' }, []);
    successor.wish(uri);
    const settled = run.changes();
    run.become('ready');
    await settled;
    expect(names(run.store)).toEqual(['third', 'third', null]);
    expect(successor.state()).toEqual({ waitingFor: null, moved: null });
    expect(run.engine.seen.requests).toEqual([]);
  });

  it('goes on after a restart of the server', async () => {
    successor.wish(uri);
    await successor.stop();
    const moved = run.changes();
    const second = createSuccessor({
      ...run.services,
      downloads: () => [{ uri, path, state: 'ready' } as Download],
    });
    second.look();
    await moved;
    expect(names(run.store)[0]).toBe('better');
    await second.stop();
  });

  it('waits for nothing any more once it is given up', () => {
    successor.wish(uri);
    successor.dismiss();
    run.become('ready');
    expect(successor.state()).toEqual({ waitingFor: null, moved: null });
    expect(getSetting(run.store, 'office.successor')).toMatchObject({ uri: null });
  });
});

describe('a download that does not answer', () => {
  it('leaves the office its model, says why, and is tried again five times', async () => {
    const { successor, store, become, changes, time, engine } = await start({ words: [] });
    successor.wish(uri);
    for (let tries = 1; tries <= 5; tries += 1) {
      const told = changes();
      if (tries === 1) become('ready');
      else time.advance(60_000);
      await told;
      if (tries < 5) await expect.poll(() => time.waiting()).toEqual([60_000]);
      expect(successor.state().waitingFor?.problem).toBe('The model has answered without a word.');
      expect(engine.seen.requests).toHaveLength(tries);
    }
    expect(names(store)).toEqual([null, null, null]);
    await successor.stop();
    expect(time.waiting()).toEqual([]);
  });
});

it('is asked for with the download, and told by the admin API', async () => {
  const server: ComposedServer = await startComposed({ environment: { INGLENOOK_OFFLINE: '1' } });
  expect(await server.admin('GET', '/office-model')).toEqual({ waitingFor: null, moved: null });
  // Nothing is fetched offline, so nothing is waited for either.
  await expect(server.admin('POST', '/downloads', { uri, forOffice: true })).rejects.toThrow(/409/);
  expect(await server.admin('GET', '/office-model')).toEqual({ waitingFor: null, moved: null });
  expect(await server.admin('POST', '/office-model/undo')).toEqual({ waitingFor: null, moved: null });
  expect(await server.admin('DELETE', '/office-model')).toBeNull();
});
