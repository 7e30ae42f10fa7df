import { invalidRequest } from '../core/errors.ts';
import { isTimeZone, midnightOf } from '../core/local-time.ts';
import { assumptionsOf } from '../core/savings/assumptions.ts';
import { estimateSavings, type Amounts, type EstimateOptions } from '../core/savings/estimate.ts';
import { fromNanos } from '../core/savings/exact.ts';
import { paidOffBy } from '../core/savings/paid-off.ts';
import { basisOf, bandOf, comparedWith, type Band, type Basis } from '../core/savings/settings.ts';
import { currencyOf } from '../store/prices.ts';
import { savingsSettingsOf, setSavingsSettings } from '../store/savings/settings.ts';
import {
  cloudPriceList,
  cloudPricesAnswer,
  savingsAnswer,
  savingsQuery,
  savingsSettings,
  setSavingsRequest,
  type CloudPricesAnswer,
  type SavingsAnswer,
  type SavingsQuery,
} from '../wire/savings.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';

/** What the office saves, what that rests on, and the cloud's prices. */
export const savingsRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/savings',
    summary:
      'An estimate of what the office saves: its tokens at a cloud’s list prices, less electricity; by month, person, team or model, with best and worst case, when the computer has paid for itself, and all assumptions.',
    query: savingsQuery,
    answer: savingsAnswer,
    handle: showSavings,
  }),
  route({
    method: 'get',
    path: '/savings/settings',
    summary: 'What the owner has set for the estimate; null: a usual number, which the estimate names.',
    answer: savingsSettings,
    handle: ({ context }) => savingsSettingsOf(context.store),
  }),
  route({
    method: 'put',
    path: '/savings/settings',
    summary: 'Sets what the estimate rests on; what is left out stays, null takes the usual number.',
    body: setSavingsRequest,
    answer: savingsSettings,
    handle: async ({ context, body }) => {
      const { prices } = await context.cloudPrices.read();
      return setSavingsSettings(
        context.store,
        body,
        prices.map(({ id }) => id),
      );
    },
  }),
  route({
    method: 'get',
    path: '/cloud-prices',
    summary:
      'The cloud’s list prices, in US dollars per million tokens, each with the month of which it is known.',
    answer: cloudPricesAnswer,
    handle: ({ context }) => context.cloudPrices.read(),
  }),
  route({
    method: 'put',
    path: '/cloud-prices',
    summary:
      'Replaces the whole list by one of the owner’s own, kept as cloud-prices.json in the data folder.',
    body: cloudPriceList,
    answer: cloudPricesAnswer,
    handle: ({ context, body }) => context.cloudPrices.write(body),
  }),
  route({
    method: 'delete',
    path: '/cloud-prices',
    summary: 'Forgets the owner’s own list: the one that comes with the program is used again.',
    answer: cloudPricesAnswer,
    handle: ({ context }) => context.cloudPrices.reset(),
  }),
];

async function showSavings({ context, query }: AdminCall<null, SavingsQuery>): Promise<SavingsAnswer> {
  const { by } = query;
  const zone = query.zone ?? context.status().timeZone;
  if (!isTimeZone(zone))
    throw invalidRequest('zone: a time zone by its name, such as Europe/Berlin.', 'zone');
  const nowMs = context.clock.nowMs();
  const [fromMs, toMs] = [beginOf(query.from, zone), beginOf(query.to, zone)];
  if (fromMs !== null && toMs !== null && fromMs >= toMs)
    throw invalidRequest('from lies before to.', 'from');
  const list = await context.cloudPrices.read();
  const basis = basisOf(savingsSettingsOf(context.store), currencyOf(context.store));
  const options = { basis, prices: list.prices, comparedWith: comparison(context, basis) };
  const usage = await context.reader.read('savings', { by, zone, fromMs, toMs, nowMs });
  const estimate = estimateSavings(usage, { ...options, isByMonth: by === 'month' });
  const { rows, total, withoutPrice } = estimate;
  return {
    isEstimate: true,
    by,
    from: new Date(usage.fromMs).toISOString(),
    to: new Date(usage.toMs).toISOString(),
    zone,
    currency: basis.currency,
    rows: rows.map((row) => ({ ...row, ...shown(row), comparedWith: [...row.comparedWith] })),
    total: { ...total, ...shown(total) },
    leftOut: {
      outside: usage.outside,
      failed: usage.failed,
      kept: usage.kept,
      withoutPrice: { ...withoutPrice, models: [...withoutPrice.models] },
    },
    computer: await showComputer(context, options, { zone, nowMs }),
    assumptions: assumptionsOf(basis, usage, estimate),
    warnings: warningsOf(context, basis, { list, models: withoutPrice.models }),
  };
}

