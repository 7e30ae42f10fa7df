import { z } from 'zod';
import { checkBadge } from './checks.ts';
import { connectGuide } from './connect.ts';
import { trustFacts } from './https.ts';

/** The teammate's own page: what a key's owner is told of it, and of nobody else. Asked with the key itself. */

const isoTime = z.iso.datetime();
const count = z.number().int();

const usedSince = z.object({
  /** When the day or month began, on the server's calendar. */
  from: isoTime,
  requests: count,
  /** Of `requests`: turned away, for instance by a limit; and those that went wrong. */
  refused: count,
  errors: count,
  promptTokens: count,
  completionTokens: count,
  /** In the office's currency; 0 where nothing has a price. */
  cost: z.number(),
});

/** `left` is null for what is shared with others: how much of it they have used is theirs. */
const perMinute = z.object({ limit: count, left: count.nullable() }).nullable();

const budgetLeft = z.object({
  unit: z.enum(['tokens', 'money']),
  amount: z.number(),
  period: z.enum(['day', 'week', 'month', 'total']),
  /** What is neither used nor put aside for what runs; null as above. */
  left: z.number().nullable(),
  isUsedUp: z.boolean(),
  /** When it begins anew; null for never. */
  until: isoTime.nullable(),
});

const ownLimits = z.object({
  /** `team`: shared with all keys of the team. */
  whose: z.enum(['key', 'team']),
  /** What it is for alone; null: for all models together. */
  model: z.string().nullable(),
  requestsPerMinute: perMinute,
  tokensPerMinute: perMinute,
  /** Requests at the same time. */
  atOnce: perMinute,
  budgets: z.array(budgetLeft),
});
export type OwnLimits = z.infer<typeof ownLimits>;

const usableModel = z.object({
  /** The name to ask for: a model's or an alias. */
  id: z.string(),
  isAlias: z.boolean(),
  task: z.enum(['generate', 'embed', 'rerank']),
  state: z.enum(['off', 'loading', 'ready', 'busy']),
  contextTokens: count.nullable(),
  /** Good for testing only. */
  isTestModel: z.boolean(),
  /** Before its slots, whoever it is; null where nobody has asked since the start. */
  queue: z.object({ slots: count, active: count, waiting: count }).nullable(),
  badges: z.array(checkBadge),
});
export type UsableModel = z.infer<typeof usableModel>;

const ownTurn = z.object({
  /** What serves it; null where several models share the slots. */
  model: z.string().nullable(),
  place: count,
  of: count,
  /** How long it will probably wait from now; null before anything was measured. */
  estimateMs: z.number().nullable(),
  waitedMs: z.number(),
});

/** `GET /me/state` */
export const meState = z.object({
  /** “Inglenook on desk-1” */
  office: z.string(),
  /** Whom to ask, in the owner's words (the setting office.contact). */
  contact: z.string().nullable(),
  /** When all this was so, by the server's clock. */
  at: isoTime,
  timeZone: z.string(),
  currency: z.string(),
  key: z.object({
    name: z.string(),
    /** Its beginning and end, to be told from others. */
    hint: z.string(),
    person: z.string().nullable(),
    team: z.string().nullable(),
    device: z.string().nullable(),
    role: z.enum(['inference', 'ops']),
    expiresAt: isoTime.nullable(),
    /** Where the key has been given another text: until when this one works; null: it is the present one. */
    replacedUntil: isoTime.nullable(),
    /** Whether it may be used from the internet. */
    outside: z.boolean(),
  }),
  usage: z.object({ today: usedSince, month: usedSince }),
  /** Those that hold anything back; an empty list: no limits. */
  limits: z.array(ownLimits),
  models: z.array(usableModel),
  /** What a chat asks for where nobody has chosen; null where the key may use no model for chat. */
  chatModel: z.string().nullable(),
  /** Of this key's requests: those that are answered or wait, and how the waiting ones stand. */
  running: count,
  waiting: z.array(ownTurn),
  prompts: z.object({
    /** Null: they are not kept. */
    kept: z
      .object({
        why: z.enum(['key', 'office']),
        /** Null: as long as the office's policy says so. */
        until: isoTime.nullable(),
        keepDays: count,
        /** The owner's own sentence. */
        notice: z.string().nullable(),
        /** Other servers that they are sent to, by their hosts. */
        sentTo: z.array(z.string()),
      })
      .nullable(),
    /** Whether questions may go to a model outside the office, and there is one. */
    mayLeave: z.boolean(),
    /** For how long responses are kept that a tool asks to be stored; 0: not at all. */
    storedHours: z.number(),
  }),
});
export type MeState = z.infer<typeof meState>;

/** `GET /me/guides`: the settings of the tools with the address and names, a placeholder standing for the key. */
export const meGuides = z.object({
  baseUrl: z.string(),
  /** Stands in the snippets for the key's text. */
  placeholder: z.string(),
  chatModel: z.string(),
  plain: z.boolean(),
  /** What the device needs before its tools trust us; null where they do, and over plain http. */
  trust: trustFacts.nullable(),
  isTestModel: z.boolean(),
  contextTokens: z.number().nullable(),
  guides: z.array(connectGuide),
});
export type MeGuides = z.infer<typeof meGuides>;
