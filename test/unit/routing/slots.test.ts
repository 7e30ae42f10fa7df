import { describe, expect, test } from 'vitest';
import { createSlotQueue } from '../../../server/routing/slots.ts';

const never = new AbortController().signal;

describe('the queue before a model', () => {
  test('lets as many in as there are slots, the others in the order they came', async () => {
    const queue = createSlotQueue();
    const order: string[] = [];
    const enter = (name: string): Promise<() => void> =>
      queue.enter(2, never).then((leave) => {
        order.push(name);
        return leave;
      });
    const a = await enter('a');
    await enter('b');
    const c = enter('c');
    const d = enter('d');
    expect({ active: queue.active(), waiting: queue.waiting() }).toEqual({ active: 2, waiting: 2 });
    a();
    (await c)();
    await d;
    expect(order).toEqual(['a', 'b', 'c', 'd']);
    expect({ active: queue.active(), waiting: queue.waiting() }).toEqual({ active: 2, waiting: 0 });
  });

  test('who gives up leaves the place to the next', async () => {
    const queue = createSlotQueue();
    const leave = await queue.enter(1, never);
    const impatient = new AbortController();
    const givenUp = queue.enter(1, impatient.signal);
    const patient = queue.enter(1, never);
    impatient.abort(new Error('gone'));
    await expect(givenUp).rejects.toThrow('gone');
    leave();
    await patient;
    expect(queue.active()).toBe(1);
  });

  test('a slot given back twice counts once', async () => {
    const queue = createSlotQueue();
    const leave = await queue.enter(1, never);
    leave();
    leave();
    expect(queue.active()).toBe(0);
  });

  test('a queue nobody could wait out is refused with the time to come again', async () => {
    const queue = createSlotQueue();
    await queue.enter(1, never);
    for (let count = 0; count < 64; count += 1) void queue.enter(1, never);
    await expect(queue.enter(1, never)).rejects.toMatchObject({ status: 503, retryAfterSeconds: 60 });
  });
});
