import { z } from 'zod';

/** What the office saves: `/api/savings`, its settings, and the cloud's price list. Every amount is an estimate. */

const money = z.number();
const band = z.object({ best: z.number(), likely: z.number(), worst: z.number() });
const count = z.number().int();

const day = z.iso.date();
const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'a month such as 2026-11');

// --- the price list ----------------------------------------------------------------------------------------

const price = z
  .number('a price, such as 0.15')
  .min(0, 'a price from 0 on')
  .max(1_000_000, 'a price up to 1000000');
const words = (most: number) => z.string().trim().min(1, 'not empty').max(most, `at most ${most} characters`);

const cloudPrice = z
  .strictObject({
    id: z.string().regex(/^[\w.:/-]{1,100}$/, 'an id of letters, digits and . _ : / -'),
    name: words(100),
    provider: words(100),
    kind: z.enum(['chat', 'embeddings'], 'chat or embeddings'),
    /** US dollars per million tokens. */
    input: price,
    /** For what of a prompt the cloud had read before; null where it is not known. */
    cachedInput: price.nullable(),
    output: price,
    /** The month of which the price is known. */
    date: month,
    /** Where it was looked up. */
    source: words(300),
  })
  .refine(({ input, cachedInput }) => (cachedInput ?? 0) <= input, {
    path: ['cachedInput'],
    message: 'not more than input',
  });

export const cloudPriceList = z.strictObject({
  about: z.string().max(2000, 'at most 2000 characters').default(''),
  currency: z.literal('USD', 'USD; the exchange rate is a setting of the savings'),
  prices: z
    .array(cloudPrice)
    .min(1, 'at least one price')
    .max(500, 'at most 500 prices')
    .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, 'each id only once'),
});
export type CloudPriceList = z.infer<typeof cloudPriceList>;

/** `GET /api/cloud-prices` */
export const cloudPricesAnswer = z.object({
  ...cloudPriceList.shape,
  /** `own`: the file cloud-prices.json in the data folder; `bundled`: the one that comes with the program. */
  from: z.enum(['own', 'bundled']),
  /** Why the owner's own file is not used, in a sentence; null where there is none or nothing is wrong with it. */
  problem: z.string().nullable(),
});
export type CloudPricesAnswer = z.infer<typeof cloudPricesAnswer>;

// --- settings ----------------------------------------------------------------------------------------------

type Order = 'rising' | 'falling';

/** One number where it is known, or one for each case. `rising`: the worst case is the most. */
const setBand = ({ least, most, order }: { least: number; most: number; order: Order }) => {
  const number = z.number(`a number from ${least} to ${most}`).min(least).max(most);
  const inOrder = (low: number, middle: number, high: number): boolean => low <= middle && middle <= high;
  return z.union([
    number.transform((value) => ({ best: value, likely: value, worst: value })),
    z
      .strictObject({ best: number, likely: number, worst: number })
      .refine(
        ({ best, likely, worst }) =>
          order === 'rising' ? inOrder(best, likely, worst) : inOrder(worst, likely, best),
        order === 'rising' ? 'best up to likely up to worst' : 'worst up to likely up to best',
      ),
  ]);
};

const watts = setBand({ least: 0, most: 100_000, order: 'rising' });
const hardware = z.enum(['unknown', 'laptop', 'small', 'desktop', 'workstation', 'server']);
const cloudId = z.string().min(1).max(100);
const compareWith = {
  /** For every local model without one of its own, by an id of the price list. */
  default: cloudId,
  embeddings: cloudId,
  models: z
    .record(z.string().min(1).max(200), cloudId.nullable())
    .refine((models) => Object.keys(models).length <= 500, 'at most 500 models'),
};
const exchangeRate = z.strictObject({
  /** What one US dollar costs in the office's currency. */
  perUsd: z.number().min(0.000_1).max(1_000_000),
  asOf: day,
});
const computer = z.strictObject({
  /** In the office's currency. */
  price: z.number().positive().max(1e9),
  boughtOn: day,
  lifeYears: z.number().min(0.5).max(30).default(4),
});

