import { call } from './client.mjs';
import { UsageError } from './failures.mjs';
import { plain, print, printJson, printTable } from './print.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/limits.ts').PriceRecord} PriceRecord */

/** @type {Record<string, import('./commands.mjs').Command>} */
export const priceCommands = {
  'price set': {
    summary:
      'What a model costs per million tokens; MODEL "*" is for all without their own. --paid: somebody really is.',
    shape: { arguments: ['MODEL'], flags: { in: 'X', out: 'X', paid: '' } },
    run: set,
  },
  'price list': { summary: 'The prices that money budgets count by.', shape: {}, run: list },
  'price remove': {
    summary: 'Forget a price; money budgets refuse a model without one.',
    shape: { arguments: ['MODEL'] },
    run: remove,
  },
};

/** @param {Parsed} parsed */
async function set({ args: [model = ''], values, switches }) {
  const price = await call('PUT', pricePath(model), {
    input: parsePrice('in', values['in']),
    output: parsePrice('out', values['out']),
    notional: !switches.has('paid'),
  });
  if (switches.has('json')) printJson(price);
  else print(`${plain(price.model)}  ${price.input} in, ${price.output} out, per million tokens`);
}

/** @param {Parsed} parsed */
async function list({ switches }) {
  /** @type {PriceRecord[]} */
  const prices = await call('GET', '/prices');
  if (switches.has('json')) return printJson(prices);
  printTable(
    {
      MODEL: (price) => price.model,
      IN: (price) => price.input,
      OUT: (price) => price.output,
      PAID: (price) => (price.notional ? 'no, for comparison' : 'yes'),
    },
    prices,
    'No model has a price. Set one with: npx inglenook price set MODEL --in 0.5 --out 1.5',
  );
}

/** @param {Parsed} parsed */
async function remove({ args: [model = ''], switches }) {
  await call('DELETE', pricePath(model));
  if (switches.has('json')) printJson({ removed: model });
  else print(`${plain(model)} has no price any more.`);
}

/**
 * @param {string} flag
 * @param {string | undefined} text
 */
function parsePrice(flag, text) {
  if (text !== undefined && /^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new UsageError(`--${flag} takes a price per million tokens, such as 0.50.`);
}

/** @param {string} model */
function pricePath(model) {
  if (model.trim() === '') throw new UsageError('MODEL is empty.');
  return `/prices/${encodeURIComponent(model)}`;
}
