import type { Task } from '../core/ask.ts';
import type { Clock } from '../core/clock.ts';
import type { ReadyModel } from '../core/engine.ts';
import { createFairQueue, type FairQueue, type QueueView } from './fair-queue.ts';

/** Whom a request goes to, and what shares its slots (`ReadyModel`). */
export type Asked = {
  readonly engine: string;
  readonly model: string;
  readonly task: Task;
  readonly slotsAreFor: ReadyModel['slotsAreFor'] | undefined;
};

/** `model` and `task` are null where the queue is for all of them. */
type Known = {
  readonly engine: string;
  readonly model: string | null;
  readonly task: Task | null;
  readonly queue: FairQueue;
};

/** One queue for all who share slots, made when it is first asked for. */
type Queues = {
  readonly of: (asked: Asked) => FairQueue;
  /** Holds the queues of the engine's other models, those that are made meanwhile too. */
  readonly holdOthers: (engine: string, model: string) => () => void;
  readonly waiting: () => number;
  readonly active: () => number;
  readonly look: () => readonly (QueueView & Omit<Known, 'queue'>)[];
};

type Hold = { readonly engine: string; readonly model: string; readonly releases: (() => void)[] };

export function createQueues(clock: Clock): Queues {
  const all = new Map<string, Known>();
  const holds = new Set<Hold>();
  // Where all models share the slots there is nobody else to hold.
  const isMeant = (hold: Hold, known: Known): boolean =>
    hold.engine === known.engine && known.model !== null && hold.model !== known.model;
  const sum = (count: (queue: FairQueue) => number): number =>
    [...all.values()].reduce((total, { queue }) => total + count(queue), 0);

  return {
    of(asked) {
      const { engine, slotsAreFor } = asked;
      const model = slotsAreFor === 'engine' ? null : asked.model;
      const task = slotsAreFor === undefined ? asked.task : null;
      // No name holds the character between them.
      const name = `${task ?? ''}\u0000${engine}\u0000${model ?? ''}`;
      const found = all.get(name);
      if (found !== undefined) return found.queue;
      const known: Known = { engine, model, task, queue: createFairQueue(clock) };
      all.set(name, known);
      for (const hold of holds) if (isMeant(hold, known)) hold.releases.push(known.queue.hold());
      return known.queue;
    },
    holdOthers(engine, model) {
      const hold: Hold = { engine, model, releases: [] };
      for (const known of all.values()) if (isMeant(hold, known)) hold.releases.push(known.queue.hold());
      holds.add(hold);
      return () => {
        holds.delete(hold);
        for (const release of hold.releases) release();
      };
    },
    waiting: () => sum((queue) => queue.waiting()),
    active: () => sum((queue) => queue.active()),
    look: () => [...all.values()].map(({ queue, ...about }) => ({ ...about, ...queue.look() })),
  };
}
