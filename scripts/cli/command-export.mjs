import { text } from 'node:stream/consumers';
import { call } from './client.mjs';
import { Refused, UsageError } from './failures.mjs';
import { plain, print, printJson, printTable, warn } from './print.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/exports.ts').ExportRecord} ExportRecord */
/** @typedef {import('../../server/wire/exports.ts').ExportTest} ExportTest */

const commonFlags = { name: 'N', 'may-leave': '', 'without-people': '', from: 'first|next' };

/** @type {Record<string, import('./commands.mjs').Command>} */
export const exportCommands = {
  'export list': {
    summary: 'Where the log goes besides: how far each export has come, and what is wrong.',
    shape: {},
    run: list,
  },
  'export set-postgres': {
    summary:
      'Write the log’s rows (no prompts) into a PostgreSQL database: postgres://user@host:5432/database. --password - reads it from stdin; --from next leaves out the rows there are.',
    shape: { arguments: ['URL'], flags: { ...commonFlags, password: 'W' } },
    run: setPostgres,
  },
  'export set-otlp': {
    summary:
      'Send each request as a trace (OTLP over HTTP) to a collector or, with --preset langfuse and its two keys, to Langfuse. --header name=value may be repeated; --secret-key - reads it from stdin; --from first sends the rows there are, too. What traced keys say goes along, masked, to receivers in the office; --prompts no keeps it here, --prompts yes is wanted with --may-leave and counts for keys that may leave.',
    shape: {
      arguments: ['URL'],
      flags: {
        ...commonFlags,
        preset: 'otlp|langfuse',
        header: 'NAME=VALUE…',
        'public-key': 'K',
        'secret-key': 'K',
        prompts: 'yes|no',
      },
    },
    run: setOtlp,
  },
  'export test': {
    summary: 'Try now whether an export can be sent. Exit code 1 if not.',
    shape: { arguments: ['NAME'] },
    run: test,
  },
  'export remove': {
    summary: 'Send no more rows there and forget its secret; what has arrived stays there.',
    shape: { arguments: ['NAME'] },
    run: remove,
  },
};

/** @param {Parsed} parsed */
async function list({ switches }) {
  /** @type {ExportRecord[]} */
  const exports = await call('GET', '/exports');
  if (switches.has('json')) return printJson(exports);
  printTable(
    {
      NAME: (one) => one.name,
      KIND: (one) => one.kind,
      URL: (one) => one.url,
      PROMPTS: (one) => (one.prompts ? 'of traced keys' : 'no'),
      STATE: (one) => one.state,
      BACKLOG: (one) => one.backlog,
      SENT: (one) => one.sent,
      'LAST SUCCESS': (one) => one.lastSuccessAt ?? 'never',
    },
    exports,
    'There are no exports. Add one with: npx inglenook export set-postgres URL, or export set-otlp URL',
  );
  for (const { name, problem } of exports) if (problem !== null) warn(`${plain(name)}: ${plain(problem)}`);
}

/** @param {Parsed} parsed */
async function setPostgres(parsed) {
  const { password } = parsed.values;
  const secret = password === undefined ? {} : { password: await readSecret(password) };
  await set(parsed, 'postgres', secret);
}

/** @param {Parsed} parsed */
async function setOtlp(parsed) {
  const {
    preset = 'otlp',
    header,
    'public-key': publicKey,
    'secret-key': secretKey,
    prompts,
  } = parsed.values;
  if (preset !== 'otlp' && preset !== 'langfuse') {
    throw new UsageError('--preset is one of: otlp, langfuse.');
  }
  if (preset === 'langfuse' && header !== undefined) {
    throw new UsageError('Langfuse takes --public-key and --secret-key, not --header.');
  }
  if (preset === 'otlp' && (publicKey ?? secretKey) !== undefined) {
    throw new UsageError('--public-key and --secret-key are for --preset langfuse; use --header.');
  }
  if (prompts !== undefined && prompts !== 'yes' && prompts !== 'no') {
    throw new UsageError('--prompts is one of: yes, no.');
  }
  await set(parsed, preset, {
    ...(prompts === undefined ? {} : { prompts: prompts === 'yes' }),
    ...(header === undefined ? {} : { headers: readHeaders(header) }),
    ...(publicKey === undefined ? {} : { publicKey }),
    ...(secretKey === undefined ? {} : { secretKey: await readSecret(secretKey) }),
  });
}

/**
 * @param {Parsed} parsed
 * @param {'postgres' | 'otlp' | 'langfuse'} kind
 * @param {Record<string, unknown>} secret
 */
async function set({ args: [url = ''], values, switches }, kind, secret) {
  const { name = kind, from } = values;
  if (from !== undefined && from !== 'first' && from !== 'next') {
    throw new UsageError('--from is one of: first, next.');
  }
  /** @type {ExportRecord} */
  const made = await call('PUT', exportPath(name), {
    kind,
    url,
    ...secret,
    ...(switches.has('may-leave') ? { mayLeave: true } : {}),
    ...(switches.has('without-people') ? { people: false } : {}),
    ...(from === undefined ? {} : { history: from === 'first' }),
  });
  /** @type {ExportTest} */
  const tried = await call('POST', `${exportPath(name)}/test`);
  if (switches.has('json')) printJson({ ...made, test: tried });
  else {
    print(`${plain(made.name)}  ${plain(made.url)}  ${made.backlog} rows to send`);
    if (kind !== 'postgres') warn(whatIsSaid(made));
  }
  if (!tried.works) warn(`It is kept, but nothing can be sent yet: ${plain(tried.reason ?? '')}`);
}

/** @param {ExportRecord} made */
function whatIsSaid({ prompts, mayLeave }) {
  if (!prompts) return 'Prompts do not go there. To send what traced keys say: --prompts yes';
  return `What traced keys say goes there, masked${mayLeave ? ', of keys that may leave the office' : ''}; their devices are told. To keep it here: --prompts no`;
}

/** @param {Parsed} parsed */
async function test({ args: [name = ''], switches }) {
  /** @type {ExportTest} */
  const tried = await call('POST', `${exportPath(name)}/test`);
  if (switches.has('json')) printJson(tried);
  if (!tried.works) throw new Refused(tried.reason ?? 'Nothing can be sent there.');
  if (!switches.has('json')) print(`${plain(name)}  works  ${tried.latencyMs} ms`);
}

/** @param {Parsed} parsed */
async function remove({ args: [name = ''], switches }) {
  await call('DELETE', exportPath(name));
  if (switches.has('json')) printJson({ removed: name });
  else print(`Nothing more is sent to ${plain(name)}; its secret is forgotten.`);
}

/** @param {string} given several are one text with commas between */
function readHeaders(given) {
  /** @type {Record<string, string>} */
  const headers = {};
  let last = '';
  for (const part of given.split(',')) {
    const [, name, value] = /^\s*([A-Za-z0-9!#$%&'*+.^_`|~-]+)=(.*)$/s.exec(part) ?? [];
    if (name !== undefined && value !== undefined) headers[(last = name)] = value;
    // A comma inside a value.
    else if (last !== '') headers[last] += `,${part}`;
    else throw new UsageError('--header takes NAME=VALUE.');
  }
  return headers;
}

/** @param {string} given */
async function readSecret(given) {
  return given === '-' ? (await text(process.stdin)).trim() : given;
}

/** @param {string} name */
function exportPath(name) {
  if (name.trim() === '') throw new UsageError('NAME is empty.');
  return `/exports/${encodeURIComponent(name)}`;
}
