import { describe, expect, it } from 'vitest';
import { backOffMs } from '../../../server/engines/builtin/life/back-off.ts';
import { createWatchdog } from '../../../server/engines/builtin/life/watchdog.ts';
import { createManualTime } from '../../fakes/manual-time.ts';

const second = 1000;

function start() {
  const time = createManualTime();
  const hung: number[] = [];
  const dog = createWatchdog({ ...time, onHung: (silentMs) => hung.push(silentMs) });
  return { time, hung, dog };
}

describe('watchdog', () => {
  it('counts a minute of silence while there is work, and only then', () => {
    const { time, hung, dog } = start();
    time.advance(600 * second);
    dog.setBusy(true);
    time.advance(59 * second);
    expect(hung).toEqual([]);
    time.advance(second);
    expect(hung).toEqual([60 * second]);
    time.advance(600 * second);
    expect(hung).toHaveLength(1);
  });

  it('begins anew with every sign of life, and notices silence no later than a minute after the last', () => {
    const { time, hung, dog } = start();
    dog.setBusy(true);
    for (let ticks = 0; ticks < 100; ticks += 1) {
      time.advance(30 * second);
      dog.sign();
    }
    expect(hung).toEqual([]);
    time.advance(60 * second);
    expect(hung).toEqual([60 * second]);
  });

  it('lets a long piece of a prompt take its time, by the pace that was measured', () => {
    const { time, hung, dog } = start();
    dog.setBusy(true);
    dog.tickBegan(512);
    // Not measured yet: half a second for each token.
    time.advance(300 * second);
    expect(hung).toEqual([]);
    dog.sign();
    dog.tickBegan(100);
    // 300 s for 512 tokens, five times over: 293 s for 100, and the minute.
    time.advance(350 * second);
    expect(hung).toEqual([]);
    time.advance(10 * second);
    expect(hung).toHaveLength(1);
  });

  it('has the usual patience again after a long piece', () => {
    const { time, hung, dog } = start();
    dog.setBusy(true);
    dog.tickBegan(1000);
    time.advance(50 * second);
    dog.sign();
    time.advance(60 * second);
    expect(hung).toEqual([60 * second]);
  });

  it('does not blame the engine for the time the computer has slept', () => {
    const time = createManualTime();
    const hung: number[] = [];
    let sleptMs = 0;
    const dog = createWatchdog({
      clock: { monotonicMs: () => time.clock.monotonicMs() + sleptMs },
      timers: time.timers,
      onHung: (silentMs) => hung.push(silentMs),
    });
    dog.setBusy(true);
    time.advance(30 * second);
    sleptMs = 8 * 3600 * second;
    time.advance(30 * second);
    expect(hung).toEqual([]);
    time.advance(60 * second);
    expect(hung).toHaveLength(1);
  });

  it('is silent after it was stopped', () => {
    const { time, hung, dog } = start();
    dog.setBusy(true);
    dog.stop();
    time.advance(600 * second);
    expect(hung).toEqual([]);
    expect(time.waiting()).toEqual([]);
  });
});

it('pauses after crashes grow from one second to thirty', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 100].map(backOffMs)).toEqual([
    0, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000,
  ]);
});