/** A month or a day begins with its midnight in the zone. */
function beginOf(text: string | undefined, zone: string): number | null {
  if (text === undefined) return null;
  const [, year, month, day] = /^(\d{4})-(\d\d)(?:-(\d\d))?$/u.exec(text) ?? [];
  if (year === undefined) return Date.parse(text);
  return midnightOf({ year: Number(year), month: Number(month), day: Number(day ?? 1) }, zone);
}

/** Vectors and ranking are far cheaper in the cloud; a model that is gone is known by its name alone. */
function comparison({ engine }: AdminContext, basis: Basis): EstimateOptions['comparedWith'] {
  const tasks = new Map(engine.models().map(({ id, task }) => [id, task]));
  const isForEmbeddings = (model: string): boolean => {
    const task = tasks.get(model);
    return task === undefined ? /embed|rerank/iu.test(model) : task !== 'generate';
  };
  return (model) => comparedWith(basis, model, isForEmbeddings);
}

async function showComputer(
  context: AdminContext,
  options: Omit<EstimateOptions, 'isByMonth'>,
  { zone, nowMs }: { readonly zone: string; readonly nowMs: number },
): Promise<SavingsAnswer['computer']> {
  const { computer } = options.basis;
  if (computer === null) return null;
  const question = { by: 'month', zone, fromMs: null, toMs: null, nowMs } as const;
  const usage = await context.reader.read('savings', question);
  const { rows } = estimateSavings(usage, { ...options, isByMonth: true });
  const months = usage.slices.flatMap((slice) => {
    const row = rows.find(({ group }) => group === slice.label);
    return row === undefined ? [] : [{ slice, saved: row.saved }];
  });
  const paidOff = paidOffBy(months, computer, { nowMs, zone });
  const told = bandOf((name) => {
    const { state, month, savedNanos } = paidOff[name];
    return { state, month, saved: fromNanos(savedNanos) };
  });
  return { ...computer, ...told };
}

function shown({ cloud, electricity, saved }: Amounts): Record<keyof Amounts, Band> {
  const numbers = (band: Band<bigint>): Band => bandOf((name) => fromNanos(band[name]));
  return { cloud: numbers(cloud), electricity: numbers(electricity), saved: numbers(saved) };
}

type Known = { readonly list: CloudPricesAnswer; readonly models: readonly string[] };

function warningsOf(
  { store }: AdminContext,
  basis: Basis,
  { list, models }: Known,
): SavingsAnswer['warnings'] {
  const office = currencyOf(store);
  const missing = [basis.compareWith.default, basis.compareWith.embeddings].filter(
    (id) => !list.prices.some((price) => price.id === id),
  );
  return [
    ...(list.problem === null ? [] : [{ code: 'cloud_prices_broken', message: list.problem }]),
    ...(basis.isOtherCurrency
      ? [
          {
            code: 'currency_changed',
            message: `The office’s currency is ${office} now. The exchange rate and amounts that were typed for another one do not count until you type them again.`,
          },
        ]
      : []),
    ...(basis.currency === office
      ? []
      : [
          {
            code: 'exchange_rate_missing',
            message: `All amounts are in US dollars until you set what one dollar costs in ${office}.`,
          },
        ]),
    ...(missing.length === 0
      ? []
      : [
          {
            code: 'compared_model_missing',
            message: `The price list has no ${missing.join(', ')} any more: choose another model to compare with.`,
          },
        ]),
    ...(models.length === 0
      ? []
      : [
          {
            code: 'models_without_price',
            message: `Nothing is saved by ${models.slice(0, 10).join(', ')}: compared with nothing, or with what the price list does not have.`,
          },
        ]),
  ];
}
