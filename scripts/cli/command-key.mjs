import { call } from './client.mjs';
import { UsageError } from './failures.mjs';
import { parseList } from './flags.mjs';
import {
  describeLimits,
  limitFlags,
  limitsOf,
  namesBudget,
  spendingColumns,
  spendingRows,
  undoFlags,
  useFlags,
  useOf,
} from './limit-flags.mjs';
import { localTime, print, printJson, printParts, printTable, warn } from './print.mjs';
import { parseExpiry, parseSeconds } from './times.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/admin.ts').KeyRecord} KeyRecord */

/** What may be set when a key, or an invitation to one, is made. */
export const policyFlags = {
  person: 'P',
  models: 'a,b',
  ...limitFlags,
  team: 'T',
  ...useFlags,
  expires: '30d|12h|90s|2027-01-31',
};

/** @type {Record<string, import('./commands.mjs').Command>} */
export const keyCommands = {
  'key create': {
    summary: 'Create a key and print it, alone, on stdout. It is shown only this once.',
    shape: { flags: { name: 'N', ...policyFlags, role: 'inference|ops' } },
    run: create,
  },
  'key list': { summary: 'All keys.', shape: {}, run: list },
  'key show': {
    summary: 'One key, by name or id, and what it has spent.',
    shape: { arguments: ['KEY'] },
    run: show,
  },
  'key update': {
    summary:
      'Change a key. An empty value clears (--models "" allows all); --expires never. With --for-model the limits are those for that model alone.',
    shape: {
      arguments: ['KEY'],
      flags: { name: 'N', ...policyFlags, ...undoFlags, 'for-model': 'M' },
      later: ['role'],
    },
    run: update,
  },
  'key pause': {
    summary: 'Refuse a key until it is resumed.',
    shape: { arguments: ['KEY'] },
    run: ({ args: [key = ''], switches }) => pause(key, true, switches),
  },
  'key resume': {
    summary: 'Let a paused key go on.',
    shape: { arguments: ['KEY'] },
    run: ({ args: [key = ''], switches }) => pause(key, false, switches),
  },
  'key replace': {
    summary:
      'Give a key another text and print it, alone, on stdout; it is shown only this once. The old text goes on for --overlap (24h unless said otherwise, 0 for not at all), then ends by itself.',
    shape: { arguments: ['KEY'], flags: { overlap: '24h|7d|0' } },
    run: replace,
  },
  'key end-old': {
    summary: 'End what a key’s texts of before may still do, at once.',
    shape: { arguments: ['KEY'] },
    run: endOld,
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
  const created = await call('POST', '/keys', { name, role, ...policyOf(values, switches) });
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
      LIMITS: (key) => describeLimits(key.limits),
      EXPIRES: (key) => localTime(key.expiresAt) ?? 'never',
      'LAST USED': (key) => localTime(key.lastUsedAt),
    },
    keys,
    'There are no keys yet. Create one with: npx inglenook key create --name NAME',
  );
}

/** @param {Parsed} parsed */
async function show({ args: [key = ''], switches }) {
  const record = await call('GET', keyPath(key));
  const spending = await call('GET', `${keyPath(key)}/spending`);
  if (switches.has('json')) return printJson({ ...record, spending });
  printKey(record, switches);
  print('');
  printTable(spendingColumns, spendingRows(spending), '');
}

/** @param {Parsed} parsed */
async function update({ args: [key = ''], values, switches }) {
  const model = values['for-model'];
  const budgets = namesBudget(values) ? await budgetsNow(key, model) : [];
  const changes = {
    ...(values['name'] === undefined ? {} : { name: values['name'] }),
    ...forModel(model, policyOf(values, switches, budgets)),
  };
  if (Object.keys(changes).length === 0) throw new UsageError('There is nothing to change; name a flag.');
  printKey(await call('PATCH', keyPath(key), changes), switches);
}

/**
 * @param {string} key
 * @param {string | undefined} model
 */
async function budgetsNow(key, model) {
  /** @type {KeyRecord} */
  const { limits, modelLimits } = await call('GET', keyPath(key));
  return (model === undefined ? limits : modelLimits[model])?.budgets ?? [];
}

/**
 * The limits among the changes as those for one model.
 * @param {string | undefined} model
 * @param {ReturnType<typeof policyOf>} changes
 */
function forModel(model, { limits, ...others }) {
  if (model === undefined) return limits === undefined ? others : { ...others, limits };
  if (model.trim() === '') throw new UsageError('--for-model names no model.');
  if (limits === undefined) throw new UsageError('--for-model needs a limit beside it, such as --rpm 5.');
  return { ...others, modelLimits: { [model]: limits } };
}

/**
 * @param {string} key
 * @param {boolean} paused
 * @param {Set<string>} switches
 */
async function pause(key, paused, switches) {
  printKey(await call('PATCH', keyPath(key), { paused }), switches);
}

/** @param {Parsed} parsed */
async function replace({ args: [key = ''], values: { overlap }, switches }) {
  const body = overlap === undefined ? {} : { overlapSeconds: parseSeconds(overlap, 'overlap') };
  /** @type {import('../../server/wire/admin.ts').CreatedKey} */
  const created = await call('POST', `${keyPath(key)}/replace`, body);
  for (const warning of created.warnings) warn(`Warning: ${warning}`);
  if (switches.has('json')) return printJson(created);
  print(created.key);
  for (const { hint, endsAt } of created.formerKeys) warn(`${hint} goes on until ${localTime(endsAt)}.`);
}

/** @param {Parsed} parsed */
async function endOld({ args: [key = ''], switches }) {
  printKey(await call('DELETE', `${keyPath(key)}/former`), switches);
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
 * @param {Parsed['switches']} switches
 * @param {readonly import('../../server/wire/limits.ts').WireBudget[]} budgets those of before
 * @returns {Record<string, unknown> & { limits?: Record<string, unknown> }}
 */
export function policyOf(values, switches, budgets = []) {
  const { person, team, models, expires } = values;
  return {
    ...limitsOf(values, budgets),
    ...useOf(values, switches),
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
    Limits: describeLimits(key.limits),
    ...Object.fromEntries(
      Object.entries(key.modelLimits).map(([model, limits]) => [
        `Limits of ${model}`,
        describeLimits(limits),
      ]),
    ),
    Addresses: key.ips?.join(', ') ?? 'all',
    Labels:
      Object.entries(key.labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(', ') || null,
    Priority: key.priority,
    Tracing: key.traceUntil === null ? 'off' : `until ${localTime(key.traceUntil)}`,
    'May leave the office': key.mayLeave ? 'yes' : 'no',
    'From the internet': key.outside ? 'yes, by the public name' : 'no',
    'Response cache': key.cache ? 'while it is on' : 'no',
    Created: localTime(key.createdAt),
    Replaced: localTime(key.replacedAt),
    ...Object.fromEntries(
      key.formerKeys.map(({ hint, endsAt }) => [`Old ${hint}`, `works until ${localTime(endsAt)}`]),
    ),
    Expires: localTime(key.expiresAt) ?? 'never',
    'Last used': key.lastUsedAt === null ? 'never' : `${localTime(key.lastUsedAt)} from ${key.lastIp}`,
  });
}