/** `PUT /api/savings/settings`: what is left out stays as it is, null takes our number. */
export const setSavingsRequest = z.strictObject({
  compareWith: z
    .strictObject({
      default: cloudId.optional(),
      embeddings: cloudId.optional(),
      /** Replaces all of them; null: that model saves nothing. */
      models: compareWith.models.optional(),
    })
    .optional(),
  tokenRatio: setBand({ least: 0.1, most: 10, order: 'falling' }).nullish(),
  exchangeRate: exchangeRate.nullish(),
  pricePerKwh: setBand({ least: 0, most: 1_000_000, order: 'rising' }).nullish(),
  hardware: hardware.optional(),
  watts: z
    .strictObject({ answering: watts, idle: watts, isMeasured: z.boolean().default(false) })
    .refine(
      ({ answering, idle }) =>
        (['best', 'likely', 'worst'] as const).every((name) => answering[name] >= idle[name]),
      'answering takes at least as much as idle',
    )
    .nullish(),
  hoursOnPerDay: setBand({ least: 0, most: 24, order: 'rising' }).nullish(),
  computer: computer.nullish(),
});
export type SetSavingsRequest = z.infer<typeof setSavingsRequest>;

export const savingsSettings = z.object({
  /** Which currency the rate, the price of electricity and of the computer were typed for. */
  currency: z.string().nullable(),
  compareWith: z.object(compareWith),
  tokenRatio: band.nullable(),
  exchangeRate: exchangeRate.nullable(),
  pricePerKwh: band.nullable(),
  hardware,
  watts: z.object({ answering: band, idle: band, isMeasured: z.boolean() }).nullable(),
  hoursOnPerDay: band.nullable(),
  computer: computer.nullable(),
});

// --- the estimate ------------------------------------------------------------------------------------------

const savingsGroups = ['month', 'person', 'team', 'model'] as const;

/** A moment, a day or a month, the last two as the zone's calendar begins them. */
const begin = z.union(
  [z.iso.datetime(), day, month],
  'a month (2026-11), a day (2026-11-23) or a time in UTC',
);

/** `GET /api/savings` */
export const savingsQuery = z.strictObject({
  by: z.enum(savingsGroups).default('month'),
  /** From then on, to the quarter-hour; default: everything there is. */
  from: begin.optional(),
  /** Before then; default: now. */
  to: begin.optional(),
  /** Where months begin, by its name in the IANA database; default: the server's. */
  zone: z.string().max(64).optional(),
});
export type SavingsQuery = z.infer<typeof savingsQuery>;

const tokens = {
  requests: count,
  promptTokens: count,
  cachedTokens: count,
  completionTokens: count,
};

const amounts = {
  /** What the same tokens would have cost in the cloud. */
  cloud: band,
  electricity: band,
  /** `cloud` less `electricity`; less than 0 where it would have been cheaper elsewhere. */
  saved: band,
};

const savingsRow = z.object({
  /** The month, or the name of the person, team or model; null for requests of nobody or none. */
  group: z.string().nullable(),
  ...tokens,
  ...amounts,
  /** Ids of the price list that it was reckoned by. */
  comparedWith: z.array(z.string()),
});

const paidOff = z.object({
  state: z.enum(['paid', 'expected', 'not-at-this-pace', 'too-early']),
  month: month.nullable(),
  /** Since it was bought. */
  saved: money,
});

export const savingsAnswer = z.object({
  /** Says so wherever it goes. */
  isEstimate: z.literal(true),
  by: z.enum(savingsGroups),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  zone: z.string(),
  /** What all amounts are in: the office's currency, or US dollars until an exchange rate is set. */
  currency: z.string(),
  rows: z.array(savingsRow),
  total: z.object({ ...tokens, ...amounts }),
  /** In no amount. */
  leftOut: z.object({
    outside: z.object(tokens),
    failed: z.object(tokens),
    /** Answered from the response cache: a cloud's answer could have been kept just as well. */
    kept: z.object(tokens),
    withoutPrice: z.object({ ...tokens, models: z.array(z.string()) }),
  }),
  /** Over everything there is, whatever time was asked for; null until the computer's price is set. */
  computer: z
    .object({
      ...computer.shape,
      best: paidOff,
      likely: paidOff,
      worst: paidOff,
    })
    .nullable(),
  assumptions: z.array(
    z.object({
      id: z.string(),
      value: z.union([z.string(), z.number(), band, z.null()]),
      unit: z.string().nullable(),
      source: z.enum(['usual', 'owner', 'measured', 'price-list', 'log', 'method']),
      asOf: z.string().nullable(),
      effect: z.string(),
    }),
  ),
  /** What the owner should look at: no exchange rate, a broken price list … */
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
});
export type SavingsAnswer = z.infer<typeof savingsAnswer>;
