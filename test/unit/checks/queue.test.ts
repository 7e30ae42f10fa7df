import { describe, expect, it } from 'vitest';
import { createFairQueue, type Applicant, type Turn } from '../../../server/routing/fair-queue.ts';
import { createManualTime } from '../../fakes/manual-time.ts';

const never = new AbortController().signal;

function applicant(keyId: string, isBackground = false): Applicant {
  return { keyId, weight: 1, isShort: false, promptCost: 10, isBackground };
}

describe('the server’s own requests in a queue', () => {
  it('have their turn only when nobody else waits, however long they have waited', async () => {
    const time = createManualTime();
    const queue = createFairQueue(time.clock);
    const order: string[] = [];
    const enter = async (keyId: string, isBackground = false): Promise<void> => {
      const turn: Turn = await queue.enter(1, applicant(keyId, isBackground), never);
      order.push(keyId);
      await Promise.resolve();
      turn.leave(true);
    };
    const running = await queue.enter(1, applicant('anna'), never);
    const all = [enter('check', true)];
    // Longer than any person would be made to wait.
    time.advance(600_000);
    all.push(enter('ben'), enter('carl'), enter('anna'));
    expect(
      queue
        .look()
        .waiting.map(({ keyId }) => keyId)
        .at(-1),
    ).toBe('check');
    running.leave(true);
    await Promise.all(all);
    expect(order.at(-1)).toBe('check');
    expect(order).toHaveLength(4);
  });

  it('tell nothing of how long an answer takes', async () => {
    const time = createManualTime();
    const queue = createFairQueue(time.clock);
    const own = await queue.enter(1, applicant('check', true), never);
    time.advance(100_000);
    own.leave(true);
    const running = await queue.enter(1, applicant('anna'), never);
    const waiting = queue.enter(1, applicant('ben'), never);
    expect(queue.look().waiting[0]?.estimateMs).toBe(null);
    running.leave(true);
    (await waiting).leave(true);
  });
});
