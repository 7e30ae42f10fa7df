import { expect, test } from 'vitest';
import { everySecond } from '../../../server/core/every-second.ts';
import { createManualTime } from '../../fakes/manual-time.ts';

test('however many look, one timer wakes them, and none when nobody looks any more', () => {
  const time = createManualTime();
  const seen: string[] = [];
  const stopFirst = everySecond(time.timers, () => void seen.push('first'));
  time.advance(1_500);
  const stopSecond = everySecond(time.timers, () => void seen.push('second'));
  expect(time.waiting()).toEqual([500]);
  time.advance(500);
  expect(seen).toEqual(['first', 'first', 'second']);
  stopFirst();
  stopFirst();
  time.advance(1_000);
  expect(seen.slice(3)).toEqual(['second']);
  stopSecond();
  expect(time.waiting()).toEqual([]);
});

test('who comes after the last has gone begins a second of its own', () => {
  const time = createManualTime();
  everySecond(time.timers, () => {})();
  time.advance(300);
  let looks = 0;
  const stop = everySecond(time.timers, () => void (looks += 1));
  time.advance(999);
  expect(looks).toBe(0);
  time.advance(1);
  expect(looks).toBe(1);
  stop();
});

test('who leaves in the middle of a look is not called by it', () => {
  const time = createManualTime();
  let called = 0;
  const stops: (() => void)[] = [];
  const leaveAll = (): void => {
    called += 1;
    for (const stop of stops) stop();
  };
  stops.push(
    everySecond(time.timers, () => leaveAll()),
    everySecond(time.timers, () => leaveAll()),
  );
  time.advance(3_000);
  expect(called).toBe(1);
  expect(time.waiting()).toEqual([]);
});
