import { z } from 'zod';

/** The first run: what the office is called, how far its set-up is, and the model that is to answer for it. */

const longestName = 60;

/** What people see where they join. No control characters, and none that turn text around. */
export const officeNameText = z
  .string('a text')
  .trim()
  .min(1, 'a text that is not empty')
  .max(longestName, `a text of up to ${longestName} characters`)
  // Spelt out, since the admin API's description has it: few tools that read such patterns know classes of Unicode.
  // oxlint-disable-next-line no-control-regex
  .regex(/^[^\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]*$/u, 'a text without control characters');

/**
 * `new`: nobody has looked at the set-up yet, so the app’s own window opens with it · `begun`: Home shows what is left of
 * it · `done`: the owner has seen enough of it.
 */
export const setUpStage = z.enum(['new', 'begun', 'done'], 'new, begun or done');
export type SetUpStage = z.infer<typeof setUpStage>;

/** `GET /api/office-model`: the model that was downloaded to answer for the office in the starter model's place. */
export const officeModelState = z.object({
  /** What is waited for; null where nothing is. */
  waitingFor: z
    .object({
      uri: z.string(),
      /** Why it does not answer for the office yet, in a sentence; null while all goes as wished. */
      problem: z.string().nullable(),
    })
    .nullable(),
  /** What has happened, until the owner has seen it; null for nothing. */
  moved: z
    .object({
      /** Names that lead to the new model now. */
      names: z.array(z.string()),
      from: z.string(),
      to: z.string(),
      at: z.iso.datetime(),
    })
    .nullable(),
});
export type OfficeModelState = z.infer<typeof officeModelState>;
