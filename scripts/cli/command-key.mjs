import { call } from './client.mjs';
import { UsageError } from './failures.mjs';
import { parseList } from './flags.mjs';
import { localTime, print, printJson, printParts, printTable, warn } from './print.mjs';
import { parseExpiry } from './times.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/admin.ts').KeyRecord} KeyRecord */

export const policyFlags = { person: 'P', models: 'a,b', team: 'T', expires: '30d|12h|90s|2027-01-31' };
/** Options of a key whose features come later. */
export const laterKeyFlags = [
  'rpm',
  'tpm',
  'max-parallel',
  'budget-tokens',
  'budget-money',
  'budget-period',
  'label',
  'ip',
  'trace',
];

/** @type {Record<string, import('./commands.mjs').Command>} */
export const keyCommands = {
  'key create': {
    summary: 'Create a key and print it, alone, on stdout. It is shown only this once.',
    shape: {
      flags: { name: 'N', ...policyFlags, role: 'inference|ops' },
      later: laterKeyFlags,
    },
    run: create,
  },
  'key list': { summary: 'All keys.', shape: {}, run: list },
  'key show': { summary: 'One key, by name or id.', shape: { arguments: ['KEY'] }, run: show },
  'key update': {
    summary: 'Change a key. An empty value clears (--models "" allows all); --expires never.',
    shape: { arguments: ['KEY'], flags: { name: 'N', ...policyFlags }, later: [...laterKeyFlags, 'role'] },
    run: update,
  },
  'key revoke': {
    summary: 'End a key for good, at once.',
    shape: { arguments: ['KEY'] },
    run: revoke,
  },
};

/** @param {Parsed} parsed */
async function create({ values, switches }) {
  const { name, role } = values;
  if (name === undefined) throw new UsageError('--name is missing: every key needs one.');
  if (role !== undefined && role !== 'inference' && role !== 'ops') {
    throw new UsageError('--role takes inference or ops.');
  }
  const created = await call('POST', '/keys', { name, role, ...policyOf(values) });
  for (const warning of created.warnings) warn(`Warning: ${warning}`);
  if (switches.has('json')) printJson(created);
  else print(created.key);
}

/** @param {Parsed} parsed */
async function list({ switches }) {
  /** @type {KeyRecord[]} */
  const keys = await call('GET', '/keys');
  if (switches.has('json')) return printJson(keys);
  printTable(
    {
      NAME: (key) => key.name,
      KEY: (key) => key.hint,
      STATUS: (key) => key.status,
      PERSON: (key) => key.person,
      TEAM: (key) => key.team,
      MODELS: (key) => key.models?.join(', ') ?? 'all',
      EXPIRES: (key) => localTime(key.expiresAt) ?? 'never',
      'LAST USED': (key) => localTime(key.lastUsedAt),
    },
    keys,
    'There are no keys yet. Create one with: npx inglenook key create --name NAME',
  );
}

/** @param {Parsed} parsed */
async function show({ args: [key = ''], switches }) {
  printKey(await call('GET', keyPath(key)), switches);
}

/** @param {Parsed} parsed */
async function update({ args: [key = ''], values, switches }) {
  const changes = { ...(values['name'] === undefined ? {} : { name: values['name'] }), ...policyOf(values) };
  if (Object.keys(changes).length === 0) throw new UsageError('There is nothing to change; name a flag.');
  printKey(await call('PATCH', keyPath(key), changes), switches);
}

/** @param {Parsed} parsed */
async function revoke({ args: [key = ''], switches }) {
  /** @type {KeyRecord} */
  const record = await call('DELETE', keyPath(key));
  if (switches.has('json')) printJson(record);
  else printParts({ Revoked: record.name, Key: record.hint, Id: record.id });
}

/**
 * Only what was named; an empty value clears.
 * @param {Parsed['values']} values
 */
export function policyOf({ person, team, models, expires }) {
  return {
    ...(person === undefined ? {} : { person: person || null }),
    ...(team === undefined ? {} : { team: team || null }),
    ...(models === undefined ? {} : { models: parseModels(models) }),
    ...(expires === undefined
      ? {}
      : { expiresAt: ['', 'never'].includes(expires) ? null : parseExpiry(expires, Date.now()) }),
  };
}

/** @param {string} text */
function parseModels(text) {
  const names = parseList(text);
  if (names.length === 0 && text.trim() !== '') throw new UsageError('--models names no model.');
  return names.length === 0 ? null : names;
}

/** @param {string} nameOrId */
function keyPath(nameOrId) {
  if (nameOrId === '') throw new UsageError('KEY is empty.');
  return `/keys/${encodeURIComponent(nameOrId)}`;
}

/**
 * @param {KeyRecord} key
 * @param {Set<string>} switches
 */
function printKey(key, switches) {
  if (switches.has('json')) return printJson(key);
  printParts({
    Name: key.name,
    Key: key.hint,
    Id: key.id,
    Status: key.status,
    Person: key.person,
    Team: key.team,
    Device: key.device,
    Models: key.models?.join(', ') ?? 'all',
    Role: key.role,
    Created: localTime(key.createdAt),
    Expires: localTime(key.expiresAt) ?? 'never',
    'Last used': key.lastUsedAt === null ? 'never' : `${localTime(key.lastUsedAt)} from ${key.lastIp}`,
  });
}
