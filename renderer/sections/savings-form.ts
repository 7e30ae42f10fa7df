import type { SetSavingsRequest } from '../../server/wire/savings.ts';
import type { SavingsSettings } from '../api-usage.ts';
import { numberOf } from './model-settings-form.ts';

/** What the estimate rests on, as its form holds it. Empty stands for the usual number. */

export const hardwareKinds = ['unknown', 'laptop', 'small', 'desktop', 'workstation', 'server'] as const;

type Amount = number | string;

export type SavingsForm = {
  compareWith: string;
  embeddings: string;
  perUsd: Amount;
  asOf: string;
  pricePerKwh: Amount;
  hardware: string;
  answering: Amount;
  idle: Amount;
  isMeasured: boolean;
  hoursOnPerDay: Amount;
  price: Amount;
  boughtOn: string;
  lifeYears: Amount;
};

export function savingsForm(settings: SavingsSettings, today: string): SavingsForm {
  const { compareWith, exchangeRate, pricePerKwh, hardware, watts, hoursOnPerDay, computer } = settings;
  return {
    compareWith: compareWith.default,
    embeddings: compareWith.embeddings,
    perUsd: exchangeRate?.perUsd ?? '',
    asOf: exchangeRate?.asOf ?? today,
    pricePerKwh: pricePerKwh?.likely ?? '',
    hardware,
    answering: watts?.answering.likely ?? '',
    idle: watts?.idle.likely ?? '',
    isMeasured: watts?.isMeasured ?? false,
    hoursOnPerDay: hoursOnPerDay?.likely ?? '',
    price: computer?.price ?? '',
    boughtOn: computer?.boughtOn ?? '',
    lifeYears: computer?.lifeYears ?? '',
  };
}

export type SavingsProblem = 'amount' | 'day' | 'both' | 'order';

/** By the field's name; empty where all can be saved. */
export function savingsProblems(form: SavingsForm): Partial<Record<keyof SavingsForm, SavingsProblem>> {
  const [answering, idle, price] = [numberOf(form.answering), numberOf(form.idle), numberOf(form.price)];
  return {
    ...(numberOf(form.perUsd) !== null && form.asOf === '' ? { asOf: 'day' } : {}),
    ...(answering === null && idle !== null ? { answering: 'both' } : {}),
    ...(idle === null && answering !== null ? { idle: 'both' } : {}),
    ...(answering !== null && idle !== null && answering < idle ? { answering: 'order' } : {}),
    ...(price !== null && price <= 0 ? { price: 'amount' } : {}),
    ...(price !== null && form.boughtOn === '' ? { boughtOn: 'day' } : {}),
  };
}

/** Only what was changed: a band that a script has set stays one while its number here is not touched. */
export function savingsChange(first: SavingsForm, form: SavingsForm): SetSavingsRequest {
  const is = (...names: readonly (keyof SavingsForm)[]): boolean =>
    names.some((name) => first[name] !== form[name]);
  const [perUsd, answering, idle, price] = [form.perUsd, form.answering, form.idle, form.price].map(numberOf);
  return {
    ...(is('compareWith', 'embeddings')
      ? { compareWith: { default: form.compareWith, embeddings: form.embeddings } }
      : {}),
    ...(is('perUsd', 'asOf') && !(perUsd === null && first.perUsd === '')
      ? { exchangeRate: isNumber(perUsd) ? { perUsd, asOf: form.asOf } : null }
      : {}),
    ...(is('pricePerKwh') ? { pricePerKwh: same(numberOf(form.pricePerKwh)) } : {}),
    ...(is('hardware')
      ? { hardware: hardwareKinds.find((kind) => kind === form.hardware) ?? 'unknown' }
      : {}),
    ...(is('answering', 'idle', 'isMeasured') && !(answering === null && first.answering === '')
      ? {
          watts:
            isNumber(answering) && isNumber(idle)
              ? { answering: band(answering), idle: band(idle), isMeasured: form.isMeasured }
              : null,
        }
      : {}),
    ...(is('hoursOnPerDay') ? { hoursOnPerDay: same(numberOf(form.hoursOnPerDay)) } : {}),
    ...(is('price', 'boughtOn', 'lifeYears') && !(price === null && first.price === '')
      ? {
          computer: isNumber(price)
            ? { price, boughtOn: form.boughtOn, lifeYears: numberOf(form.lifeYears) ?? usualLifeYears }
            : null,
        }
      : {}),
  };
}

const usualLifeYears = 4;

function isNumber(value: number | null | undefined): value is number {
  return value !== null && value !== undefined;
}

function band(value: number) {
  return { best: value, likely: value, worst: value };
}

function same(value: number | null) {
  return value === null ? null : band(value);
}

/** Which field a refusal of the server means; null for one that is not in the form. */
export function savingsField(param: string | null): keyof SavingsForm | null {
  const [first = '', second] = (param ?? '').split('.');
  switch (first) {
    case 'compareWith':
      return second === 'embeddings' ? 'embeddings' : 'compareWith';
    case 'exchangeRate':
      return second === 'asOf' ? 'asOf' : 'perUsd';
    case 'watts':
      return second === 'idle' ? 'idle' : 'answering';
    case 'computer':
      return second === 'boughtOn' || second === 'lifeYears' ? second : 'price';
    case 'pricePerKwh':
    case 'hardware':
    case 'hoursOnPerDay':
      return first;
    default:
      return null;
  }
}
