import { UsageError } from './failures.mjs';
import { parseCount, parseList } from './flags.mjs';
import { localTime } from './print.mjs';
import { parseExpiry } from './times.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/limits.ts').WireLimits} Limits */
/** @typedef {import('../../server/wire/limits.ts').WireBudget} Budget */
/** @typedef {import('../../server/wire/limits.ts').WireSpending} Spending */

const periods = ['day', 'week', 'month', 'total'];
const priorities = ['low', 'normal', 'high'];

/** What keys and teams may use. */
export const limitFlags = {
  rpm: 'N',
  burst: 'N',
  tpm: 'N',
  'max-parallel': 'N',
  'budget-tokens': 'N',
  'budget-money': 'X',
  'budget-period': periods.join('|'),
};

/** What else is set for a key. A flag whose value ends in `…` may be given several times. */
export const useFlags = {
  label: 'k=v,…',
  ip: 'CIDR,…',
  priority: priorities.join('|'),
  trace: '',
  'trace-until': '30d|2027-01-31',
  'may-leave': '',
  outside: '',
  'speaks-for-others': '',
  'no-cache': '',
};

/** Their opposites, for changing a key. */
export const undoFlags = {
  'no-trace': '',
  'no-may-leave': '',
  'no-outside': '',
  'no-speaks-for-others': '',
  cache: '',
};

/**
 * Only what was named; an empty value lifts the limit. Budgets replace those of the same unit.
 * @param {Parsed['values']} values
 * @param {readonly Budget[]} before
 */
export function limitsOf(values, before) {
  const changes = {
    ...countOf(values, 'rpm', 'requestsPerMinute'),
    ...countOf(values, 'burst', 'burst'),
    ...countOf(values, 'tpm', 'tokensPerMinute'),
    ...countOf(values, 'max-parallel', 'maxParallel'),
    ...budgetsOf(values, before),
  };
  return Object.keys(changes).length === 0 ? {} : { limits: changes };
}

/**
 * @param {Parsed['values']} values
 * @param {string} flag
 * @param {string} field
 */
function countOf(values, flag, field) {
  const text = values[flag];
  if (text === undefined) return {};
  return { [field]: text === '' ? null : parseCount(flag, text, { min: 1, max: 1_000_000_000 }) };
}

/**
 * Whether budgets are to change, so that those of before must be known.
 * @param {Parsed['values']} values
 */
export function namesBudget(values) {
  return ['budget-tokens', 'budget-money', 'budget-period'].some((flag) => values[flag] !== undefined);
}

/**
 * @param {Parsed['values']} values
 * @param {readonly Budget[]} before
 * @returns {{ budgets?: Budget[] }}
 */
function budgetsOf(values, before) {
  const period = values['budget-period'];
  if (period !== undefined && !periods.includes(period)) {
    throw new UsageError(`--budget-period takes ${periods.join(', ')}.`);
  }
  if (!namesBudget(values)) return {};
  const budgets = [
    ...budgetsOfUnit(values['budget-tokens'], 'tokens', { period, before }),
    ...budgetsOfUnit(values['budget-money'], 'money', { period, before }),
  ];
  const isPeriodAlone = values['budget-tokens'] === undefined && values['budget-money'] === undefined;
  if (isPeriodAlone && budgets.length === 0) {
    throw new UsageError('--budget-period needs --budget-tokens or --budget-money beside it.');
  }
  return { budgets };
}

/**
 * @param {string | undefined} text
 * @param {'tokens' | 'money'} unit
 * @param {{ period: string | undefined, before: readonly Budget[] }} known
 * @returns {Budget[]}
 */
function budgetsOfUnit(text, unit, { period, before }) {
  const mine = before.filter((budget) => budget.unit === unit);
  const chosen = /** @type {Budget['period'] | undefined} */ (period);
  if (text === undefined) {
    const [first] = mine;
    if (chosen === undefined || first === undefined) return mine;
    return [{ ...first, period: chosen }];
  }
  if (text === '') return [];
  const amount =
    unit === 'tokens' ? parseCount('budget-tokens', text, { min: 1, max: 1e12 }) : parseMoney(text);
  return [{ unit, amount, period: chosen ?? mine[0]?.period ?? 'month' }];
}

