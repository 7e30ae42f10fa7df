import { describe, expect, it } from 'vitest';
import { openStore } from '../../../server/store/open.ts';
import { setHours } from '../../../server/store/hours.ts';
import { createOfficeHours, type OfficeHours } from '../../../server/owner/office-hours.ts';
import {
  createKeepAwake,
  keepAwakeByApp,
  inhibitorFor,
  type Inhibitor,
} from '../../../server/owner/keep-awake.ts';
import type { AwakeState } from '../../../server/wire/owner.ts';
import { createFakeEngine, type FakeEngine, type FakeEngineOptions } from '../../fakes/fake-engine.ts';
import { createManualTime, type ManualTime } from '../../fakes/manual-time.ts';
import { startPaused } from './paused.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

type Played = {
  readonly hours: OfficeHours;
  readonly engine: FakeEngine;
  readonly time: ManualTime;
  readonly hold: { gpu: boolean; all: boolean };
};

/** Monday, 23 November 2026, six in the morning in Berlin. */
function play(
  engineOptions: FakeEngineOptions = {},
  settings: Parameters<typeof setHours>[1] = {},
  start = '2026-11-23T05:00:00Z',
): Played {
  const store = openStore(':memory:');
  setHours(store, { week: 'Mon-Fri 08:00-18:00', ...settings });
  const time = createManualTime(Date.parse(start));
  const engine = createFakeEngine({ models: ['chat', 'code'], ...engineOptions });
  const hold = { gpu: false, all: false };
  const hours = createOfficeHours({
    store,
    clock: time.clock,
    timers: time.timers,
    timeZone: 'Europe/Berlin',
    log,
    awake: keepAwakeByApp(() => {}),
    ours: () => [engine],
    usualModels: () => ['chat'],
    modelOf: (name) => (name === 'office-code' ? 'code' : name),
    isHeld: () => hold.gpu,
    isPaused: () => hold.all,
    onChange() {},
  });
  hours.begin();
  return { hours, engine, time, hold };
}
const loaded = ({ engine }: Played): string[] =>
  engine.models().flatMap(({ id, state }) => (state === 'ready' ? [id] : []));
const minutes = 60_000;

describe('office hours', () => {
  it('load the models before they begin, once, and keep the computer awake while they last', async () => {
    const played = play({}, { preloadMinutes: 15 });
    played.time.advance(104 * minutes);
    await settle();
    expect([loaded(played), played.hours.state().awake.phase]).toEqual([[], 'off']);
    played.time.advance(1 * minutes);
    await settle();
    expect(loaded(played)).toEqual(['chat']);
    expect(played.hours.state()).toMatchObject({
      open: false,
      next: '2026-11-23T07:00:00.000Z',
      models: ['chat'],
    });
    // Whoever unloads it meanwhile has wanted to.
    await played.engine.unload('chat');
    played.time.advance(15 * minutes);
    await settle();
    expect([loaded(played), played.hours.state().awake.phase]).toEqual([[], 'app']);
    expect(played.hours.state()).toMatchObject({ open: true, until: '2026-11-23T17:00:00.000Z' });
    played.time.advance(10 * 60 * minutes);
    expect(played.hours.state()).toMatchObject({ open: false, awake: { phase: 'off' } });
    played.time.advance((13 * 60 + 45) * minutes);
    await settle();
    expect(loaded(played)).toEqual(['chat']);
  });

  it('load what the owner has named, by names that stand for models', async () => {
    const played = play({}, { models: ['office-code', 'chat', 'gone'] });
    played.time.advance(110 * minutes);
    await settle();
    expect(loaded(played)).toEqual(['chat', 'code']);
  });

  it('load nothing while the owner needs the GPU, and at once when it is back', async () => {
    const played = play();
    played.hold.gpu = true;
    played.time.advance(3 * 60 * minutes);
    await settle();
    expect(loaded(played)).toEqual([]);
    played.hold.gpu = false;
    played.hours.look();
    await settle();
    expect(loaded(played)).toEqual(['chat']);
  });

  it('keep no computer awake for an office that is not answered', () => {
    const played = play();
    played.time.advance(3 * 60 * minutes);
    expect(played.hours.state().awake.phase).toBe('app');
    played.hold.all = true;
    played.hours.look();
    expect(played.hours.state().awake.phase).toBe('off');
  });

  it('let idle models leave outside of them, but not while they last, and none that is pinned', async () => {
    const played = play({}, { unloadAfterMinutes: 20 });
    played.engine.configure('code', { pinned: true });
    for (const id of ['chat', 'code']) await played.engine.ensureReady(id, new AbortController().signal);
    played.time.advance(15 * minutes);
    expect(loaded(played)).toEqual(['chat', 'code']);
    played.time.advance(6 * minutes);
    await settle();
    expect(loaded(played)).toEqual(['code']);
    played.time.advance(2 * 60 * minutes);
    await settle();
    expect(loaded(played)).toEqual(['chat', 'code']);
    played.time.advance(9 * 60 * minutes);
    await settle();
    expect(loaded(played)).toEqual(['chat', 'code']);
    played.time.advance(2 * 60 * minutes);
    await settle();
    expect(loaded(played)).toEqual(['code']);
  });

  it('are at the hour of the clock on the Monday after clocks were set', async () => {
    // Sunday, 28 March 2027 has 23 hours in Berlin.
    const played = play({}, {}, '2027-03-28T22:00:00Z');
    expect(played.hours.state()).toMatchObject({ open: false, next: '2027-03-29T06:00:00.000Z' });
    played.time.advance(Date.parse('2027-03-29T06:00:00Z') - played.time.clock.nowMs());
    expect(played.hours.state().open).toBe(true);
  });
});

