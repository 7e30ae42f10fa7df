import { text } from 'node:stream/consumers';
import { call } from './client.mjs';
import { Refused, UsageError } from './failures.mjs';
import { parseCount } from './flags.mjs';
import { plain, print, printJson, printTable, warn } from './print.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/upstreams.ts').UpstreamRecord} UpstreamRecord */

const kinds = ['openai', 'vllm', 'llama-server', 'lmstudio', 'inglenook', 'ollama'];

/** @type {Record<string, import('./commands.mjs').Command>} */
export const upstreamCommands = {
  'upstream add': {
    summary:
      'Add a server that answers for us; keys use it only with --may-leave allowed if it may lie outside the office. --api-key - reads the key from stdin.',
    shape: {
      arguments: ['NAME'],
      flags: {
        url: 'URL',
        'api-key': 'K',
        kind: kinds.join('|'),
        'may-leave': '',
        slots: 'N',
        'routing-header': 'H',
        'context-tokens': 'N',
      },
    },
    run: add,
  },
  'upstream list': {
    summary:
      'All upstreams, and what is known of them. --nearby: other Inglenooks that announce themselves on the network instead.',
    shape: { flags: { nearby: '' } },
    run: list,
  },
  'upstream test': {
    summary: 'Ask an upstream for its models now. Exit code 1 if it does not answer.',
    shape: { arguments: ['NAME'] },
    run: test,
  },
  'upstream remove': {
    summary: 'Forget an upstream and its key; running answers go on to their end.',
    shape: { arguments: ['NAME'] },
    run: remove,
  },
};

/** @param {Parsed} parsed */
async function add({ args: [name = ''], values, switches }) {
  const { url, kind } = values;
  if (url === undefined || url.trim() === '') throw new UsageError('--url is missing.');
  if (kind !== undefined && !kinds.includes(kind)) {
    throw new UsageError(`--kind is one of: ${kinds.join(', ')}.`);
  }
  /** @type {UpstreamRecord} */
  const upstream = await call('POST', '/upstreams', {
    name,
    url,
    ...(kind === undefined ? {} : { kind }),
    ...(values['api-key'] === undefined ? {} : { apiKey: await readKey(values['api-key']) }),
    ...(switches.has('may-leave') ? { mayLeave: true } : {}),
    ...count(values, 'slots', 'slots', { min: 1, max: 1024 }),
    ...count(values, 'context-tokens', 'contextTokens', { min: 256, max: 4_194_304 }),
    ...(values['routing-header'] === undefined ? {} : { routingHeader: values['routing-header'] || null }),
  });
  if (switches.has('json')) return printJson(upstream);
  print(`${plain(upstream.name)}  ${plain(upstream.url)}  ${modelsOf(upstream)}`);
  if (upstream.reason !== null) warn(`It was added, but does not answer yet: ${upstream.reason}`);
}

/** @param {Parsed} parsed */
async function list({ switches }) {
  if (switches.has('nearby')) return await listNearby(switches.has('json'));
  /** @type {UpstreamRecord[]} */
  const upstreams = await call('GET', '/upstreams');
  if (switches.has('json')) return printJson(upstreams);
  printTable(
    {
      NAME: (upstream) => upstream.name,
      KIND: (upstream) => upstream.kind,
      URL: (upstream) => upstream.url,
      STATE: (upstream) => upstream.state,
      MODELS: (upstream) => upstream.models.length,
      'MAY LEAVE': (upstream) => (upstream.mayLeave ? 'yes' : 'no'),
    },
    upstreams,
    'There are no upstreams. Add one with: npx inglenook upstream add NAME --url URL',
  );
  for (const { name, reason } of upstreams) if (reason !== null) warn(`${name}: ${reason}`);
}

/** @param {boolean} asJson */
async function listNearby(asJson) {
  /** @type {import('../../server/wire/neighbours.ts').WireNeighbourhood} */
  const { neighbours, problem } = await call('GET', '/neighbours');
  if (problem !== null) throw new Refused(problem.en);
  if (asJson) return printJson(neighbours);
  printTable(
    {
      NAME: (neighbour) => neighbour.name,
      URL: (neighbour) => neighbour.url,
      HOST: (neighbour) => neighbour.host,
      'ADDED AS': (neighbour) => neighbour.upstream,
    },
    neighbours,
    'No other Inglenook announces itself on this network. Networks for guests and some Wi-Fi hide them.',
  );
  if (neighbours.some(({ upstream }) => upstream === null)) {
    warn(
      'Anybody can use such a name: ask its owner for a key, then: npx inglenook upstream add NAME --url URL --kind inglenook --api-key K',
    );
  }
}

/** @param {Parsed} parsed */
async function test({ args: [name = ''], switches }) {
  /** @type {UpstreamRecord} */
  const upstream = await call('POST', `${upstreamPath(name)}/test`);
  if (switches.has('json')) printJson(upstream);
  if (upstream.state !== 'ready') throw new Refused(upstream.reason ?? 'It does not answer.');
  if (!switches.has('json'))
    print(`${plain(upstream.name)}  ${upstream.latencyMs} ms  ${modelsOf(upstream)}`);
}

/** @param {Parsed} parsed */
async function remove({ args: [name = ''], switches }) {
  await call('DELETE', upstreamPath(name));
  if (switches.has('json')) printJson({ removed: name });
  else print(`${plain(name)} is no longer asked; its key is forgotten.`);
}

/** @param {string} given */
async function readKey(given) {
  return given === '-' ? (await text(process.stdin)).trim() : given;
}

/**
 * @param {Record<string, string | undefined>} values
 * @param {string} flag
 * @param {string} field
 * @param {{ min: number, max: number }} range
 */
function count(values, flag, field, range) {
  const given = values[flag];
  return given === undefined ? {} : { [field]: parseCount(flag, given, range) };
}

/** @param {UpstreamRecord} upstream */
function modelsOf({ models }) {
  return models.length === 0 ? 'no models yet' : models.map(plain).join(', ');
}

/** @param {string} name */
function upstreamPath(name) {
  if (name.trim() === '') throw new UsageError('NAME is empty.');
  return `/upstreams/${encodeURIComponent(name)}`;
}
