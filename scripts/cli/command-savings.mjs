import { call } from './client.mjs';
import { UsageError } from './failures.mjs';
import { plain, print, printJson, printTable } from './print.mjs';
import { parseSince } from './times.mjs';
import { noteOnTokens } from './token-note.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/savings.ts').SavingsAnswer} SavingsAnswer */
/** @typedef {SavingsAnswer['rows'][number]} SavingsRow */
/** @typedef {{ best: number, likely: number, worst: number }} Band */

const groups = ['month', 'person', 'team', 'model'];

/** @type {Record<string, import('./commands.mjs').Command>} */
export const savingsCommands = {
  savings: {
    summary: 'An estimate of what the office saves: cloud prices less electricity, with every assumption.',
    shape: { flags: { by: groups.join('|'), from: 'T', to: 'T', zone: 'Z' } },
    run: savings,
  },
  'savings set': {
    summary:
      'Says what the estimate rests on; a number, or worst to best as 0.8,1,1.25. In the office’s currency.',
    shape: {
      flags: {
        compare: 'CLOUD-MODEL',
        rate: 'PER-USD',
        'rate-date': 'YYYY-MM-DD',
        kwh: 'PRICE',
        hardware: 'laptop|small|desktop|workstation|server|unknown',
        'watts-answering': 'W',
        'watts-idle': 'W',
        measured: '',
        'hours-on': 'HOURS-A-DAY',
        'token-ratio': 'X',
        'computer-price': 'X',
        'computer-bought': 'YYYY-MM-DD',
        'computer-years': 'N',
      },
    },
    run: set,
  },
};

/** @param {Parsed} parsed */
async function savings({ values, switches }) {
  const { by = 'month', from, to, zone } = values;
  if (!groups.includes(by)) throw new UsageError(`--by takes ${groups.join(', ')}.`);
  const query = new URLSearchParams({
    by,
    ...(from === undefined ? {} : { from: moment('from', from) }),
    ...(to === undefined ? {} : { to: moment('to', to) }),
    ...(zone === undefined ? {} : { zone }),
  });
  /** @type {SavingsAnswer} */
  const answer = await call('GET', `/savings?${query.toString()}`);
  if (switches.has('json')) return printJson(answer);
  print(`ESTIMATE in ${answer.currency}, ${answer.from.slice(0, 10)} to ${answer.to.slice(0, 10)} (UTC)\n`);
  const total = { ...answer.total, group: 'in all', comparedWith: [] };
  printTable(columnsFor(by, answer.currency), [...answer.rows, total], '');
  printComputer(answer);
  for (const { message } of answer.warnings) print(`\n! ${plain(message)}`);
  print('\nThe estimate rests on these assumptions:');
  for (const { id, value, unit, source, asOf, effect } of answer.assumptions) {
    const dated = asOf === null ? source : `${source}, as of ${asOf}`;
    const shown = [valueText(value), unit].filter((part) => part !== '' && part !== null).join(' ');
    print(`- ${plain(id)}: ${shown === '' ? '' : `${plain(shown)} `}(${plain(dated)}). ${plain(effect)}`);
  }
  noteOnTokens();
}

/**
 * A month or a day goes as it is: the server knows the zone.
 * @param {string} flag
 * @param {string} text
 */
function moment(flag, text) {
  if (/^\d{4}-\d\d(-\d\d)?$/.test(text)) return text;
  try {
    return parseSince(text, Date.now());
  } catch {
    throw new UsageError(
      `--${flag} takes a month like 2026-11, a date like 2026-11-22, a span like 90d (ago), or a time like 2026-11-22T09:00.`,
    );
  }
}

/**
 * @param {string} by
 * @param {string} currency
 * @returns {Record<string, (row: SavingsRow) => string | number | null>}
 */
function columnsFor(by, currency) {
  return {
    [by.toUpperCase()]: (row) => row.group,
    REQUESTS: (row) => row.requests,
    IN: (row) => row.promptTokens,
    OUT: (row) => row.completionTokens,
    CLOUD: (row) => amount(row.cloud.likely),
    ELECTRICITY: (row) => amount(row.electricity.likely),
    [`SAVED ${currency}`]: (row) => amount(row.saved.likely),
    WORST: (row) => amount(row.saved.worst),
    BEST: (row) => amount(row.saved.best),
    'COMPARED WITH': (row) => row.comparedWith.join(', '),
  };
}