describe('the settings of office hours', () => {
  it('are set by name, count at once, and say what is wrong', async () => {
    const server = await startPaused();
    const set = (name: string, value: unknown) => server.admin('PUT', `/settings/${name}`, { value });
    expect((await server.owner()).hours.open).toBeNull();
    expect(await set('hours.week', 'mo-so 0:00-24:00')).toMatchObject({ value: 'Mon-Sun 00:00-24:00' });
    expect((await server.owner()).hours).toMatchObject({ open: true, until: null, next: null });
    await expect(set('hours.week', 'Mon 8-18')).rejects.toThrow('“8-18” is not one');
    await expect(set('hours.week', 7)).rejects.toThrow('400');
    await expect(set('hours.preloadMinutes', 121)).rejects.toThrow('up to 120');
    await set('hours.models', 'office, fake-model');
    expect(await server.admin('GET', '/settings/hours.models')).toMatchObject({
      value: 'office, fake-model',
    });
    await set('hours.week', null);
    expect((await server.owner()).hours.open).toBeNull();
  });

  it('load the model that is named in a running server', async () => {
    const server = await startPaused();
    await server.admin('PUT', '/settings/hours.models', { value: 'fake-model' });
    await server.admin('PUT', '/settings/hours.week', { value: 'Mon-Sun 00:00-24:00' });
    await expect.poll(() => server.engine.models()[0]?.state).toBe('ready');
    expect((await server.owner()).hours.awake.phase).toBe('impossible');
  });
});

describe('keeping the computer awake without the app', () => {
  async function become(inhibitor: Inhibitor | null): Promise<AwakeState> {
    const changed = Promise.withResolvers<AwakeState>();
    const awake = createKeepAwake({
      inhibitor,
      log,
      onChange() {
        if (awake.state().phase !== 'on') changed.resolve(awake.state());
      },
    });
    awake.set(true);
    return await changed.promise;
  }

  it('says what is missing, and what the system does not allow', async () => {
    expect(await become({ command: 'no-such-inhibitor', args: [] })).toMatchObject({
      phase: 'failed',
      problem: { en: expect.stringContaining('has no no-such-inhibitor') },
    });
    const refusing = {
      command: process.execPath,
      args: ['-e', 'console.error("Access denied"); process.exit(1)'],
    };
    expect(await become(refusing)).toMatchObject({
      phase: 'failed',
      problem: { de: expect.stringContaining('Access denied') },
    });
    expect(await become(null)).toMatchObject({ phase: 'impossible' });
    expect(inhibitorFor('win32')).toBeNull();
  });

  it('holds a process for as long as it is wanted, which ends with our end of its input', async () => {
    const word = 'process.stderr.write("here"); process.stdin.resume()';
    const changes: string[] = [];
    const awake = createKeepAwake({
      inhibitor: { command: process.execPath, args: ['-e', word] },
      log,
      onChange: () => void changes.push(awake.state().phase),
    });
    awake.set(true);
    awake.set(true);
    awake.set(false);
    awake.set(true);
    awake.stop();
    expect(changes).toEqual(['on', 'off', 'on']);
  });
});
