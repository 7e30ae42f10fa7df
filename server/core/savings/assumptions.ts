import type { Estimate } from './estimate.ts';
import { usualSettings, type Band, type Basis, type Source } from './settings.ts';
import type { SavingsUsage } from './usage.ts';

/** One thing the estimate takes for granted, as data, so that a screen can show all of them one click away. */
export type Assumption = {
  /** `token-ratio`, `cloud-price:gpt-4o-mini` …; stable, for translations. */
  readonly id: string;
  readonly value: string | number | Band | null;
  /** What the value counts; null for a text. */
  readonly unit: string | null;
  /** Ours, the owner's, measured by the owner, the price list's, the log's, or how the reckoning works. */
  readonly source: Source | 'price-list' | 'log' | 'method';
  /** Of when it is, where it has a date. */
  readonly asOf: string | null;
  /** What it does to the estimate, in a sentence. */
  readonly effect: string;
};

export function assumptionsOf(basis: Basis, usage: SavingsUsage, estimate: Estimate): Assumption[] {
  return [
    ...pricesUsed(estimate),
    ...howCompared(basis),
    {
      id: 'exchange-rate',
      value: basis.perUsd,
      unit: `${basis.currency} per USD`,
      source: basis.rateAsOf === null ? 'method' : 'owner',
      asOf: basis.rateAsOf,
      effect:
        'The price list is in US dollars; all amounts are converted at this one rate, whenever they arose.',
    },
    ...electricity(basis, estimate),
    ...leftOut(usage, estimate),
  ];
}

function pricesUsed({ usedPrices }: Estimate): Assumption[] {
  return usedPrices.map(({ id, input, cachedInput, output, date, source }) => ({
    id: `cloud-price:${id}`,
    value: `${input} in, ${cachedInput ?? input} in again, ${output} out`,
    unit: 'USD per million tokens',
    source: 'price-list',
    asOf: date,
    effect: `What the cloud would have charged. ${source}. Reductions, subscriptions and taxes are left out.`,
  }));
}

function howCompared({ compareWith, tokenRatio }: Basis): Assumption[] {
  const own = Object.entries(compareWith.models).map(([model, id]) => `${model}: ${id ?? 'nothing'}`);
  const usual = usualSettings.compareWith;
  const isUsual =
    own.length === 0 && compareWith.default === usual.default && compareWith.embeddings === usual.embeddings;
  return [
    {
      id: 'compare-with',
      value: [`${compareWith.default}, embeddings: ${compareWith.embeddings}`, ...own].join('; '),
      unit: null,
      source: isUsual ? 'usual' : 'owner',
      asOf: null,
      effect:
        'Which cloud model would have been asked instead. The models here may do less than it: nothing is reckoned for that.',
    },
    {
      id: 'token-ratio',
      value: tokenRatio.value,
      unit: 'cloud tokens per token here',
      source: tokenRatio.source,
      asOf: null,
      effect:
        'Tokens are the model’s own; a cloud model cuts the same text differently and would have counted more (best case) or fewer (worst case).',
    },
    {
      id: 'cached-input',
      value: null,
      unit: null,
      source: 'method',
      asOf: null,
      effect:
        'What a model here had read before counts at the cloud’s price for that, in the best case at the full price.',
    },
  ];
}

function electricity(basis: Basis, { hours }: Estimate): Assumption[] {
  const { watts, pricePerKwh, hoursOnPerDay, hardware, currency } = basis;
  const of = (part: 'busy' | 'kwh'): Band => ({
    best: hours.best[part],
    likely: hours.likely[part],
    worst: hours.worst[part],
  });
  const kind = watts.source === 'usual' ? ` Rough numbers for the kind of computer: ${hardware}.` : '';
  return [
    {
      id: 'watts-answering',
      value: watts.value.answering,
      unit: 'W',
      source: watts.source,
      asOf: null,
      effect: `What the whole computer draws at the wall while it answers.${kind}`,
    },
    {
      id: 'watts-idle',
      value: watts.value.idle,
      unit: 'W',
      source: watts.source,
      asOf: null,
      effect: `What it draws while it waits.${kind}`,
    },
    {
      id: 'hours-on',
      value: hoursOnPerDay.value,
      unit: 'hours a day',
      source: hoursOnPerDay.source,
      asOf: null,
      effect:
        'How long the computer is on only because of Inglenook; the hours it is at work are among them.',
    },
    {
      id: 'price-per-kwh',
      value: pricePerKwh.value,
      unit: `${currency} per kWh`,
      source: pricePerKwh.source,
      asOf: null,
      effect: 'What electricity costs.',
    },
    {
      id: 'busy-hours',
      value: of('busy'),
      unit: 'hours',
      source: 'log',
      asOf: null,
      effect:
        'How long the computer was at work. Requests that ran at the same time are counted once, as far as the sums tell; the likely case lies in the middle. All requests answered in the office count as this computer’s work.',
    },
    {
      id: 'energy',
      value: of('kwh'),
      unit: 'kWh',
      source: 'method',
      asOf: null,
      effect:
        'Taken off what is saved; shared by how long each one’s requests took, without their wait in line.',
    },
  ];
}

function leftOut(usage: SavingsUsage, { withoutPrice }: Estimate): Assumption[] {
  const kinds = [
    { id: 'outside', sums: usage.outside, why: 'Sent outside the office and paid there: saves nothing.' },
    { id: 'failed', sums: usage.failed, why: 'Ended in an error: nobody would have been charged for it.' },
    {
      id: 'kept',
      sums: usage.kept,
      why: 'Answered from the response cache: a cloud’s answer could have been kept just as well, so it saves nothing.',
    },
    {
      id: 'without-price',
      sums: withoutPrice,
      why: 'By models that are compared with nothing, or with what the price list does not have: saves nothing.',
    },
  ];
  return kinds.map(({ id, sums, why }) => ({
    id: `left-out:${id}`,
    value: sums.promptTokens + sums.completionTokens,
    unit: 'tokens',
    source: 'log',
    asOf: null,
    effect: why,
  }));
}
