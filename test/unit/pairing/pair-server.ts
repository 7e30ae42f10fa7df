import { testHttps } from '../../fakes/https.ts';
import { traceServices } from '../../fakes/trace-services.ts';
import { testExports } from '../../fakes/exports.ts';
import { ledgerServices } from '../../fakes/ledger-services.ts';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock, systemTimers } from '../../../server/core/clock.ts';
import { createCrowd } from '../../../server/core/crowd.ts';
import { createGate } from '../../../server/gate/gate.ts';
import { createAdminRouter } from '../../../server/http/admin.ts';
import { createBrowserTickets } from '../../../server/http/browser-tickets.ts';
import { createApp } from '../../../server/http/app.ts';
import { isLoopbackName } from '../../../server/http/host-check.ts';
import { listenOnLoopback } from '../../../server/http/listen.ts';
import { pairRouter } from '../../../server/http/pair.ts';
import { createPairing, type Pairing } from '../../../server/lan/pairing.ts';
import { createLive } from '../../../server/record/live.ts';
import { createLedger } from '../../../server/record/settle.ts';
import { createAnswerCache } from '../../../server/routing/answer-cache.ts';
import { createRouter } from '../../../server/routing/run.ts';
import { createGoingOnline } from '../../../server/store/going-online.ts';
import { cacheBounds } from '../../../server/store/cache-settings.ts';
import { closeStore, openStore, type Store } from '../../../server/store/open.ts';
import type { LivePacket } from '../../../server/wire/events.ts';
import type { LanState } from '../../../server/wire/lan.ts';
import { noOllama } from '../../fakes/no-ollama.ts';
import { noSuccessor } from '../../fakes/no-successor.ts';
import { noPlayground } from '../../fakes/no-playground.ts';
import { noChecks } from '../../fakes/no-checks.ts';
import { noOwner } from '../../fakes/no-owner.ts';
import { noGraphics } from '../../../server/core/graphics.ts';
import { describeGraphics } from '../../../server/doctor/graphics.ts';
import { noSupply } from '../../fakes/no-supply.ts';
import { noUpdates } from '../../fakes/no-updates.ts';
import { noUpstreams } from '../../fakes/no-upstreams.ts';
import { testCloudPrices } from '../../fakes/cloud-prices.ts';
import { testAudit, testBackups, testSecret } from '../../fakes/audit.ts';
import { closedOffice, noNeighbours } from '../../fakes/closed-office.ts';
import { noDoctor } from '../../fakes/no-doctor.ts';
import { testEdge } from '../../fakes/edge.ts';
import { trialServices } from '../../fakes/trials.ts';
import { createFakeEngine } from '../../fakes/fake-engine.ts';

export type PairServer = {
  readonly origin: string;
  readonly store: Store;
  readonly pairing: Pairing;
  readonly packets: LivePacket[];
  readonly logged: string[];
  /** Wall clock and monotonic time in one; moves by hand. */
  readonly time: { nowMs: number };
  /** What the office switch says. */
  readonly lan: { state: Partial<LanState> };
  readonly send: (method: string, path: string, options?: SendOptions) => Promise<Answer>;
  readonly post: (path: string, body: unknown) => Promise<Answer>;
  readonly asOwner: (method: string, path: string, body?: unknown) => Promise<Answer>;
};

type SendOptions = { readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown };

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly json: any;
};

const adminToken = `ink-admin_${'a'.repeat(43)}`;

