import type { Timers } from '../../../core/clock.ts';
import type { Logger } from '../../../core/logger.ts';
import type { RamState } from './free-memory.ts';
import {
  planRoom,
  type MachineMemory,
  type RoomAnswer,
  type RoomQuestion,
  type Tenant,
} from './plan-room.ts';
import type { EngineMachine } from '../protocol.ts';

/** A model that may hold memory. */
export type RoomUser = {
  readonly key: string;
  /** Null while it is not loaded. */
  readonly tenant: () => Omit<Tenant, 'id'> | null;
  /** Of its memory, what the system counts as free although it is needed: pages of the model's file. */
  readonly mappedBytes: () => number;
  /** Resolves when its memory is free again. */
  readonly evict: () => Promise<void>;
};

export type Room = {
  /** Makes room by unloading idle models where that helps; measures anew after each. */
  readonly find: (wish: RoomWish) => Promise<Exclude<RoomAnswer, { kind: 'evict' }>>;
  /** Somebody has become idle or has gone, or whoever waits should look again. */
  readonly changed: () => void;
  /** Until the next change, but no longer than a few seconds: other programs give memory back, too. */
  readonly untilChange: () => Promise<void>;
};

export type RoomWish = Pick<RoomQuestion, 'needBytes' | 'isForced'> & {
  readonly key: string;
  readonly survey: () => Promise<EngineMachine>;
  readonly plans: (machine: EngineMachine) => RoomQuestion['plans'];
};

export type RoomOptions = {
  readonly users: () => readonly RoomUser[];
  readonly readRam: () => RamState;
  /** Told what was measured for a load. */
  readonly onSurvey?: (machine: EngineMachine) => void;
  readonly timers: Pick<Timers, 'after'>;
  readonly log: Logger;
};

const lookAgainMs = 5000;
/** Where the system does not tell what is free, so much of all memory is for us. */
const ourShare = 0.7;

/** The memory of this computer, as the models share it. */
export function createRoom({ users, readRam, onSurvey, timers, log }: RoomOptions): Room {
  let change = Promise.withResolvers<void>();

  function changed(): void {
    change.resolve();
    change = Promise.withResolvers();
  }

  return {
    changed,
    async find({ key, needBytes, survey, plans, isForced = false }) {
      for (;;) {
        const machine = await survey();
        onSurvey?.(machine);
        const others = users().filter((user) => user.key !== key);
        const tenants = others.flatMap((user) => {
          const tenant = user.tenant();
          return tenant === null ? [] : [{ id: user.key, ...tenant }];
        });
        const hiddenBytes = others.reduce((sum, user) => sum + user.mappedBytes(), 0);
        const memory = freeOf(readRam(), machine, { tenants, hiddenBytes });
        const answer = planRoom({ plans: plans(machine), needBytes, memory, tenants, isForced });
        if (answer.kind !== 'evict') return answer;
        log.info('An idle model is unloaded to make room for another.', { model: answer.id, for: key });
        await others.find((user) => user.key === answer.id)?.evict();
      }
    },
    async untilChange() {
      const { promise, resolve } = Promise.withResolvers<void>();
      const cancel = timers.after(lookAgainMs, resolve);
      await Promise.race([promise, change.promise]);
      cancel();
    },
  };
}

function freeOf(
  ram: RamState,
  { gpu }: EngineMachine,
  { tenants, hiddenBytes }: { readonly tenants: readonly Tenant[]; readonly hiddenBytes: number },
): MachineMemory {
  const [ramTaken, gpuTaken] = tenants.reduce(
    ([ramSum, gpuSum], { ramBytes, gpuBytes }) => [ramSum + ramBytes, gpuSum + gpuBytes],
    [0, 0],
  );
  const ramFreeBytes =
    ram.freeBytes === null ? ram.totalBytes * ourShare - ramTaken : ram.freeBytes - hiddenBytes;
  return {
    ramFreeBytes: Math.max(0, ramFreeBytes),
    ramTotalBytes: ram.totalBytes,
    // Some drivers count only what the asking process itself has taken.
    gpu: gpu === null ? null : { ...gpu, freeBytes: Math.min(gpu.freeBytes, gpu.totalBytes - gpuTaken) },
  };
}
