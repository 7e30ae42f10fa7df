import { z } from 'zod';

/** What keys and teams may use. In requests what is left out stays as it is, and null lifts a limit. */

const isoTime = z.iso.datetime();
const count = z.number().int().min(1).max(1_000_000_000);

/** In the server's time zone; a week begins on Monday; `total` never begins anew. */
const period = z.enum(['day', 'week', 'month', 'total']);

const budget = z.strictObject({
  unit: z.enum(['tokens', 'money']),
  /** Tokens, or the office's currency (the setting money.currency). */
  amount: z.number().positive().max(1e12),
  period,
});
export type WireBudget = z.infer<typeof budget>;

export const limits = z.object({
  requestsPerMinute: z.number().int().nullable(),
  /** How many requests may come at once when none came before; null: those of a minute. */
  burst: z.number().int().nullable(),
  /** Prompt and answer together. */
  tokensPerMinute: z.number().int().nullable(),
  maxParallel: z.number().int().nullable(),
  budgets: z.array(budget),
});
export type WireLimits = z.infer<typeof limits>;

const setLimits = z.strictObject({
  requestsPerMinute: count.nullish(),
  burst: count.nullish(),
  tokensPerMinute: count.nullish(),
  maxParallel: count.nullish(),
  /** Replaces all of them. */
  budgets: z
    .array(budget)
    .max(8)
    .refine(
      (all) => new Set(all.map(({ unit, period: of }) => `${unit} ${of}`)).size === all.length,
      'Only one budget of each unit and period.',
    )
    .optional(),
});
export type SetLimits = z.infer<typeof setLimits>;

/** A single address or a CIDR range, of either kind. */
const addressRange = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
  message: 'An address like 192.168.1.20 or a range like 192.168.1.0/24.',
});

const shortText = z.string().trim().min(1).max(100);

/** The parts of a key that say what it may do. */
export const keyPolicy = z.object({
  labels: z.record(z.string(), z.string()),
  /** Where the key may be used from; null for everywhere. */
  ips: z.array(z.string()).nullable(),
  /** Whose turn it is when several wait; nobody is left out. */
  priority: z.enum(['low', 'normal', 'high']),
  /** Whether prompts and answers of this key are kept now. */
  trace: z.boolean(),
  /** Until when they are; null: not. */
  traceUntil: isoTime.nullable(),
  /** Whether its requests may go to upstreams outside the office. */
  mayLeave: z.boolean(),
  /** Whether it may be used from the internet, by the public name (the setting outside.name). */
  outside: z.boolean(),
  /** Whether its requests may say for whom they ask: for a program that many people share. */
  speaksForOthers: z.boolean(),
  /** Whether its answers may be kept and given again, while the response cache (the setting cache.enabled) is on. */
  cache: z.boolean(),
  limits,
  /** By the name of a model or alias: what this key may use of it, within its limits for all. */
  modelLimits: z.record(z.string(), limits),
});

export const setKeyPolicy = {
  labels: z
    .record(shortText, z.string().trim().max(200))
    .refine((labels) => Object.keys(labels).length <= 32, 'At most 32 labels.')
    .optional(),
  ips: z.array(addressRange).min(1).max(100).nullish(),
  priority: z.enum(['low', 'normal', 'high']).optional(),
  /** Keep prompts and answers, masked. True alone: until the time that is set already, else for 30 days. */
  trace: z.boolean().optional(),
  /** Until when, at most a year ahead; a time switches it on, null switches it off. */
  traceUntil: isoTime.nullish(),
  mayLeave: z.boolean().optional(),
  /** Needs requests per minute and an end within a year. */
  outside: z.boolean().optional(),
  speaksForOthers: z.boolean().optional(),
  cache: z.boolean().optional(),
  limits: setLimits.optional(),
  /** Null forgets the limits for that model. */
  modelLimits: z
    .record(z.string().min(1).max(200), setLimits.nullable())
    .refine((models) => Object.keys(models).length <= 100, 'At most 100 models.')
    .optional(),
};

// --- what was spent --------------------------------------------------------------------------------------

const spentInPeriod = z.object({
  tokens: z.number(),
  /** The office's currency. */
  money: z.number(),
  /** When it begins anew; null for never. */
  until: isoTime.nullable(),
});

const accountSpending = z.object({
  /** Null: all models together. */
  model: z.string().nullable(),
  limits,
  running: z.number().int(),
  /** Put aside for what runs now. */
  reserved: z.object({ tokens: z.number(), money: z.number() }),
  spent: z.object({
    day: spentInPeriod,
    week: spentInPeriod,
    month: spentInPeriod,
    total: spentInPeriod,
  }),
});
export type AccountSpending = z.infer<typeof accountSpending>;

/** `GET /api/keys/:key/spending`, `GET /api/teams/:team/spending` */
export const spending = z.object({ currency: z.string(), accounts: z.array(accountSpending) });
export type WireSpending = z.infer<typeof spending>;

/** `GET /api/spending`: of every key that holds and every team that limits are set for, in one answer. */
export const spendingOverview = z.object({
  currency: z.string(),
  keys: z.array(z.object({ id: z.string(), accounts: z.array(accountSpending) })),
  teams: z.array(z.object({ name: z.string(), accounts: z.array(accountSpending) })),
});
export type SpendingOverview = z.infer<typeof spendingOverview>;

// --- teams -----------------------------------------------------------------------------------------------

/** Limits that all keys of the team share, beside each key's own. */
export const teamRecord = z.object({
  name: z.string(),
  limits,
  pausedAt: isoTime.nullable(),
  createdAt: isoTime,
  /** How many keys that are not revoked name it. */
  keys: z.number().int(),
});
export type TeamRecord = z.infer<typeof teamRecord>;
export const teamList = z.array(teamRecord);

/** Ids of keys. */
const keyIds = z.array(z.string().min(1).max(100)).max(1000).optional();

/** `PUT /api/teams/:team`: makes the team if it is new. All of it is done, or nothing. */
export const setTeamRequest = z.strictObject({
  /** What it is called from now on; its keys, open invitations and what it has spent go with it. */
  name: shortText.optional(),
  /** Keys that are in it from now on … */
  join: keyIds,
  /** … and keys that are in no team from now on, where they were in this one. */
  leave: keyIds,
  limits: setLimits.optional(),
  paused: z.boolean().optional(),
});
export type SetTeamRequest = z.infer<typeof setTeamRequest>;

// --- prices ----------------------------------------------------------------------------------------------

const price = z.number().min(0).max(1_000_000);

/** Per million tokens, in the office's currency. */
export const priceRecord = z.object({
  /** A model's id; `*` is for every model without a price of its own. */
  model: z.string(),
  input: z.number(),
  output: z.number(),
  /** Nobody is paid: it is what the same would cost elsewhere. */
  notional: z.boolean(),
});
export type PriceRecord = z.infer<typeof priceRecord>;
export const priceList = z.array(priceRecord);

/** `PUT /api/prices/:model` */
export const setPriceRequest = z.strictObject({
  input: price,
  output: price,
  notional: z.boolean().default(true),
});
export type SetPriceRequest = z.infer<typeof setPriceRequest>;