/** The real app on a real socket, with real SQLite and a scripted engine. */
export async function startPairServer(): Promise<PairServer> {
  const store = openStore(':memory:');
  const rendererDir = await builtPage();
  const time = { nowMs: Date.now() };
  const clock = { nowMs: () => time.nowMs, monotonicMs: () => time.nowMs };
  const live = createLive();
  const packets: LivePacket[] = [];
  live.subscribe({ onPacket: (packet) => packets.push(packet), onEnd() {} });
  const logged: string[] = [];
  const note = (message: string, fields?: unknown): void => {
    logged.push(`${message} ${JSON.stringify(fields)}`);
  };
  const log = { debug: note, info: note, warn: note, error: note };
  const engine = createFakeEngine({ models: ['fake-model', 'another'] });
  const lan: PairServer['lan'] = { state: {} };
  const audit = testAudit({ store, clock, log });
  const answers = createAnswerCache({
    clock: systemClock,
    timers: systemTimers,
    bounds: () => cacheBounds(store),
  });
  const pairing = createPairing({
    store,
    clock,
    log,
    audit,
    timeZone: 'UTC',
    onChange: () => live.publish({ type: 'pairings-changed' }),
    onJoined: () => live.publish({ type: 'keys-changed' }),
  });
  const edge = testEdge({ store, clock });
  const https = testHttps({ store, clock, log });
  let origin = '';
  const admin = createAdminRouter(
    {
      store,
      online: createGoingOnline(store, false),
      engine,
      upstreams: noUpstreams(),
      updates: noUpdates(),
      ollama: noOllama(),
      serverSecret: testSecret,
      live,
      supply: noSupply(),
      log,
      clock,
      pairing,
      edge,
      https,
      adminToken,
      neighbours: noNeighbours(),
      doctor: noDoctor(),
      office: { ...closedOffice(), state: () => closedOffice(lan.state).state() },
      checks: noChecks(),
      owner: noOwner(),
      graphics: async () => describeGraphics({ facts: noGraphics, claims: [] }, null),
      playground: noPlayground,
      successor: noSuccessor,
      restart: null,
      ...trialServices({ store, clock, log, audit }),
      queues: () => [],
      standing: () => ({ isAway: false, pauses: [] }),
      noteReachable: () => {},
      status: () => ({
        version: '0.1.0',
        startedAt: '2026-11-22T11:00:00.000Z',
        address: origin,
        dataDir: '/data',
        lan: { on: false, address: null },
        activeRequests: 0,
        waitingRequests: 0,
        today: { requests: 0, errors: 0, promptTokens: 0, completionTokens: 0 },
        timeZone: 'UTC',
      }),
      rescanModels: () => undefined,
      configureModel: () => undefined,
      windowToken: null,
      browserTickets: createBrowserTickets(clock.monotonicMs),
      setup: null,
      onKeyRevoked: () => undefined,
      catchUp() {},
      answers,
      gate: createGate({ store, clock, timeZone: 'UTC' }),
      ...ledgerServices({ store, clock, log }),
      ...traceServices({ store, clock, log, onKeyRevoked() {} }),
      audit,
      backups: testBackups({ store, clock, log }, audit),
      cloudPrices: testCloudPrices(log),
      exports: testExports({ store, clock, log }),
    },
    { cheapPasswords: true },
  );
  const engines = [engine];
  const app = createApp({
    store,
    gate: createGate({ store, clock, timeZone: 'UTC' }),
    log,
    clock,
    admin,
    https,
    updateFeed: () => null,
    rendererDir,
    me: {
      reader: ledgerServices({ store, clock, log }).reader,
      officeName: () => 'Inglenook on desk-1',
      badgesOf: () => [],
    },
    engines,
    pair: pairRouter({
      store,
      clock,
      gate: createGate({ store, clock, timeZone: 'UTC' }),
      pairing,
      engines,
      https,
      rendererDir,
      officeName: () => 'Inglenook on desk-1',
    }),
    running: createCrowd(),
    isOffline: () => false,
    timers: systemTimers,
    router: createRouter(systemClock),
    answers,
    ledger: createLedger({
      store,
      clock,
      log,
      publish() {},
      timers: systemTimers,
      journalFile: null,
      running: () => 0,
    }),
    edge,
    isOwnName: isLoopbackName,
    sawRequestFrom() {},
    onBegin() {},
    isReady: () => true,
    metrics: (_request, response) => void response.send(''),
  });
  const listener = await listenOnLoopback(app, 0);
  onTestFinished(async () => {
    listener.closeNow();
    await listener.close();
    closeStore(store);
    await rm(rendererDir, { recursive: true });
  });
  origin = `http://127.0.0.1:${listener.port}`;
  const send: PairServer['send'] = (method, path, options) => exchange(listener.port, method, path, options);
  return {
    origin,
    store,
    pairing,
    packets,
    logged,
    time,
    lan,
    send,
    post: (path, body) => send('POST', path, { body }),
    asOwner: (method, path, body) =>
      send(method, path, { body, headers: { authorization: `Bearer ${adminToken}` } }),
  };
}

/** A page as the build makes it, with what the server must fill in. */
async function builtPage(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'inglenook-pair-'));
  await mkdir(join(dir, 'assets'));
  await writeFile(join(dir, 'assets', 'pair-1.js'), 'console.log(1)');
  await writeFile(
    join(dir, 'pair.html'),
    '<!doctype html><meta name="nonce" content="__CSP_NONCE__"><script src="/console/assets/pair-1.js"></script>',
  );
  return dir;
}

/** node:http instead of fetch: a test may set Host, Origin and Content-Type, and sends what it likes. */
function exchange(port: number, method: string, path: string, options: SendOptions = {}): Promise<Answer> {
  const { body } = options;
  const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  const headers = {
    ...(payload === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(payload)) }),
    ...options.headers,
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
          const json: unknown = isJson && text !== '' ? JSON.parse(text) : null;
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
        });
      },
    );
    request.on('error', reject);
    request.end(payload);
  });
}
