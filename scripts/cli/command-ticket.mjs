import { call } from './client.mjs';
import { policyFlags, policyOf } from './command-key.mjs';
import { Refused, UsageError } from './failures.mjs';
import { parseList } from './flags.mjs';
import { localTime, print, printJson, printParts, printTable, warn } from './print.mjs';
import { parseSeconds } from './times.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/pairing.ts').TicketRecord} TicketRecord */

const { person: _nobodys, ...machineFlags } = policyFlags;

/** @type {Record<string, import('./commands.mjs').Command>} */
export const ticketCommands = {
  'ticket create': {
    summary:
      'A ticket for scripts: lets machines in without asking, --uses of them (1) for --valid (24h), --from CIDR,… only. The other options are those of each key.',
    shape: { flags: { name: 'N', uses: 'N', valid: '24h|30d', from: 'CIDR,…', ...machineFlags } },
    run: create,
  },
  'ticket list': { summary: 'Tickets for scripts, and how often each was used.', shape: {}, run: list },
  'ticket revoke': {
    summary: 'End a ticket, by id or name. With --keys the keys that it has made as well.',
    shape: { arguments: ['TICKET'], flags: { keys: '' } },
    run: revoke,
  },
};

/** @param {Parsed} parsed */
async function create({ values, switches }) {
  const { name, uses, valid, from } = values;
  if (name === undefined) throw new UsageError('--name is missing: every ticket needs one.');
  if (uses !== undefined && !/^[1-9]\d{0,3}$/.test(uses))
    throw new UsageError('--uses takes a number from 1 to 1000.');
  /** @type {import('../../server/wire/pairing.ts').CreatedTicket} */
  const created = await call('POST', '/tickets', {
    ...policyOf(values, switches),
    name,
    ...(uses === undefined ? {} : { uses: Number(uses) }),
    ...(valid === undefined ? {} : { validSeconds: parseSeconds(valid, 'valid') }),
    ...(from === undefined ? {} : { from: parseList(from) }),
  });
  const { ticket, url, command, expiresAt, mostUses, id, warnings } = created;
  for (const warning of warnings) warn(`Warning: ${warning}`);
  if (switches.has('json')) return printJson(created);
  printParts({ ticket, url, uses: String(mostUses), expiresAt, id });
  print(`\nWhoever has this ticket gets in without anybody being asked. On each machine:\n\n  ${command}`);
}

/** @param {Parsed} parsed */
async function list({ switches }) {
  /** @type {TicketRecord[]} */
  const tickets = await call('GET', '/tickets');
  if (switches.has('json')) return printJson(tickets);
  printTable(
    {
      ID: (ticket) => ticket.id,
      NAME: (ticket) => ticket.name,
      STATE: (ticket) => ticket.state,
      USED: (ticket) => `${ticket.uses} of ${ticket.mostUses}`,
      FROM: (ticket) => ticket.from?.join(', ') ?? 'everywhere',
      EXPIRES: (ticket) => localTime(ticket.expiresAt),
      'LAST USED': (ticket) => localTime(ticket.lastUsedAt),
    },
    tickets,
    'There are no tickets. Make one with: npx inglenook ticket create --name NAME --uses N',
  );
  for (const { name, refusedFrom, refusedAt } of tickets) {
    if (refusedFrom !== null) warn(`“${name}” was refused to ${refusedFrom} (${localTime(refusedAt)}).`);
  }
}

/** @param {Parsed} parsed */
async function revoke({ args: [wanted = ''], switches }) {
  const id = await idOf(wanted);
  const keys = switches.has('keys') ? 'revoke' : 'keep';
  /** @type {TicketRecord} */
  const ticket = await call('DELETE', `/tickets/${encodeURIComponent(id)}?keys=${keys}`);
  if (switches.has('json')) return printJson(ticket);
  printParts({ Revoked: ticket.name, Id: ticket.id, 'Keys that go on': String(ticket.keyIds.length) });
}

/**
 * @param {string} wanted an id, or the name of one that is open
 * @returns {Promise<string>}
 */
async function idOf(wanted) {
  if (wanted === '') throw new UsageError('TICKET is empty.');
  /** @type {TicketRecord[]} */
  const tickets = await call('GET', '/tickets');
  if (tickets.some(({ id }) => id === wanted)) return wanted;
  const named = tickets.filter(({ name, state }) => name === wanted && state !== 'revoked');
  const [only, another] = named;
  if (only === undefined) throw new Refused(`There is no ticket with the id or name “${wanted}”.`);
  if (another !== undefined) throw new Refused(`Several tickets are named “${wanted}”; use the id.`);
  return only.id;
}
