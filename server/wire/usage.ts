import { z } from 'zod';
import { logRow } from './admin.ts';
import { failureKinds } from './failures.ts';

/** What was used, and the log in pages: the shapes of `/api/usage`, `/api/requests` and `/api/retention`. */

const isoTime = z.iso.datetime();
const name = z.string().max(200);

/** Which requests are meant; what is left out takes all. */
const filters = {
  /** A key's name or id, of a revoked key too. */
  key: name.optional(),
  person: name.optional(),
  team: name.optional(),
  /** What was asked for, or what served. */
  model: name.optional(),
  engine: name.optional(),
  status: z.enum(['ok', 'error', 'cancelled', 'refused']).optional(),
  /** Why it was not answered. */
  failure: z.enum(failureKinds).optional(),
  /** `name=value` of a label of the key. */
  label: z
    .string()
    .max(400)
    .regex(/^[^=]+=/, 'a label as name=value')
    .optional(),
  /** Whether it was sent to an engine outside the office. */
  leftOffice: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
};

export const usageDimensions = [
  'key',
  'person',
  'team',
  'model',
  'engine',
  'status',
  'leftOffice',
  'failure',
] as const;
export const usageSteps = ['hour', 'day', 'week', 'month'] as const;
export type UsageDimension = (typeof usageDimensions)[number];
const isKnownPart = (part: string): boolean =>
  [...usageDimensions, ...usageSteps].includes(part as UsageDimension);

/** `GET /api/usage`: sums of the log, split by nothing or by what `by` names. */
export const usageQuery = z.strictObject({
  ...filters,
  /** `person`, `day`, `person,model`, `day,key` …; at most one of hour, day, week, month. */
  by: z
    .string()
    .max(100)
    .default('')
    .transform((text) => text.split(',').filter((part) => part !== ''))
    .refine(
      (parts) => parts.every(isKnownPart),
      `one or more of ${[...usageDimensions, ...usageSteps].join(', ')}, separated by commas`,
    )
    .refine(
      (parts) => parts.filter((part) => usageSteps.includes(part as never)).length <= 1,
      'at most one of hour, day, week, month',
    ),
  /** From then on; default: everything there is. */
  from: isoTime.optional(),
  /** Before then. */
  to: isoTime.optional(),
  /** Where hours, days, weeks and months begin, by its name in the IANA database; default: the server's. */
  zone: z.string().max(64).optional(),
  /** `false`: percentiles and the most at once are null; where much is split, the answer comes much sooner. */
  percentiles: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .default(true),
  /** The rows with the most of this first; by time they are in its order. */
  order: z.enum(['requests', 'tokens', 'cost', 'errors']).default('tokens'),
  /** Only so many rows. */
  top: z.coerce.number().int().min(1).max(100_000).optional(),
  format: z.enum(['json', 'csv']).default('json'),
});
export type UsageQuery = z.infer<typeof usageQuery>;

/** Fields of what it is split by are there only where `by` names it. */
export const usageRow = z.object({
  /** A step's beginning on the zone's calendar: `2026-11-23 14:00`, `2026-11-23`, `2026-11`. */
  hour: z.string().optional(),
  day: z.string().optional(),
  week: z.string().optional(),
  month: z.string().optional(),
  /** The same as a moment. */
  start: isoTime.optional(),
  /** The key's present name, or its last. */
  key: z.string().nullable().optional(),
  keyId: z.string().nullable().optional(),
  person: z.string().nullable().optional(),
  team: z.string().nullable().optional(),
  /** What served, or was tried last; null where nothing was. */
  model: z.string().nullable().optional(),
  engine: z.string().nullable().optional(),
  status: z.enum(['ok', 'error', 'cancelled', 'refused']).optional(),
  /** The engine outside the office; null for what stayed. */
  leftOffice: z.string().nullable().optional(),
  /** Why they were not answered; null for answers, and for what was summed up before this was told apart. */
  failure: z.enum(failureKinds).nullable().optional(),
  requests: z.number().int(),
  ok: z.number().int(),
  errors: z.number().int(),
  cancelled: z.number().int(),
  refused: z.number().int(),
  promptTokens: z.number().int(),
  cachedTokens: z.number().int(),
  completionTokens: z.number().int(),
  /** Of `requests`: answered from the response cache. */
  cacheHits: z.number().int(),
  /** Of `promptTokens` and `completionTokens`: those of such answers. None was computed, costs anything, or counts in a limit. */
  cacheHitTokens: z.number().int(),
  /** In the office's currency. */
  cost: z.number(),
  /** From arrival to the first token, of those that had one; at most 5 % from the true percentile. */
  firstTokenMsP50: z.number().nullable(),
  firstTokenMsP95: z.number().nullable(),
  /** Of whole answers (status ok); at most 5 % from the true percentile. */
  totalMsP50: z.number().nullable(),
  totalMsP95: z.number().nullable(),
  /**
   * How fast whole answers were written after their first token: half of them at least so fast, and 19 of 20; those from
   * the response cache left out. At most 5 % from the true percentile.
   */
  tokensPerSecondP50: z.number().nullable(),
  tokensPerSecondP5: z.number().nullable(),
  /** Means, in milliseconds. */
  queueMs: z.number(),
  loadMs: z.number(),
  /** How many were being answered or waited on average, and at most when one of these came (null without percentiles). */
  meanAtOnce: z.number(),
  mostAtOnce: z.number().int().nullable(),
});
export type UsageRow = z.infer<typeof usageRow>;

