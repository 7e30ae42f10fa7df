import { z } from 'zod';

/** `GET /api/machine`: the memory of this computer as it is now. All bytes. */
export const machineState = z.object({
  /** `totalBytes` is null where the system does not tell. */
  memory: z.object({ totalBytes: z.number().nullable(), freeBytes: z.number() }),
  /** Of all graphics cards that the engine uses together; null without one. */
  gpu: z
    .object({
      totalBytes: z.number().nullable(),
      freeBytes: z.number(),
      /** Whether it is the same memory as the processor's. */
      isShared: z.boolean(),
    })
    .nullable(),
});
export type MachineState = z.infer<typeof machineState>;

/** `GET /api/internet`: whether models can be fetched, by asking where they come from; at most two seconds. */
export const internetState = z.object({
  /** `never`: the owner has said so, and nothing was asked. */
  state: z.enum(['reachable', 'unreachable', 'never']),
  /** Who was asked, or would have been. */
  source: z.string(),
  /** It was started so, and cannot be let go online from here. */
  isForced: z.boolean(),
});
export type InternetState = z.infer<typeof internetState>;
