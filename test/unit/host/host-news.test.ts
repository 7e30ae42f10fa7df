import { expect, test } from 'vitest';
import { serveHost, type HostSide, type WaitingDevice } from '../../../server/host-news.ts';
import type { HostState, MessageFromServer, MessageToServer } from '../../../server/wire/host.ts';
import { restingState } from '../../fakes/electron.ts';
import { createManualTime } from '../../fakes/manual-time.ts';

function begin(kind: 'utility' | 'none' = 'utility') {
  const time = createManualTime();
  const sent: MessageFromServer[] = [];
  const done: unknown[] = [];
  let state: HostState = restingState;
  let waiting: readonly WaitingDevice[] = [];
  let tell: (message: MessageToServer) => void = () => undefined;
  const side: HostSide = {
    state: () => state,
    waiting: () => waiting,
    pause(what, untilMs) {
      done.push(['pause', what, untilMs]);
      state = { ...state, pauses: { ...state.pauses, [what]: { untilMs, isDone: false } } };
    },
    resume: (what) => void done.push(['resume', what]),
    lookAtNetwork: () => void done.push('look'),
    ticketUrl: () => 'http://127.0.0.1:1/console/sign-in#t',
  };
  const host = { kind, send: (message: MessageFromServer) => void sent.push(message), onMessage };
  function onMessage(listener: (message: MessageToServer) => void): void {
    tell = listener;
  }
  const end = serveHost(host, side, time.timers);
  return {
    time,
    sent,
    done,
    end,
    tell: (message: MessageToServer) => tell(message),
    set: (next: Partial<HostState>) => void (state = { ...state, ...next }),
    setWaiting: (next: readonly WaitingDevice[]) => void (waiting = next),
  };
}

test('the host is told how the server is at once, and then only of changes', () => {
  const { sent, time, set } = begin();
  expect(sent).toEqual([{ v: 1, type: 'state', state: restingState }]);
  time.advance(5_000);
  expect(sent).toHaveLength(1);
  set({ active: 2 });
  time.advance(1_000);
  expect(sent[1]).toEqual({ v: 1, type: 'state', state: { ...restingState, active: 2 } });
});

test('a device that asks is told once, and once more when it is decided', () => {
  const { sent, time, setWaiting } = begin();
  const anna = { id: 'p1', device: 'Anna’s laptop', code: '42' };
  setWaiting([anna]);
  time.advance(2_000);
  setWaiting([anna, { ...anna, id: 'p2' }]);
  time.advance(1_000);
  setWaiting([{ ...anna, id: 'p2' }]);
  time.advance(3_000);
  expect(sent.slice(1)).toEqual([
    { v: 1, type: 'pairing', ...anna },
    { v: 1, type: 'pairing', ...anna, id: 'p2' },
    { v: 1, type: 'pairing-done', id: 'p1' },
  ]);
});

test('what the host wants is done, and its outcome told without waiting', () => {
  const { sent, done, tell } = begin();
  tell({ v: 1, type: 'pause', what: 'gpu', untilMs: 5_000 });
  tell({ v: 1, type: 'resume', what: 'all' });
  tell({ v: 1, type: 'net-changed' });
  tell({ v: 1, type: 'ticket', id: 'a' });
  tell({ v: 1, type: 'drain', ms: 0 });
  expect(done).toEqual([['pause', 'gpu', 5_000], ['resume', 'all'], 'look']);
  expect(sent.slice(1)).toEqual([
    {
      v: 1,
      type: 'state',
      state: { ...restingState, pauses: { gpu: { untilMs: 5_000, isDone: false }, all: null } },
    },
    { v: 1, type: 'ticket', id: 'a', url: 'http://127.0.0.1:1/console/sign-in#t' },
  ]);
});

test('a stopping server says so once, and does nothing more', () => {
  const { sent, done, end, tell, time, set } = begin();
  end();
  end();
  tell({ v: 1, type: 'net-changed' });
  set({ active: 3 });
  time.advance(10_000);
  expect(sent.slice(1)).toEqual([{ v: 1, type: 'state', state: { ...restingState, phase: 'stopping' } }]);
  expect([done, time.waiting()]).toEqual([[], []]);
});

test('started by hand it looks at nothing', () => {
  const { sent, time } = begin('none');
  expect([sent, time.waiting()]).toEqual([[], []]);
});