/** @param {SavingsAnswer} answer */
function printComputer({ computer, currency }) {
  if (computer === null) {
    return print('\nWhen the computer has paid for itself is told once its price is set.');
  }
  const { price, boughtOn, lifeYears } = computer;
  print(
    `\nThe computer: ${amount(price)} ${currency}, bought on ${boughtOn}, meant to last ${lifeYears} years.`,
  );
  for (const name of /** @type {const} */ (['likely', 'best', 'worst'])) {
    const { state, month, saved } = computer[name];
    const words = {
      paid: `paid for itself in ${month}`,
      expected: `will have paid for itself in ${month}, if it goes on like this`,
      'not-at-this-pace': 'does not pay for itself within its life at this pace',
      'too-early': 'too early to say: less than a week is known',
    };
    print(`  ${name.padEnd(6)}  ${words[state]} (saved so far: ${amount(saved)} ${currency})`);
  }
}

/** @param {number} value */
function amount(value) {
  if (value !== 0 && Math.abs(value) < 0.01) return value > 0 ? '< 0.01' : '> -0.01';
  return value.toFixed(2);
}

/** @param {string | number | Band | null} value */
function valueText(value) {
  if (value === null) return '';
  if (typeof value !== 'object') return String(value);
  const { best, likely, worst } = value;
  const round = (/** @type {number} */ one) => String(Number(one.toPrecision(4)));
  return best === worst ? round(best) : `${round(likely)} (best ${round(best)}, worst ${round(worst)})`;
}

/** @param {Parsed} parsed */
async function set({ values, switches }) {
  const { compare, rate, 'rate-date': rateDate, kwh, hardware } = values;
  const { 'computer-price': price, 'computer-bought': boughtOn, 'computer-years': years } = values;
  if ((price === undefined) !== (boughtOn === undefined)) {
    throw new UsageError('--computer-price and --computer-bought belong together.');
  }
  const change = {
    ...(compare === undefined ? {} : { compareWith: { default: compare } }),
    ...(rate === undefined
      ? {}
      : {
          exchangeRate: {
            perUsd: number('rate', rate),
            asOf: rateDate ?? new Date().toISOString().slice(0, 10),
          },
        }),
    ...(kwh === undefined ? {} : { pricePerKwh: band('kwh', kwh) }),
    ...(hardware === undefined ? {} : { hardware }),
    ...wattsOf(values, switches.has('measured')),
    ...(values['hours-on'] === undefined ? {} : { hoursOnPerDay: band('hours-on', values['hours-on']) }),
    ...(values['token-ratio'] === undefined
      ? {}
      : { tokenRatio: band('token-ratio', values['token-ratio']) }),
    ...(price === undefined
      ? {}
      : {
          computer: {
            price: number('computer-price', price),
            boughtOn,
            ...(years === undefined ? {} : { lifeYears: number('computer-years', years) }),
          },
        }),
  };
  if (Object.keys(change).length === 0) throw new UsageError('Say what to set; --help lists it.');
  const settings = await call('PUT', '/savings/settings', change);
  if (switches.has('json')) printJson(settings);
  else print('Set. npx inglenook savings shows what it makes of it.');
}

/**
 * @param {Parsed['values']} values
 * @param {boolean} isMeasured
 */
function wattsOf(values, isMeasured) {
  const { 'watts-answering': answering, 'watts-idle': idle } = values;
  if (answering === undefined && idle === undefined) {
    if (isMeasured) throw new UsageError('--measured belongs to --watts-answering and --watts-idle.');
    return {};
  }
  if (answering === undefined || idle === undefined) {
    throw new UsageError('--watts-answering and --watts-idle belong together.');
  }
  const watts = { answering: band('watts-answering', answering), idle: band('watts-idle', idle), isMeasured };
  return { watts };
}

/**
 * @param {string} flag
 * @param {string} text
 */
function number(flag, text) {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new UsageError(`--${flag} takes a number, such as 0.92.`);
}

/**
 * @param {string} flag
 * @param {string} text
 */
function band(flag, text) {
  const [worst = '', likely, best, ...rest] = text.split(',');
  if (likely === undefined) return number(flag, worst);
  if (best === undefined || rest.length > 0) {
    throw new UsageError(
      `--${flag} takes one number, or three from the worst case to the best: WORST,LIKELY,BEST.`,
    );
  }
  return { worst: number(flag, worst), likely: number(flag, likely), best: number(flag, best) };
}
