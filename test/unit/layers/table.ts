/**
 * What may import what. Read it from the floor of the house to its roof: a row names everything of ours and every
 * npm package its folder may use; its own files are always open to it, and what is not named is forbidden. The row
 * with the longest path that fits a file decides.
 */
export type Layer = {
  /** A folder, or one file with a rule of its own. */
  readonly path: string;
  /** Folders or files of ours, packages as `npm:name`, and `node:` for all of Node's own modules. */
  readonly may: readonly string[];
  /** May be imported as types only: they leave no trace when the program runs. */
  readonly types: readonly string[];
  readonly because: string;
};

function row(path: string, because: string, may: string, types = ''): Layer {
  const words = (list: string): string[] => list.split(/\s+/u).filter((word) => word !== '');
  return { path, because, may: words(may), types: words(types) };
}

/** What the folders that do the work stand on. */
const floors = 'node: server/core';

export const layers: readonly Layer[] = [
  // --- floors: they know nobody ----------------------------------------------------------------------------
  row('server/core', 'our vocabulary: whoever reads it needs no package', 'node:'),
  row('server/wire', 'shared with the console, which has no Node', 'npm:zod'),

  // --- what does the work; each heavy package has one home ----------------------------------------------------
  row('server/store', 'the only home of SQLite', `${floors} server/wire npm:zod npm:better-sqlite3`),
  row(
    'server/store/backup/backup-file.ts',
    'the only home of age: the encrypted file of a backup',
    `${floors} npm:age-encryption`,
  ),
  row('server/store/ledger/csv.ts', 'the only home of csv-stringify: tables as files', 'npm:csv-stringify'),
  row('server/engines', 'an engine knows no http, dialect, gate or store', `${floors} npm:zod`),
  row(
    'server/engines/openai/upstream-http.ts',
    'the only home of undici: every way out to another server',
    `${floors} server/engines/openai npm:undici`,
  ),
  row('server/engines/openai/arriving.ts', 'what undici calls while an answer comes in', 'npm:undici'),
  row(
    'server/engines/builtin/engine-process.ts',
    'the only home of node-llama-cpp: a process of its own for each loaded model',
    `${floors} server/engines/builtin npm:node-llama-cpp npm:zod`,
  ),
  row(
    'server/engines/builtin/embedding/embedding-contexts.ts',
    'what the engine process loads for vectors; the library arrives as a value',
    `${floors} server/engines/builtin`,
    'npm:node-llama-cpp',
  ),
  row(
    'server/engines/builtin/chat/template-worker.ts',
    'a model’s own template runs in a thread that can be ended',
    'node: npm:@huggingface/jinja',
    'server/engines/builtin',
  ),
  row('server/dialects', 'pure translators: no clock, no store, no engine', `${floors} npm:zod`),
  row(
    'server/dialects/cl100k.ts',
    'the only home of js-tiktoken: its vocabulary is loaded when somebody sends such ids',
    `${floors} npm:js-tiktoken`,
  ),
  row(
    'server/edge',
    'who may knock, by address; the only home of proxy-addr',
    `${floors} server/wire npm:proxy-addr`,
  ),
  row('server/gate', 'is this request allowed?', `${floors} server/store`),
  row('server/routing', 'who answers it; engines arrive as values', floors),
  row(
    'server/record',
    'what remains of it',
    `${floors} server/wire server/store npm:rotating-file-stream npm:zod`,
  ),
  row(
    'server/lan',
    'how the office finds us',
    `${floors} server/wire server/store npm:bonjour-service npm:qrcode`,
  ),

  row('server/tls', 'who we are on an encrypted connection', `${floors} server/wire server/store`),
  row(
    'server/tls/issue.ts',
    'the only home of @peculiar/x509: certificates are made here',
    `node: server/tls npm:@peculiar/x509 npm:@peculiar/asn1-x509 npm:@peculiar/asn1-schema npm:reflect-metadata`,
  ),

  row(
    'server/owner',
    'the owner comes first: pauses and office hours; what they stop and start arrives as values',
    `${floors} server/wire server/store`,
  ),
  row(
    'server/doctor',
    'what may keep the office from its answers; everything it looks at arrives as values',
    `${floors} server/wire server/lan`,
  ),

  row(
    'server/updates',
    'newer versions of ourselves: asked for when the owner wants it, never installed',
    `${floors} server/wire server/store npm:zod`,
  ),
  row('server/out', 'where the record goes besides', `${floors} server/wire server/store npm:zod`),
  row(
    'server/out/metrics',
    'the only home of prom-client: what Prometheus is told',
    `${floors} server/wire server/out npm:prom-client`,
  ),
  row(
    'server/out/postgres/session.ts',
    'the only home of pg: a connection to somebody’s PostgreSQL',
    `${floors} npm:pg`,
  ),

  row(
    'server/check',
    'which tools a model is good for; it asks over http, as they do',
    `${floors} server/wire server/store npm:zod`,
  ),

  row(
    'server/connect',
    'how tools are set up; rendered from values alone',
    `${floors} server/wire npm:yaml npm:smol-toml`,
  ),

  row(
    'server/connect-tool',
    'a program of its own, for the computers of teammates: built into one file, so nothing of the server but words',
    'node: server/wire/connect-tool.ts npm:@decimalturn/toml-patch npm:jsonc-parser npm:smol-toml npm:yaml',
  ),

  // --- the entrance, and the one place that knows everybody ---------------------------------------------------
  row(
    'server/http',
    'the only home of express; engines come through routing',
    `${floors} server/wire server/store server/dialects server/edge server/gate server/routing server/record server/lan
     server/out server/tls server/connect server/check server/doctor server/owner server/updates npm:express npm:zod`,
    'server/config.ts',
  ),
  row('server/http/totp.ts', 'the only home of otpauth: codes of authenticator apps', 'npm:otpauth'),
  row('server/config.ts', 'the only reader of the environment', `${floors} server/wire/data-dir.ts npm:zod`),
  row('server/host-link.ts', 'the tie to whoever started the server', 'node: server/wire'),
  row(
    'server/host-news.ts',
    'what the app below which the server runs is told, and what it may do',
    `${floors} server/wire`,
    'server/host-link.ts',
  ),
  row(
    'server/compose-host.ts',
    'the same, put together of the parts that know it',
    'server/store/owner.ts',
    `server/core server/wire server/store server/lan server/record server/http server/host-news.ts
     server/compose-owner.ts server/updates`,
  ),
  row(
    'server/compose-options.ts',
    'what may be other than usual; for the app and for tests',
    '',
    `server/core server/store server/lan server/http server/owner server/compose-foundation.ts
     server/compose-updates.ts`,
  ),
  row(
    'server/compose.ts',
    'opens the house, listens, and closes it again in the opposite order',
    `${floors} server/config.ts server/store server/http server/compose-foundation.ts server/compose-host.ts
     server/compose-house.ts server/compose-record.ts`,
    'server/host-news.ts server/compose-options.ts',
  ),
  row(
    'server/compose-house.ts',
    'the only place that ties the parts together',
    `${floors} server/wire server/config.ts server/store server/engines server/dialects server/edge server/gate
     server/routing server/record server/lan server/http server/compose-checks.ts server/compose-engines.ts
     server/compose-foundation.ts server/compose-network.ts server/compose-out.ts server/compose-owner.ts
     server/compose-record.ts server/compose-trials.ts server/compose-updates.ts server/doctor server/owner`,
    'server/compose-options.ts',
  ),
  row(
    'server/compose-out.ts',
    'the same for what the record is told to others by: exports, Prometheus, prices to compare with',
    `${floors} server/config.ts server/store server/out server/compose-record.ts`,
  ),
  row(
    'server/compose-network.ts',
    'the same for how the server stands in the network: office switch, certificates, edge, neighbours',
    `${floors} server/store server/edge server/record server/lan server/tls server/http`,
  ),
  row(
    'server/compose-updates.ts',
    'the same for newer versions of ourselves',
    `${floors} server/config.ts server/compose-foundation.ts server/updates`,
  ),
  row(
    'server/compose-trials.ts',
    'what is tried before it stays, and how it is taken back',
    `${floors} server/wire server/config.ts server/store server/record server/tls server/http npm:zod`,
  ),
  row(
    'server/compose-checks.ts',
    'the same for the checks of models, which give way to everybody else',
    `${floors} server/record server/check server/http`,
  ),
  row(
    'server/compose-owner.ts',
    'the same for what gives the computer back to its owner, and to the office by the clock',
    `${floors} server/wire server/store server/record server/http server/owner`,
    'server/compose-engines.ts server/compose-foundation.ts',
  ),
  row(
    'server/compose-record.ts',
    'the same for what keeps and reads the record of requests',
    `${floors} server/store server/record`,
  ),
  row(
    'server/compose-foundation.ts',
    'the same for what is there before the first request: data folder, database, our own engine',
    `${floors} server/config.ts server/store server/engines server/record server/owner`,
  ),
  row(
    'server/compose-engines.ts',
    'the same for the engines: our own, Ollama, and one for each upstream',
    `${floors} server/config.ts server/store server/engines`,
    'server/compose-foundation.ts',
  ),
  row(
    'server/offline.ts',
    'what the command line does on data while no server runs on them',
    `${floors} server/wire server/config.ts server/store server/doctor`,
  ),
  row(
    'server/main.ts',
    'starts and stops',
    `${floors} server/config.ts server/compose.ts server/host-link.ts server/host-news.ts server/store/claim.ts`,
  ),

  // --- the app's window: the server is another process, never imported ----------------------------------------
  row('electron', 'Electron is handed in by main.ts', 'node: server/wire npm:zod', 'npm:electron'),
  row('electron/shared', 'what the console knows of the app: shared with it, so no Node', 'npm:zod'),
  row('electron/main.ts', 'the only value import of Electron', 'node: electron server/wire npm:electron'),
  row('electron/preload.cts', 'sandboxed: it may require nothing else', 'npm:electron', 'electron/shared'),

  // --- the console: runs in any browser and speaks to the server over http alone ------------------------------
  row(
    'renderer',
    'runs in any browser and speaks to the server over http alone',
    `server/wire npm:zod npm:react npm:react-dom npm:@mantine/charts npm:@mantine/core npm:@mantine/form npm:@mantine/hooks
     npm:@mantine/notifications npm:@tanstack/react-query npm:@tanstack/react-virtual npm:i18next npm:react-i18next npm:lucide-react
     npm:react-error-boundary npm:react-markdown npm:remark-gfm npm:highlight.js npm:eventsource-parser npm:wouter`,
    'electron/shared',
  ),
  row('renderer/vite.config.ts', 'runs while building', 'node: renderer npm:vite npm:@vitejs/plugin-react'),
  row('renderer/lean-packages.ts', 'runs while building', 'node: npm:vite'),

  // --- scripts -------------------------------------------------------------------------------------------------
  row('scripts', 'set-up runs before anything is installed', 'node:'),
  row('scripts/connect-tool.vite.config.ts', 'runs while building', 'node: npm:vite'),
  row('scripts/bench', 'measures the real thing', 'node: scripts server test/fakes npm:openai npm:undici'),
  row('scripts/bench/bare-loop.ts', 'the bare library, to compare with', 'node: npm:node-llama-cpp'),
  row('scripts/icons.mjs', 'draws in a browser', 'node: scripts npm:playwright-core'),
  row('scripts/bench/console', 'in Chromium', 'node: scripts test/browser/chromium.ts'),
  row('scripts/shots.mjs', 'photographs the real thing', 'node: scripts test npm:playwright-core'),

  // --- tests may look into everything ---------------------------------------------------------------------------
  row('test/vitest.config.ts', 'read by vitest', 'node: npm:vitest'),
  row(
    'test/fakes',
    'stand-ins that run for real',
    `node: server electron npm:vitest npm:zod npm:express npm:jsqr npm:ajv npm:fast-check npm:multicast-dns
     npm:better-sqlite3`,
    'npm:electron npm:node-llama-cpp',
  ),
  row(
    'test/unit',
    'fast, without model and browser',
    `node: server electron renderer scripts test/fakes npm:vitest npm:vite npm:fast-check npm:ajv npm:zod
     npm:express npm:better-sqlite3 npm:age-encryption npm:undici npm:multicast-dns npm:yaml npm:smol-toml npm:jsqr npm:openai npm:@anthropic-ai/sdk
     npm:otpauth npm:pg npm:protobufjs npm:@opentelemetry/otlp-transformer`,
    'npm:electron',
  ),
  row(
    'test/unit/tls/own-pairs.ts',
    'certificates as another authority would hand them out',
    'node: server test/unit npm:@peculiar/x509 npm:reflect-metadata',
  ),
  row(
    'test/model',
    'with the starter model',
    `node: server scripts/lib test/fakes npm:vitest npm:zod npm:openai npm:openai-6 npm:@anthropic-ai/sdk npm:ai
     npm:@ai-sdk/openai npm:@ai-sdk/openai-compatible npm:@langchain/core npm:@langchain/openai npm:undici npm:ajv
     npm:node-llama-cpp`,
  ),
  row(
    'test/python',
    'with the libraries of Python',
    'node: scripts/lib test/fakes test/model npm:vitest npm:js-tiktoken',
  ),
  row(
    'test/clients',
    'with programs that nobody here controls',
    'node: server test/fakes test/model npm:vitest npm:zod',
  ),
  row(
    'test/ollama',
    'with the real Ollama',
    'node: server scripts/lib test/fakes test/unit npm:vitest npm:openai',
  ),
  row(
    'test/packaging',
    'with electron-builder and npm: what others would install',
    'node: server/wire scripts/lib test/model npm:vitest npm:zod',
  ),
  row(
    'test/browser',
    'with Chromium',
    `node: server renderer scripts test/fakes test/model test/unit npm:vitest npm:vite npm:zod npm:yaml
     npm:openai npm:playwright-core npm:@axe-core/playwright`,
    'electron/shared',
  ),
];
