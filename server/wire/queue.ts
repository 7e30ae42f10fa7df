import { z } from 'zod';

/** `GET /api/queue`: who waits for which model, in the order in which their turns are expected. */
export const queueList = z.array(
  z.object({
    engine: z.string(),
    /** Null where all models of the engine share its slots. */
    model: z.string().nullable(),
    /** Null where they are shared whatever is asked. */
    task: z.enum(['generate', 'embed', 'rerank']).nullable(),
    slots: z.number().int(),
    active: z.number().int(),
    waiting: z.array(
      z.object({
        place: z.number().int(),
        of: z.number().int(),
        /** How long it will probably wait from now; null before anything was measured. */
        estimateMs: z.number().nullable(),
        waitedMs: z.number(),
        /** The key's name; null where that is not known. */
        key: z.string().nullable(),
      }),
    ),
  }),
);
export type QueueList = z.infer<typeof queueList>;

/** `GET /api/left-office`: what was sent to engines outside the office. */
export const leftOfficeQuery = z.strictObject({ since: z.iso.datetime().optional() });
export const leftOfficeList = z.array(
  z.object({
    engine: z.string(),
    key: z.string().nullable(),
    requests: z.number().int(),
    promptTokens: z.number().int(),
    completionTokens: z.number().int(),
  }),
);
