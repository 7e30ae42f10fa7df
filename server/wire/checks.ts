import { z } from 'zod';

/** The compatibility check of a model: what was tried, what came of it, and which tools it is good for. */

/** As the log names what the server asks for itself; no key of anybody's has such an id. */
export const checkKeyId = 'check';

/** What is tried, in this order. Each is one of the ways in which tools speak to us. */
const checkPoints = [
  'text',
  'tools',
  'tools-stream',
  'tools-parallel',
  'json-schema',
  'responses',
  'responses-tools',
  'messages',
  'messages-tools',
  'embeddings',
  'fill-middle',
  'long-context',
] as const;
export const checkPoint = z.enum(checkPoints);
export type CheckPoint = z.infer<typeof checkPoint>;

/**
 * `failed`: it was answered, and not as tools need it. `not-supported`: the model, or the server it runs on, does not do
 * this and says so. `skipped`: it was not tried, or could not be tried to the end.
 */
export const verdictState = z.enum(['ok', 'failed', 'not-supported', 'skipped']);
export type VerdictState = z.infer<typeof verdictState>;

/** What the sentence is made of, for who says it in another language. */
const values = z.record(z.string(), z.union([z.string(), z.number()]));

const verdictCodes = [
  'ok',
  'context-held',
  'malformed',
  'refused',
  'error',
  'broken',
  'timeout',
  'no-call',
  'one-call',
  'made-for-embed',
  'made-for-rerank',
  'second-copy',
  'busy',
  'later',
  'context-unknown',
  'context-paid',
  'context-slow',
  'context-cut',
  'context-refused',
] as const;
export const verdictCode = z.enum(verdictCodes);
export type VerdictCode = z.infer<typeof verdictCode>;

export const checkVerdict = z.object({
  point: checkPoint,
  state: verdictState,
  code: verdictCode,
  values,
  /** Why, in English. */
  sentence: z.string(),
  tookMs: z.number(),
});
export type CheckVerdict = z.infer<typeof checkVerdict>;

/** `fails`: the tool cannot be used with it. `limited`: it can, without something. `unknown`: that was not found out. */
export const badgeState = z.enum(['works', 'limited', 'fails', 'unknown']);
export type BadgeState = z.infer<typeof badgeState>;

const badgeReasonCodes = [
  'context',
  'point-failed',
  'point-not-supported',
  'point-untested',
  'context-untested',
  'context-unknown',
  'slots',
  'test-model',
  'own-cloud',
] as const;

export const badgeReason = z.object({
  code: z.enum(badgeReasonCodes),
  /** `point` of those that speak of one; `needs` and `has` of those that count. */
  values,
  sentence: z.string(),
});
export type BadgeReason = z.infer<typeof badgeReason>;

export const checkBadge = z.object({
  /** As the Connect page calls it. */
  client: z.string(),
  /** The tool's own name; never translated. */
  title: z.string(),
  /** Which part of the tool is meant, where it uses several models. */
  part: z.enum(['autocomplete', 'embeddings']).nullable(),
  state: badgeState,
  reasons: z.array(badgeReason),
  /** In English, with the tool's name. */
  sentence: z.string(),
});
export type CheckBadge = z.infer<typeof checkBadge>;

/** What was another when the model was checked. */
export const checkChange = z.enum(['engine', 'model', 'settings', 'checks']);
export type CheckChange = z.infer<typeof checkChange>;

export const modelCheck = z.object({
  model: z.string(),
  engine: z.string(),
  /** `stale`: something has changed since, see `changed`. */
  state: z.enum(['none', 'fresh', 'stale']),
  changed: z.array(checkChange),
  /** The check that waits or runs; null for none. */
  run: z
    .object({
      state: z.enum(['waiting', 'running']),
      /** Who wanted it: the owner, or the server itself after a change. */
      by: z.enum(['owner', 'change']),
      /** What is tried just now. */
      point: checkPoint.nullable(),
      of: z.number(),
      verdicts: z.array(checkVerdict),
    })
    .nullable(),
  /** Why the last one could not be made; null where it could. */
  problem: z.string().nullable(),
  checkedAt: z.iso.datetime().nullable(),
  tookMs: z.number().nullable(),
  engineVersion: z.string().nullable(),
  /** Longest conversation and people at once, as they were when it was checked. */
  contextTokens: z.number().nullable(),
  slots: z.number().nullable(),
  verdicts: z.array(checkVerdict),
  /** By the last check, and by the sizes of now. */
  badges: z.array(checkBadge),
});
export type ModelCheck = z.infer<typeof modelCheck>;

export const modelCheckList = z.array(modelCheck);
