import { call } from './client.mjs';
import { localTime, print, printJson, printTable, size } from './print.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/responses.ts').KeptResponsesRecord} KeptResponsesRecord */
/** @typedef {import('../../server/wire/responses.ts').ForgottenResponses} ForgottenResponses */

/** @type {Record<string, import('./commands.mjs').Command>} */
export const responsesCommands = {
  'responses list': {
    summary: 'How many stored responses there are, by key; only the key’s device can read them.',
    shape: {},
    run: list,
  },
  'responses forget': {
    summary: 'Delete all stored responses, or those of one key.',
    shape: { flags: { key: 'K' } },
    run: forget,
  },
};

/** @param {Parsed} parsed */
async function list({ switches }) {
  /** @type {KeptResponsesRecord[]} */
  const kept = await call('GET', '/responses');
  if (switches.has('json')) return printJson(kept);
  printTable(
    {
      KEY: (row) => row.key,
      RESPONSES: (row) => row.count,
      SIZE: (row) => size(row.bytes),
      OLDEST: (row) => localTime(row.oldestAt),
    },
    kept,
    'There are no stored responses.',
  );
}

/** @param {Parsed} parsed */
async function forget({ values, switches }) {
  const { key } = values;
  const path = key === undefined ? '/responses' : `/keys/${encodeURIComponent(key)}/responses`;
  /** @type {ForgottenResponses} */
  const answer = await call('DELETE', path);
  if (switches.has('json')) return printJson(answer);
  print(`${answer.forgotten} stored response${answer.forgotten === 1 ? '' : 's'} forgotten.`);
}
