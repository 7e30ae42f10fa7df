import { z } from 'zod';

/** The owner's own requests from the console: the shapes of `/api/playground/chat`. */

/** As the log names the playground where it asks for itself; no key of anybody's has such an id. */
export const playgroundKeyId = 'playground';

/** What the log says is the program, also where it asks as a device: nobody shall think that the device has asked. */
export const playgroundClient = 'Inglenook-Playground';

export const playgroundQuery = z.strictObject({
  /** A key's name or id: what it may use and how much counts, and the request counts in its limits. */
  as: z.string().min(1).max(200).optional(),
  /** Whether engines outside the office may answer; a key's own setting counts where one is named. */
  mayLeave: z.enum(['true', 'false']).optional(),
});
export type PlaygroundQuery = z.infer<typeof playgroundQuery>;

/** Read by the chat dialect itself, which takes all that `POST /v1/chat/completions` does. */
export const playgroundRequest = z.looseObject({
  model: z.string(),
  messages: z.array(z.looseObject({ role: z.string() })),
  stream: z.boolean().optional(),
});

/** The answer in one piece; with `"stream": true` the same comes in `text/event-stream`, as on `/v1`. */
export const playgroundAnswer = z.looseObject({ id: z.string(), model: z.string() });
