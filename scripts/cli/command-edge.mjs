import { call } from './client.mjs';
import { localTime, plain, print, printJson, printParts, printTable } from './print.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/edge.ts').EdgeState} EdgeState */
/** @typedef {import('../../server/wire/edge.ts').EdgeBlock} EdgeBlock */

/**
 * Who may knock. The rules are changed as settings: `settings set edge.allow 192.168.1.0/24`.
 * @type {Record<string, import('./commands.mjs').Command>}
 */
export const edgeCommands = {
  edge: {
    summary: 'From where requests are taken and how many, what was turned away, and who is blocked.',
    shape: {},
    run: show,
  },
  'edge blocks': {
    summary: 'Addresses that are left outside for a while, with the reason and until when.',
    shape: {},
    run: listBlocks,
  },
  'edge lift': {
    summary: 'Let a blocked address in again, and forget what led to it.',
    shape: { arguments: ['ADDRESS'] },
    run: lift,
  },
};

const reasons = { keys: 'wrong API keys', passwords: 'wrong passwords', codes: 'wrong pairing codes' };

/** @param {Parsed} parsed */
async function show({ switches }) {
  /** @type {EdgeState} */
  const { settings, connections, refused, blocks } = await call('GET', '/edge');
  if (switches.has('json')) return printJson({ settings, connections, refused, blocks });
  printParts({
    'let in': settings.allow.length === 0 ? 'everybody' : settings.allow.join(', '),
    'trusted proxies': settings.trustedProxies.length === 0 ? 'none' : settings.trustedProxies.join(', '),
    'connections of one address': `${settings.connectionsPerAddress}; ${settings.connectionsBeforeKey} before it has shown a key`,
    'connections of others': `${connections.office} of ${settings.connectionsOffice}; ${connections.strangers} without a key yet`,
    'connections from here': `${connections.loopback} of ${settings.connectionsLoopback}; the last ${settings.connectionsReserved} for the console`,
    'requests of one address': `${settings.requestsPerMinute ?? 'any number'} a minute`,
    'answers to one address': `${settings.streamsPerAddress ?? 'any number'} at the same time`,
    'who guesses': settings.blockGuessers ? 'is left outside for a while' : 'is not blocked',
    'turned away since the start':
      `${refused.connections} connections; requests: ${refused.notAllowed} not on the list, ` +
      `${refused.blocked} blocked, ${refused.requests} too many a minute, ${refused.streams} too many at once`,
  });
  print('');
  printBlocks(blocks);
}

/** @param {Parsed} parsed */
async function listBlocks({ switches }) {
  /** @type {EdgeBlock[]} */
  const blocks = await call('GET', '/edge/blocks');
  if (switches.has('json')) return printJson(blocks);
  printBlocks(blocks);
}

/** @param {readonly EdgeBlock[]} blocks */
function printBlocks(blocks) {
  printTable(
    {
      BLOCKED: (block) => block.address,
      FOR: (block) => `${block.wrong} ${reasons[/** @type {EdgeBlock} */ (block).reason]}`,
      SINCE: (block) => localTime(block.since),
      UNTIL: (block) => localTime(block.until),
      TIMES: (block) => block.times,
    },
    blocks,
    'Nobody is blocked.',
  );
}

/** @param {Parsed} parsed */
async function lift({ args: [address = ''], switches }) {
  await call('DELETE', `/edge/blocks/${encodeURIComponent(address)}`);
  if (switches.has('json')) return printJson({ lifted: address });
  print(`${plain(address)} may come in again.`);
}