export const usageAnswer = z.object({
  from: isoTime,
  to: isoTime,
  zone: z.string(),
  currency: z.string(),
  rows: z.array(usageRow),
  /** Requests without a valid key that came too fast to be logged one by one; in no row. */
  turnedAway: z.number().int(),
});
export type UsageAnswer = z.infer<typeof usageAnswer>;

/** A place in the log, as the page before gave it. */
const cursor = z
  .string()
  .regex(/^\d{1,16}\.\d{1,16}$/, 'a cursor as the page before gave it')
  .optional();

const requestFilters = {
  ...filters,
  /** For whom the client said it asks. */
  endUser: name.optional(),
  /** A part of the client's User-Agent, whatever its case. */
  client: name.optional(),
  since: isoTime.optional(),
  until: isoTime.optional(),
};

/** `GET /api/requests`: the log in pages, newest first. */
export const requestsQuery = z.strictObject({
  ...requestFilters,
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor,
});
export type RequestsQuery = z.infer<typeof requestsQuery>;

export const requestsPage = z.object({
  requests: z.array(logRow),
  /** For the next page; null after the last. A page may have fewer rows than asked for, even none, before the last. */
  next: z.string().nullable(),
});
export type RequestsPage = z.infer<typeof requestsPage>;

/** `GET /api/requests/count`: how many a file of them would have. */
export const countQuery = z.strictObject(requestFilters);
export type CountQuery = z.infer<typeof countQuery>;

export const requestsCount = z.object({
  count: z.number().int(),
  /** False: only the newest 200,000 were looked at, since each had to be; there may be more. */
  isWhole: z.boolean(),
});
export type RequestsCount = z.infer<typeof requestsCount>;

/** `GET /api/requests/export`: everything that fits, as a file. */
export const exportQuery = z.strictObject({
  ...requestFilters,
  format: z.enum(['json', 'csv']).default('csv'),
});
export type ExportQuery = z.infer<typeof exportQuery>;

// --- how long things are kept ------------------------------------------------------------------------------

export const retentionState = z.object({
  /** Days after which requests are removed one by one; null: never. Sums stay. */
  requestDays: z.number().int().nullable(),
  /** Days after which sums are removed; null: never. */
  usageDays: z.number().int().nullable(),
  purge: z.object({
    running: z.boolean(),
    /** Removed by the last one, or so far. */
    removedRequests: z.number().int(),
    removedSums: z.number().int(),
    endedAt: isoTime.nullable(),
    /** Why the last one ended early; null where it did not. */
    problem: z.string().nullable(),
  }),
  /** What the log takes on the disk, everything of the database included. */
  databaseBytes: z.number(),
});
export type RetentionState = z.infer<typeof retentionState>;

/** `POST /api/retention/purge`: removes for good what is older, beside what the settings remove by themselves. */
export const purgeRequest = z.strictObject({
  requestsBefore: isoTime.optional(),
  usageBefore: isoTime.optional(),
});
export type PurgeRequest = z.infer<typeof purgeRequest>;
