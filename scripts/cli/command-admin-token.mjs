import { call } from './client.mjs';
import { UsageError } from './failures.mjs';
import { localTime, plain, print, printJson, printTable } from './print.mjs';
import { parseExpiry } from './times.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/security.ts').AdminTokenRecord} AdminTokenRecord */
/** @typedef {import('../../server/wire/security.ts').CreatedAdminToken} CreatedAdminToken */

/** @type {Record<string, import('./commands.mjs').Command>} */
export const adminTokenCommands = {
  'admin-token create': {
    summary:
      'A token that opens the admin API to a script on another computer, over https, for a year at most. Prints the token alone, once.',
    shape: { flags: { name: 'N', expires: '90d' } },
    run: create,
  },
  'admin-token list': { summary: 'Such tokens, newest first.', shape: {}, run: list },
  'admin-token revoke': {
    summary: 'Revoke one; counts from its next request on.',
    shape: { arguments: ['TOKEN'] },
    run: revoke,
  },
};

/** @param {Parsed} parsed */
async function create({ values, switches }) {
  const { name, expires } = values;
  if (name === undefined) throw new UsageError('--name is missing: say whose script it is for.');
  if (expires === undefined)
    throw new UsageError('--expires is missing, such as 90d; a year is the longest.');
  const expiresAt = parseExpiry(expires, Date.now());
  /** @type {CreatedAdminToken} */
  const created = await call('POST', '/admin-tokens', { name, expiresAt });
  if (switches.has('json')) return printJson(created);
  print(created.token);
}

/** @param {Parsed} parsed */
async function list({ switches }) {
  /** @type {AdminTokenRecord[]} */
  const tokens = await call('GET', '/admin-tokens');
  if (switches.has('json')) return printJson(tokens);
  printTable(
    {
      NAME: (token) => token.name,
      STATUS: (token) => token.status,
      EXPIRES: (token) => localTime(token.expiresAt),
      'LAST USED': (token) => localTime(token.lastUsedAt),
      FROM: (token) => token.lastIp,
      TOKEN: (token) => token.hint,
    },
    tokens,
    'There are no admin tokens.',
  );
}

/** @param {Parsed} parsed */
async function revoke({ args: [wanted = ''], switches }) {
  /** @type {AdminTokenRecord} */
  const revoked = await call('DELETE', `/admin-tokens/${encodeURIComponent(wanted)}`);
  if (switches.has('json')) return printJson(revoked);
  print(`${plain(revoked.name)} is revoked.`);
}
