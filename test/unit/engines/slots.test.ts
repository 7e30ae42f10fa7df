import { describe, expect, it } from 'vitest';
import {
  chooseSlot,
  commonPrefix,
  type IdleSlot,
} from '../../../server/engines/builtin/ticks/choose-slot.ts';
import { planSlots } from '../../../server/engines/builtin/life/plan-slots.ts';
import { sharePrefill } from '../../../server/engines/builtin/ticks/prefill-share.ts';
import { completeSampling } from '../../../server/engines/builtin/ticks/sampling.ts';
import { createTickPace } from '../../../server/engines/builtin/ticks/tick-pace.ts';

const slot = (index: number, held: number, keepable: number, lastUsed = 0): IdleSlot => ({
  index,
  held,
  keepable,
  lastUsed,
});

describe('choice of a slot', () => {
  it('takes the longest common beginning where it is worth it', () => {
    expect(chooseSlot([slot(0, 0, 0), slot(1, 500, 200), slot(2, 900, 700)], 1000)).toBe(2);
  });

  it('does not give up a long conversation for a shared greeting', () => {
    expect(chooseSlot([slot(0, 3000, 30), slot(1, 0, 0)], 1000)).toBe(1);
  });

  it('takes the one unused for longest when none is empty', () => {
    expect(chooseSlot([slot(0, 3000, 30, 7), slot(1, 2000, 0, 3)], 1000)).toBe(1);
  });

  it('has none when all are busy', () => {
    expect(chooseSlot([], 10)).toBeNull();
  });

  it('counts equal tokens from the start only', () => {
    expect([commonPrefix([1, 2, 3], [1, 2, 4, 3]), commonPrefix([], [1]), commonPrefix([5], [5])]).toEqual([
      2, 0, 1,
    ]);
  });
});

describe('share of the reading', () => {
  const readers = [
    { index: 0, remaining: 6000, order: 1 },
    { index: 1, remaining: 3000, order: 2 },
    { index: 2, remaining: 30, order: 3 },
  ];

  it('gives everybody the same, and what is left over to the others', () => {
    expect(Object.fromEntries(sharePrefill(readers, 512, false))).toEqual({ 0: 241, 1: 241, 2: 30 });
  });

  it('reads the oldest and the shortest beside running streams', () => {
    expect(Object.fromEntries(sharePrefill(readers, 40, true))).toEqual({ 0: 20, 2: 20 });
  });

  it('never gives more than the budget', () => {
    const total = [...sharePrefill(readers, 2, false).values()].reduce((sum, share) => sum + share, 0);
    expect(total).toBe(2);
  });
});

describe('pace of the reading', () => {
  it('takes the whole batch when nobody is being answered', () => {
    expect(createTickPace(512).prefillBudget(0, 1)).toBe(512);
  });

  it('makes a tick that also reads twice as long as a quiet one', () => {
    const pace = createTickPace(512);
    for (let tick = 0; tick < 20; tick += 1) {
      pace.note({ ms: 40, streams: 2, prefill: 0 });
      pace.note({ ms: 100, streams: 2, prefill: 30 });
    }
    expect(pace.prefillBudget(2, 1)).toBe(20);
    // Six who wait for their first word beside two who are being answered.
    expect(pace.prefillBudget(2, 6)).toBe(60);
  });
});

describe('plan of the slots', () => {
  it('keeps what was asked for', () => {
    expect(
      planSlots({ slots: 8, contextTokens: 4096, trainTokens: 8192, modelBytes: 98e6, hasGpu: false }),
    ).toEqual([{ slots: 8, leastTokens: 4096, mostTokens: 4096 }]);
  });

  it('offers fewer slots before shorter conversations, and none longer than the model was trained for', () => {
    expect(
      planSlots({ slots: null, contextTokens: null, trainTokens: 131_072, modelBytes: 9e9, hasGpu: true }),
    ).toEqual([4, 2, 1].map((slots) => ({ slots, leastTokens: 4096, mostTokens: 16_384 })));
    expect(
      planSlots({ slots: null, contextTokens: null, trainTokens: 2048, modelBytes: 9e9, hasGpu: false }),
    ).toEqual([2, 1].map((slots) => ({ slots, leastTokens: 2048, mostTokens: 2048 })));
  });
});

describe('sampling options', () => {
  const nothing = {
    temperature: null,
    topP: null,
    topK: null,
    minP: null,
    presencePenalty: null,
    frequencyPenalty: null,
    seed: null,
    logitBias: {},
  };

  it('are OpenAI’s where the client did not ask, with another seed every time', () => {
    const seeds = new Set(Array.from({ length: 20 }, () => completeSampling(nothing, 100).seed));
    expect(seeds.size).toBeGreaterThan(15);
    expect(completeSampling({ ...nothing, seed: 7 }, 100)).toEqual({
      temperature: 1,
      topP: 1,
      topK: 40,
      minP: 0,
      presencePenalty: 0,
      frequencyPenalty: 0,
      seed: 7,
      logitBias: {},
    });
  });

  it('refuse a token that the model does not have', () => {
    expect(() => completeSampling({ ...nothing, logitBias: { 100: 1 } }, 100)).toThrow(/0 to 99/);
  });
});
