import { testHttps } from '../../fakes/https.ts';
import { noUpdates } from '../../fakes/no-updates.ts';
import { noOllama } from '../../fakes/no-ollama.ts';
import { noSuccessor } from '../../fakes/no-successor.ts';
import { noPlayground } from '../../fakes/no-playground.ts';
import { noChecks } from '../../fakes/no-checks.ts';
import { noOwner } from '../../fakes/no-owner.ts';
import { noGraphics } from '../../../server/core/graphics.ts';
import { describeGraphics } from '../../../server/doctor/graphics.ts';
import { noSupply } from '../../fakes/no-supply.ts';
import { testAudit, testBackups, testSecret } from '../../fakes/audit.ts';
import { testExports } from '../../fakes/exports.ts';
import { testCloudPrices } from '../../fakes/cloud-prices.ts';
import { noDoctor } from '../../fakes/no-doctor.ts';
import { trialServices } from '../../fakes/trials.ts';
import { testEdge } from '../../fakes/edge.ts';
import { closedOffice, noNeighbours } from '../../fakes/closed-office.ts';
import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { systemTimers, type Clock } from '../../../server/core/clock.ts';
import type { ModelSupply } from '../../../server/core/download.ts';
import type { Engine } from '../../../server/core/engine.ts';
import { splitTimes, type LogRow } from '../../../server/core/log-row.ts';
import type { ModelDescription } from '../../../server/core/model.ts';
import { createUpstreams } from '../../../server/engines/openai/upstreams.ts';
import { createGoingOnline } from '../../../server/store/going-online.ts';
import { getUpstreamKey, keepDiscovered, listUpstreams } from '../../../server/store/upstreams.ts';
import { traceServices } from '../../fakes/trace-services.ts';
import { ledgerServices } from '../../fakes/ledger-services.ts';
import { createGate } from '../../../server/gate/gate.ts';
import { createAdminRouter } from '../../../server/http/admin.ts';
import { createBrowserTickets, type BrowserTickets } from '../../../server/http/browser-tickets.ts';
import { createSetupCode } from '../../../server/http/setup-code.ts';
import type { Neighbourhood } from '../../../server/lan/neighbours.ts';
import { createPairing } from '../../../server/lan/pairing.ts';
import { createLive, type Live } from '../../../server/record/live.ts';
import { createAnswerCache } from '../../../server/routing/answer-cache.ts';
import { cacheBounds } from '../../../server/store/cache-settings.ts';
import { listModelFiles } from '../../../server/store/model-files.ts';
import { closeStore, openStore, type Store } from '../../../server/store/open.ts';
import { summariseSince } from '../../../server/store/ledger/summary.ts';
import { createFakeEngine, type FakeEngine, type FakeEngineOptions } from '../../fakes/fake-engine.ts';

export const password = 'correct horse battery';

/** The admin API on a real socket over a real database; only the engine and the time are made up. */
export type AdminServer = {
  readonly port: number;
  readonly origin: string;
  readonly store: Store;
  readonly live: Live;
  readonly setupToken: string;
  readonly adminToken: string;
  readonly windowToken: string;
  readonly browserTickets: BrowserTickets;
  readonly revoked: string[];
  readonly logged: string[];
  readonly time: { nowMs: number };
  readonly send: (method: string, path: string, options?: SendOptions) => Promise<Answer>;
  /** The same as the owner's script. */
  readonly asOwner: (method: string, path: string, body?: unknown) => Promise<Answer>;
  readonly close: () => Promise<void>;
};

type SendOptions = {
  readonly headers?: Readonly<Record<string, string>>;
  /** A string goes as it is, anything else as JSON. */
  readonly body?: unknown;
};

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly json: any;
};

export type AdminServerOptions = FakeEngineOptions & {
  readonly cheapPasswords?: boolean;
  readonly supply?: Partial<ModelSupply>;
  /** Who is found on the network; nobody unless given. */
  readonly neighbours?: Neighbourhood;
  /** Where the owner's own price list lies; nowhere unless given. */
  readonly pricesDir?: string;
};

