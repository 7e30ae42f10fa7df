import { call } from './client.mjs';
import { policyFlags, policyOf } from './command-key.mjs';
import { Refused, UsageError } from './failures.mjs';
import { localTime, print, printJson, printParts, printTable, warn } from './print.mjs';
import { parseSeconds } from './times.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/pairing.ts').PairingRecord} PairingRecord */

const presets = ['teammate', 'script', 'guest'];

/** @type {Record<string, import('./commands.mjs').Command>} */
export const pairCommands = {
  'pair create': {
    summary:
      'Invite a device: a link and a code that work once, for ten minutes or --valid. With --replaces the device gets another text for its key.',
    shape: {
      flags: {
        name: 'N',
        ...policyFlags,
        device: 'D',
        preset: presets.join('|'),
        'auto-approve': '',
        valid: '10m|3d',
        replaces: 'KEY',
        overlap: '24h|7d|0',
      },
    },
    run: create,
  },
  'pair list': { summary: 'Invitations of the last day, and the devices that ask.', shape: {}, run: list },
  'pair approve': {
    summary: 'Let a waiting device in; first compare its match code. By id, person or device.',
    shape: { arguments: ['INVITATION'] },
    run: (parsed) => decide(parsed, 'approve'),
  },
  'pair deny': {
    summary: 'Refuse a waiting device. By id, person or device.',
    shape: { arguments: ['INVITATION'] },
    run: (parsed) => decide(parsed, 'deny'),
  },
};

/** @param {Parsed} parsed */
async function create({ values, switches }) {
  const { name, device, preset, valid, replaces, overlap } = values;
  if (preset !== undefined && !presets.includes(preset)) {
    throw new UsageError(`--preset takes ${presets.join(', ')}.`);
  }
  if (overlap !== undefined && replaces === undefined)
    throw new UsageError('--overlap needs --replaces KEY.');
  /** @type {import('../../server/wire/pairing.ts').CreatedPairing} */
  const created = await call('POST', '/pairings', {
    ...policyOf(values, switches),
    ...(name === undefined ? {} : { name }),
    ...(device === undefined ? {} : { device }),
    ...(preset === undefined ? {} : { preset }),
    ...(valid === undefined ? {} : { validMinutes: Math.ceil(parseSeconds(valid, 'valid') / 60) }),
    ...(replaces === undefined ? {} : { replaces }),
    ...(overlap === undefined ? {} : { overlapSeconds: parseSeconds(overlap, 'overlap') }),
    autoApprove: switches.has('auto-approve'),
  });
  for (const warning of created.warnings) warn(`Warning: ${warning}`);
  if (switches.has('json')) return printJson(created);
  const { url, code, ticket, expiresAt, shortAddress, id } = created;
  printParts({ url, code, ticket, expiresAt });
  print(`\nOr open ${shortAddress} on the device and type the code.`);
  if (!switches.has('auto-approve')) print(`When it asks, let it in with: npx inglenook pair approve ${id}`);
}

/** @param {Parsed} parsed */
async function list({ switches }) {
  /** @type {PairingRecord[]} */
  const pairings = await call('GET', '/pairings');
  if (switches.has('json')) return printJson(pairings);
  printTable(
    {
      ID: (pairing) => pairing.id,
      STATE: (pairing) => pairing.state,
      PERSON: (pairing) => pairing.person,
      DEVICE: (pairing) => pairing.join?.device ?? pairing.device,
      MATCH: (pairing) => (pairing.state === 'waiting' ? pairing.join?.matchCode : null),
      FROM: (pairing) => pairing.join?.ip,
      EXPIRES: (pairing) => localTime(pairing.expiresAt),
    },
    pairings,
    'There are no invitations. Invite a device with: npx inglenook pair create --person NAME',
  );
  for (const { id, uninvited, state } of pairings) {
    if (!uninvited || state !== 'waiting') continue;
    warn(`${id} asks without an invitation: let it in only if you know whose it is.`);
  }
  for (const { id, triedAgainFrom } of pairings) {
    if (triedAgainFrom !== null) warn(`${id} was tried once more, from ${triedAgainFrom}.`);
  }
  if (pairings.some((pairing) => pairing.closedBy === 'guessing')) {
    warn('Somebody was guessing codes, so the open invitations were closed.');
  }
}

/**
 * @param {Parsed} parsed
 * @param {'approve' | 'deny'} decision
 */
async function decide({ args: [wanted = ''], switches }, decision) {
  const id = await idOf(wanted);
  /** @type {PairingRecord} */
  const pairing = await call('POST', `/pairings/${encodeURIComponent(id)}/${decision}`);
  if (switches.has('json')) return printJson(pairing);
  printParts({
    [decision === 'approve' ? 'Let in' : 'Refused']: pairing.join?.device,
    From: pairing.join?.ip,
    'Match code': pairing.join?.matchCode,
  });
}

/**
 * @param {string} wanted an id, or whom or what the waiting device is
 * @returns {Promise<string>}
 */
async function idOf(wanted) {
  if (wanted === '') throw new UsageError('INVITATION is empty.');
  /** @type {PairingRecord[]} */
  const pairings = await call('GET', '/pairings');
  const byId = pairings.find(({ id }) => id === wanted);
  if (byId !== undefined) return byId.id;
  const named = pairings.filter(
    ({ state, person, device, join }) =>
      state === 'waiting' && [person, device, join?.device].includes(wanted),
  );
  const [only, another] = named;
  if (only === undefined) throw new Refused(`No device is waiting under the id or name “${wanted}”.`);
  if (another !== undefined) throw new Refused(`Several devices are waiting as “${wanted}”; use the id.`);
  return only.id;
}
