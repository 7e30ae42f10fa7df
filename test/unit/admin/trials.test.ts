import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getEdgeSettings, setEdgeSettings } from '../../../server/store/edge-settings.ts';
import { closeStore, openStore, type Store } from '../../../server/store/open.ts';
import { testAudit } from '../../fakes/audit.ts';
import { createManualTime, type ManualTime } from '../../fakes/manual-time.ts';
import { testTrials } from '../../fakes/trials.ts';
import { startAdminServer, type AdminServer } from './admin-server.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };

describe('a change on trial', () => {
  let store: Store;
  let time: ManualTime;
  beforeEach(() => {
    store = openStore(':memory:');
    time = createManualTime();
  });
  afterEach(() => closeStore(store));

  function open() {
    const { clock, timers } = time;
    const audit = testAudit({ store, clock, log });
    return testTrials({ store, clock, timers, log, audit });
  }

  it('is taken back after a minute, whatever has become of who asked for it', async () => {
    const { trials } = open();
    setEdgeSettings(store, { allow: ['192.168.1.0/24'] });
    trials.begin('allow', { allow: [] });
    expect(trials.list()).toEqual([{ name: 'allow', endsAt: '2026-11-22T12:01:00.000Z' }]);
    time.advance(59_999);
    expect(getEdgeSettings(store).allow).toEqual(['192.168.1.0/24']);
    time.advance(1);
    await expect.poll(() => getEdgeSettings(store).allow).toEqual([]);
    expect(trials.list()).toEqual([]);
  });

  it('goes back to what was kept, not to the step before, and its minute begins anew with each step', async () => {
    const { trials, done } = open();
    trials.begin('https-only', { only: false });
    time.advance(50_000);
    trials.begin('https-only', { only: true });
    time.advance(50_000);
    expect(done).toEqual([]);
    time.advance(10_000);
    await expect.poll(() => done).toEqual(['https {"only":false}']);
  });

  it('stays once it is kept, and then there is nothing to keep or take back', async () => {
    const { trials, done } = open();
    trials.begin('port', null);
    await trials.keep('port');
    time.advance(120_000);
    expect(done).toEqual(['port kept']);
    await expect(trials.keep('port')).rejects.toMatchObject({ status: 404, code: 'trial_not_found' });
    await expect(trials.takeBack('port')).rejects.toMatchObject({ status: 404 });
  });

  it('is taken back by the next start where the server itself has ended meanwhile', async () => {
    const first = open();
    setEdgeSettings(store, { connectionsPerAddress: 40 });
    first.trials.begin('limits', { connectionsPerAddress: 64 });
    first.trials.stop();
    time.advance(120_000);
    expect(getEdgeSettings(store).connectionsPerAddress).toBe(40);
    const second = open();
    await second.trials.recover();
    expect(getEdgeSettings(store).connectionsPerAddress).toBe(64);
    expect(second.trials.list()).toEqual([]);
  });
});

describe('the routes of trials', () => {
  let server: AdminServer;
  beforeEach(async () => {
    server = await startAdminServer();
  });
  afterEach(() => server.close());

  const trials = async (): Promise<unknown> => (await server.asOwner('GET', '/api/trials')).json;

  it('try an allow-list, keep it or take it back', async () => {
    await server.asOwner('PATCH', '/api/edge?trial=true', { allow: ['127.0.0.1', '192.168.1.0/24'] });
    expect(await trials()).toMatchObject([{ name: 'allow' }]);
    expect((await server.asOwner('POST', '/api/trials/allow/take-back')).status).toBe(204);
    expect(getEdgeSettings(server.store).allow).toEqual([]);
    await server.asOwner('PATCH', '/api/edge?trial=true', { allow: ['127.0.0.1'] });
    expect((await server.asOwner('POST', '/api/trials/allow/keep')).status).toBe(204);
    expect([await trials(), getEdgeSettings(server.store).allow]).toEqual([[], ['127.0.0.1']]);
  });

  it('try numbers apart from the list, and a change without trial stays at once', async () => {
    await server.asOwner('PATCH', '/api/edge?trial=true', { connectionsPerAddress: 5 });
    expect(await trials()).toMatchObject([{ name: 'limits' }]);
    await server.asOwner('PATCH', '/api/edge', { connectionsPerAddress: 7 });
    expect(await trials()).toEqual([]);
    expect(getEdgeSettings(server.store).connectionsPerAddress).toBe(7);
    // A list that lets everybody knock shuts nobody out.
    await server.asOwner('PATCH', '/api/edge?trial=true', { allow: [] });
    expect(await trials()).toEqual([]);
  });

  it('try another port, and refuse what is none', async () => {
    expect((await server.asOwner('GET', '/api/port')).json).toEqual({
      port: 11_500,
      isGiven: false,
      next: 11_500,
      also: null,
    });
    expect((await server.asOwner('POST', '/api/port', { port: 80 })).status).toBe(400);
    expect((await server.asOwner('POST', '/api/port', { port: 11_600 })).json.also).toBe(11_600);
    expect(await trials()).toMatchObject([{ name: 'port' }]);
    expect((await server.asOwner('POST', '/api/trials/nothing/keep')).status).toBe(400);
  });
});

describe('the engine as a whole', () => {
  let server: AdminServer;
  beforeEach(async () => {
    server = await startAdminServer();
  });
  afterEach(() => server.close());

  it('tells its version and what it has in memory, is restarted, and stopped', async () => {
    expect((await server.asOwner('GET', '/api/engine')).json).toMatchObject({
      version: 'node-llama-cpp 3.21.1',
      loaded: [],
      lastError: null,
    });
    await server.asOwner('POST', '/api/models/fake-model/load');
    expect((await server.asOwner('POST', '/api/engine/restart')).json).toEqual({ models: ['fake-model'] });
    const loaded = async () => (await server.asOwner('GET', '/api/engine')).json.loaded;
    await expect.poll(loaded).toEqual(['fake-model']);
    expect((await server.asOwner('POST', '/api/engine/stop')).json).toEqual({ models: ['fake-model'] });
    await expect.poll(loaded).toEqual([]);
  });

  it('loads a model anyway only where that is asked for', async () => {
    const answer = await server.asOwner('POST', '/api/models/fake-model/load?anyway=true');
    expect([answer.status, answer.json.state]).toEqual([200, 'ready']);
    expect((await server.asOwner('POST', '/api/models/nobody/load?anyway=true')).status).toBe(404);
    expect((await server.asOwner('POST', '/api/models/fake-model/load?anyway=maybe')).status).toBe(400);
  });
});
