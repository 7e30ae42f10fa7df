import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createBackOff } from '../../../electron/back-off.ts';
import { startServer } from '../../../electron/server-process.ts';
import { supervise, type Phase, type Supervisor } from '../../../electron/supervisor.ts';
import { forkedUtility } from '../../fakes/forked-utility.ts';
import { createManualTime, type ManualTime } from '../../fakes/manual-time.ts';
import { timeOf } from './launched.ts';

/** Real processes; only the waiting between them is the test's. */
type Watched = {
  readonly supervisor: Supervisor;
  readonly time: ManualTime;
  readonly phases: Phase[];
  /** How the next server behaves. */
  readonly become: (mode: string) => void;
  readonly names: () => string[];
};

function watch(mode: string): Watched {
  const time = createManualTime();
  const phases: Phase[] = [];
  let next = mode;
  const supervisor = supervise({
    time: timeOf(time),
    onPhase: (phase) => phases.push(phase),
    start: () =>
      startServer(forkedUtility, {
        entry: join(import.meta.dirname, 'child.mjs'),
        init: { windowToken: 'w'.repeat(43) },
        environment: { INGLENOOK_TEST_MODE: next },
        time: timeOf(time),
        onMessage: () => undefined,
      }),
  });
  const become = (other: string): void => void (next = other);
  onTestFinished(() => supervisor.stop(0));
  return { supervisor, time, phases, become, names: () => phases.map(({ name }) => name) };
}

const until = (watched: Watched, name: Phase['name'], count = 1) =>
  vi.waitFor(() => expect(watched.names().filter((each) => each === name)).toHaveLength(count), 8_000);

test('one that runs is left alone, and stopped by draining', async () => {
  const watched = watch('good');
  await until(watched, 'running');
  expect(watched.phases.at(-1)).toEqual({ name: 'running', port: 4321 });
  await watched.supervisor.stop(5_000);
  expect(watched.names()).toEqual(['starting', 'running', 'stopped']);
  expect(watched.supervisor.send({ v: 1, type: 'net-changed' })).toBe(false);
});

test.each([
  ['crashes', /The server ended unexpectedly \(code 128\)/],
  ['leaves', /The server ended unexpectedly \(code 0\)/],
  ['breaks-early', /ended while it was starting \(code 3\)\. ggml: out of memory/],
])('one that %s is started again after 1, 2, 4 and 8 s, then given up', async (mode, said) => {
  const watched = watch(mode);
  for (const [index, waitMs] of [1_000, 2_000, 4_000, 8_000].entries()) {
    await until(watched, 'waiting', index + 1);
    expect(watched.phases.at(-1)).toMatchObject({ waitMs, failure: { code: 'ended' } });
    watched.time.advance(waitMs);
  }
  await until(watched, 'failed');
  expect(watched.phases.at(-1)).toMatchObject({ failure: { message: expect.stringMatching(said) } });
  watched.become('good');
  watched.supervisor.retry();
  await until(watched, 'running', mode === 'breaks-early' ? 1 : 6);
});

test('one that never becomes ready is ended after two minutes', async () => {
  const watched = watch('silent');
  await vi.waitFor(() => expect(watched.time.waiting()).toEqual([120_000]));
  watched.time.advance(120_000);
  await until(watched, 'waiting');
  expect(watched.phases.at(-1)).toMatchObject({ failure: { code: 'silent' } });
});

test('one that hangs is ended by the system, although it does not hear the polite request', async () => {
  const watched = watch('deaf');
  await until(watched, 'running');
  const stopped = watched.supervisor.stop(8_000);
  watched.time.advance(9_000);
  await vi.waitFor(() => expect(watched.time.waiting()).toContain(2_000));
  watched.time.advance(2_000);
  await stopped;
  expect(watched.names()).toEqual(['starting', 'running', 'stopped']);
});

test('one whose event loop stands still is ended by the system after a minute, and started again', async () => {
  const watched = watch('hangs');
  await until(watched, 'running');
  for (let question = 0; question < 5; question += 1) watched.time.advance(15_000);
  watched.become('good');
  // It hears no polite request either.
  watched.time.advance(2_000);
  await until(watched, 'waiting');
  expect(watched.phases.at(-1)).toMatchObject({
    failure: { code: 'hung', message: 'The server did nothing any more for 60 s.' },
  });
  watched.time.advance(1_000);
  await until(watched, 'running', 2);
  // One that answers is asked on and on.
  for (let question = 0; question < 8; question += 1) {
    watched.time.advance(15_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(watched.names().at(-1)).toBe('running');
});

test('one that says why it cannot start is not tried again until the person wants it', async () => {
  const watched = watch('refuses');
  await until(watched, 'failed');
  expect(watched.phases.at(-1)).toEqual({
    name: 'failed',
    failure: { v: 1, type: 'fatal', code: 'port_in_use', message: 'Port 11500 is taken.', running: null },
  });
  expect(watched.time.waiting()).toEqual([]);
  watched.become('good');
  watched.supervisor.retry();
  await until(watched, 'running');
});

test('a restart that is wanted counts as no failure', async () => {
  const watched = watch('good');
  await until(watched, 'running');
  await watched.supervisor.restart(1_000);
  await until(watched, 'running', 2);
  expect(watched.names()).toEqual(['starting', 'running', 'starting', 'running']);
});

test('stopped while it waits, it does not come again', async () => {
  const watched = watch('leaves');
  await until(watched, 'waiting');
  await watched.supervisor.stop(0);
  watched.time.advance(60_000);
  expect(watched.names().at(-1)).toBe('stopped');
  expect(watched.time.waiting()).toEqual([]);
});

test('the waits grow to half a minute, begin anew after health, and end at the fifth failure in five minutes', () => {
  let nowMs = 0;
  const backOff = createBackOff(() => nowMs);
  const waits: (number | null)[] = [];
  for (let count = 0; count < 8; count++) {
    waits.push(backOff.failed());
    nowMs += 80_000;
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30, 30].map((seconds) => seconds * 1000));
  backOff.healthy();
  expect(backOff.failed()).toBe(1_000);
  expect([backOff.failed(), backOff.failed()]).toEqual([null, null]);
  backOff.forget();
  expect(backOff.failed()).toBe(1_000);
});