export async function startAdminServer(options: AdminServerOptions = {}): Promise<AdminServer> {
  const store = openStore(':memory:');
  const time = { nowMs: Date.parse('2026-11-22T12:00:00Z') };
  const clock: Clock = { nowMs: () => time.nowMs, monotonicMs: () => time.nowMs };
  const live = createLive();
  const setup = createSetupCode(store);
  const adminToken = `ink-admin_${'a'.repeat(43)}`;
  const windowToken = 'window-secret';
  const browserTickets = createBrowserTickets(clock.monotonicMs);
  const revoked: string[] = [];
  const logged: string[] = [];
  const note = (message: string, fields?: unknown): void => {
    logged.push(`${message} ${JSON.stringify(fields)}`);
  };
  const app = express();
  const server = createServer(app);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  const engine = engineOver(store, options);
  const serverSecret = testSecret;
  const log = { debug: note, info: note, warn: note, error: note };
  const audit = testAudit({ store, clock, log });
  const upstreams = createUpstreams({
    kept: () =>
      listUpstreams(store).map((upstream) => ({
        upstream,
        apiKey: getUpstreamKey(store, upstream.id, serverSecret).key,
        known: null,
      })),
    keep: (id, known) => keepDiscovered(store, id, known),
    serverSecret,
    clock,
    timers: systemTimers,
    onChange() {},
  });
  app.use(
    '/api',
    createAdminRouter(
      {
        store,
        online: createGoingOnline(store, false),
        engine,
        upstreams,
        updates: noUpdates(),
        ollama: noOllama(),
        serverSecret,
        live,
        supply: noSupply(options.supply),
        edge: testEdge({ store, clock }),
        https: testHttps({ store, clock, log }),
        office: closedOffice(),
        neighbours: options.neighbours ?? noNeighbours(),
        doctor: noDoctor(),
        pairing: createPairing({
          store,
          clock,
          log,
          audit,
          timeZone: 'UTC',
          onChange: () => live.publish({ type: 'pairings-changed' }),
          onJoined: () => live.publish({ type: 'keys-changed' }),
        }),
        clock,
        log,
        audit,
        backups: testBackups({ store, clock, log }, audit),
        ...traceServices({ store, clock, log, onKeyRevoked: (id) => revoked.push(id) }),
        cloudPrices: testCloudPrices(log, options.pricesDir),
        exports: testExports({ store, clock, log }),
        checks: noChecks(),
        owner: noOwner(),
        graphics: async () => describeGraphics({ facts: noGraphics, claims: [] }, null),
        playground: noPlayground,
        successor: noSuccessor,
        restart: null,
        ...trialServices({ store, clock, log, audit }),
        loadAnyway: engine.loadAnyway,
        queues: () => [],
        standing: () => ({ isAway: false, pauses: [] }),
        catchUp() {},
        noteReachable: () => {},
        status: () => ({
          version: '0.1.0',
          startedAt: '2026-11-22T11:00:00.000Z',
          address: origin,
          dataDir: '/data',
          lan: { on: false, address: null },
          activeRequests: 0,
          waitingRequests: 0,
          today: summariseSince(store, 0),
          timeZone: 'UTC',
        }),
        rescanModels: () => undefined,
        configureModel: engine.configure,
        adminToken,
        windowToken,
        browserTickets,
        setup,
        onKeyRevoked: (id) => revoked.push(id),
        answers: createAnswerCache({ clock, timers: systemTimers, bounds: () => cacheBounds(store) }),
        gate: createGate({ store, clock, timeZone: 'UTC' }),
        ...ledgerServices({ store, clock, log: { debug: note, info: note, warn: note, error: note } }),
      },
      { cheapPasswords: options.cheapPasswords ?? true },
    ),
  );
  const send: AdminServer['send'] = (method, path, sendOptions) => exchange(port, method, path, sendOptions);
  return {
    port,
    origin,
    store,
    live,
    adminToken,
    windowToken,
    browserTickets,
    revoked,
    logged,
    time,
    send,
    setupToken: setup?.token ?? '',
    asOwner: (method, path, body) =>
      send(method, path, { headers: { authorization: `Bearer ${adminToken}` }, body }),
    async close() {
      live.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      closeStore(store);
    },
  };
}

/** Sets the password through the link and returns the headers a signed-in page sends. */
export async function signUp(server: AdminServer): Promise<Record<string, string>> {
  const answer = await server.send('POST', '/api/setup', {
    body: { token: server.setupToken, password },
  });
  return sessionHeaders(answer);
}

export async function signIn(server: AdminServer): Promise<Record<string, string>> {
  return sessionHeaders(await server.send('POST', '/api/session', { body: { password } }));
}

export function sessionHeaders(answer: Answer): Record<string, string> {
  const cookie = answer.headers['set-cookie']?.at(-1)?.split(';')[0] ?? '';
  return { cookie, 'x-inglenook-csrf': String(answer.json.csrfToken) };
}

export function logRow(changes: Partial<LogRow> & { readonly id: string }): LogRow {
  const row: Omit<LogRow, 'prefillMs' | 'decodeMs'> = {
    time: '2026-11-22T12:00:00.000Z',
    key: null,
    keyId: null,
    person: null,
    team: null,
    endUser: null,
    device: null,
    model: 'office',
    servedModel: 'fake-model',
    engine: 'fake',
    labels: {},
    route: '/v1/chat/completions',
    status: 'ok',
    httpStatus: 200,
    finishReason: 'stop',
    error: null,
    promptTokens: 10,
    cachedTokens: 0,
    completionTokens: 5,
    queueMs: 0,
    loadMs: 0,
    firstTokenMs: 12.5,
    totalMs: 80.3,
    tried: ['fake-model'],
    dropped: [],
    clientRequestId: null,
    client: 'test',
    ip: '127.0.0.1',
    leftOffice: null,
    costNanos: null,
    atOnce: 1,
    cache: null,
    ...changes,
  };
  return { ...row, ...splitTimes(row) };
}

/** Files the owner added show up as the built-in engine would list them, one more lies in a folder. */
function engineOver(
  store: Store,
  options: FakeEngineOptions,
): Engine & Pick<FakeEngine, 'configure' | 'loadAnyway'> {
  const fake = createFakeEngine(options);
  const [starter] = fake.models();
  if (starter === undefined) return fake;
  const other = (id: string, source: ModelDescription['source'], path: string): ModelDescription => ({
    ...starter,
    id,
    source,
    path,
    state: 'off',
  });
  return {
    ...fake,
    models: () => [
      ...fake.models(),
      other('folder-model', 'folder', '/folder/folder-model.gguf'),
      ...listModelFiles(store).map(({ path }, index) => other(`added-${index + 1}`, 'added', path)),
    ],
  };
}

/** node:http instead of fetch: a test may set Host, Origin and Sec-Fetch-Site, and the path goes out as it is. */
export function exchange(
  port: number,
  method: string,
  path: string,
  options: SendOptions = {},
): Promise<Answer> {
  const { body } = options;
  const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  const headers = {
    ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
    ...options.headers,
    ...(payload === undefined ? {} : { 'content-length': String(Buffer.byteLength(payload)) }),
  };
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { port, host: '127.0.0.1', method, path, headers, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const isJson = response.headers['content-type']?.includes('json') === true;
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: isJson && text !== '' ? JSON.parse(text) : null,
          });
        });
      },
    );
    request.on('error', reject);
    request.end(payload);
  });
}
