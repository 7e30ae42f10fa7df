import { call } from './client.mjs';
import { UsageError } from './failures.mjs';
import { describeLimits, limitFlags, limitsOf, spendingColumns, spendingRows } from './limit-flags.mjs';
import { localTime, plain, print, printJson, printParts, printTable } from './print.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/limits.ts').TeamRecord} TeamRecord */

/** @type {Record<string, import('./commands.mjs').Command>} */
export const teamCommands = {
  'team set': {
    summary: 'Limits that all keys of a team share, beside their own. An empty value lifts one.',
    shape: { arguments: ['NAME'], flags: limitFlags },
    run: set,
  },
  'team list': { summary: 'Teams that limits are set for.', shape: {}, run: list },
  'team show': { summary: 'One team, and what it has spent.', shape: { arguments: ['NAME'] }, run: show },
  'team pause': {
    summary: 'Refuse all keys of a team until it is resumed.',
    shape: { arguments: ['NAME'] },
    run: (parsed) => pause(parsed, true),
  },
  'team resume': {
    summary: 'Let the keys of a paused team go on.',
    shape: { arguments: ['NAME'] },
    run: (parsed) => pause(parsed, false),
  },
  'team remove': {
    summary: 'Lift all limits of a team; its keys stay.',
    shape: { arguments: ['NAME'] },
    run: remove,
  },
};

/** @param {Parsed} parsed */
async function set({ args: [name = ''], values, switches }) {
  /** @type {TeamRecord[]} */
  const teams = await call('GET', '/teams');
  const before = teams.find((team) => team.name === name)?.limits.budgets ?? [];
  printTeam(await call('PUT', teamPath(name), limitsOf(values, before)), switches);
}

/** @param {Parsed} parsed */
async function list({ switches }) {
  /** @type {TeamRecord[]} */
  const teams = await call('GET', '/teams');
  if (switches.has('json')) return printJson(teams);
  printTable(
    {
      TEAM: (team) => team.name,
      KEYS: (team) => team.keys,
      LIMITS: (team) => describeLimits(team.limits),
      PAUSED: (team) => localTime(team.pausedAt),
    },
    teams,
    'No limits are set for a team. Set some with: npx inglenook team set NAME --rpm N',
  );
}

/** @param {Parsed} parsed */
async function show({ args: [name = ''], switches }) {
  const team = await call('GET', teamPath(name));
  const spending = await call('GET', `${teamPath(name)}/spending`);
  if (switches.has('json')) return printJson({ ...team, spending });
  printTeam(team, switches);
  print('');
  printTable(spendingColumns, spendingRows(spending), '');
}

/**
 * @param {Parsed} parsed
 * @param {boolean} paused
 */
async function pause({ args: [name = ''], switches }, paused) {
  printTeam(await call('PUT', teamPath(name), { paused }), switches);
}

/** @param {Parsed} parsed */
async function remove({ args: [name = ''], switches }) {
  await call('DELETE', teamPath(name));
  if (switches.has('json')) printJson({ removed: name });
  else print(`The team ${plain(name)} has no limits any more.`);
}

/**
 * @param {TeamRecord} team
 * @param {Set<string>} switches
 */
function printTeam(team, switches) {
  if (switches.has('json')) return printJson(team);
  printParts({
    Team: team.name,
    Keys: String(team.keys),
    Limits: describeLimits(team.limits),
    Paused: team.pausedAt === null ? 'no' : `since ${localTime(team.pausedAt)}`,
  });
}

/** @param {string} name */
function teamPath(name) {
  if (name.trim() === '') throw new UsageError('NAME is empty.');
  return `/teams/${encodeURIComponent(name)}`;
}
