import { z } from 'zod';

/** The stored responses of a key: how many, never what is in them, which the server itself cannot read. */
export const keptResponses = z.object({
  key: z.string(),
  keyId: z.string(),
  count: z.number(),
  bytes: z.number(),
  oldestAt: z.string(),
});
export type KeptResponsesRecord = z.infer<typeof keptResponses>;
export const keptResponsesList = z.array(keptResponses);

/** The answer to forgetting them. */
export const forgottenResponses = z.object({ forgotten: z.number() });
export type ForgottenResponses = z.infer<typeof forgottenResponses>;