/** @param {string} text */
function parseMoney(text) {
  const amount = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && amount > 0 && amount <= 1e12) return amount;
  throw new UsageError('--budget-money takes an amount such as 20 or 7.50.');
}

/**
 * @param {Parsed['values']} values
 * @param {Parsed['switches']} switches
 */
export function useOf({ label, ip, priority, 'trace-until': traceUntil }, switches) {
  if (priority !== undefined && !priorities.includes(priority)) {
    throw new UsageError(`--priority takes ${priorities.join(', ')}.`);
  }
  return {
    ...(label === undefined ? {} : { labels: parseLabels(label) }),
    ...(ip === undefined ? {} : { ips: ip.trim() === '' ? null : parseList(ip) }),
    ...(priority === undefined ? {} : { priority }),
    ...switchOf(switches, 'trace', 'trace'),
    ...(traceUntil === undefined ? {} : { traceUntil: parseExpiry(traceUntil, Date.now(), 'trace-until') }),
    ...switchOf(switches, 'may-leave', 'mayLeave'),
    ...switchOf(switches, 'outside', 'outside'),
    ...switchOf(switches, 'speaks-for-others', 'speaksForOthers'),
    ...switchOf(switches, 'cache', 'cache'),
  };
}

/**
 * @param {Parsed['switches']} switches
 * @param {string} flag
 * @param {string} field
 */
function switchOf(switches, flag, field) {
  const isOff = switches.has(`no-${flag}`);
  if (!isOff && !switches.has(flag)) return {};
  if (isOff && switches.has(flag)) throw new UsageError(`--${flag} and --no-${flag} exclude each other.`);
  return { [field]: !isOff };
}

/** @param {string} text */
function parseLabels(text) {
  return Object.fromEntries(
    parseList(text).map((pair) => {
      const [name = '', ...value] = pair.split('=');
      if (name.trim() === '' || value.length === 0) throw new UsageError('--label takes NAME=VALUE.');
      return [name.trim(), value.join('=').trim()];
    }),
  );
}

/**
 * For people: one line for each limit that is set.
 * @param {Limits} limits
 * @param {string} [currency]
 */
export function describeLimits(
  { requestsPerMinute, burst, tokensPerMinute, maxParallel, budgets },
  currency = '',
) {
  const parts = [
    requestsPerMinute === null ? null : `${requestsPerMinute} requests/min`,
    burst === null ? null : `${burst} at once`,
    tokensPerMinute === null ? null : `${tokensPerMinute} tokens/min`,
    maxParallel === null ? null : `${maxParallel} in parallel`,
    ...budgets.map(({ unit, amount, period }) => {
      const what = unit === 'tokens' ? `${amount} tokens` : `${amount} ${currency || 'money'}`;
      return period === 'total' ? `${what} in all` : `${what} per ${period}`;
    }),
  ].filter((part) => part !== null);
  return parts.length === 0 ? 'none' : parts.join(', ');
}

/** @param {Spending} spending */
export function spendingRows({ currency, accounts }) {
  return accounts.flatMap(({ model, spent }) =>
    Object.entries(spent).map(([period, { tokens, money, until }]) => ({
      model: model ?? 'all',
      period,
      tokens,
      money: `${money.toFixed(4)} ${currency}`,
      until: until === null ? 'never' : localTime(until),
    })),
  );
}

export const spendingColumns = {
  MODEL: (/** @type {any} */ row) => row.model,
  PERIOD: (/** @type {any} */ row) => row.period,
  TOKENS: (/** @type {any} */ row) => row.tokens,
  MONEY: (/** @type {any} */ row) => row.money,
  'BEGINS ANEW': (/** @type {any} */ row) => row.until,
};
