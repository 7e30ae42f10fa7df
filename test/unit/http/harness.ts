import express, { type Express } from 'express';
import { onTestFinished } from 'vitest';
import { systemClock, systemTimers, type Clock, type Timers } from '../../../server/core/clock.ts';
import type { LogRow } from '../../../server/core/log-row.ts';
import type { Edge } from '../../../server/edge/edge.ts';
import { createGate } from '../../../server/gate/gate.ts';
import { createApp } from '../../../server/http/app.ts';
import { watchedGate } from '../../../server/http/edge-door.ts';
import { isLoopbackName } from '../../../server/http/host-check.ts';
import type { FrontOptions } from '../../../server/http/front.ts';
import { listenOnLoopback } from '../../../server/http/listen.ts';
import { metricsRoute } from '../../../server/http/metrics.ts';
import type { Exchange } from '../../../server/http/exchange.ts';
import { createLedger, type Ledger } from '../../../server/record/settle.ts';
import { createAnswerCache, type AnswerCache } from '../../../server/routing/answer-cache.ts';
import { createRouter, type Router } from '../../../server/routing/run.ts';
import { cacheBounds } from '../../../server/store/cache-settings.ts';
import { createKey } from '../../../server/store/keys.ts';
import { openReader } from '../../../server/store/threads/reader.ts';
import { closeStore, openStore, type Store } from '../../../server/store/open.ts';
import { listRequests } from '../../../server/store/requests.ts';
import { testHttps } from '../../fakes/https.ts';
import { createFakeEngine, type FakeEngine, type FakeEngineOptions } from '../../fakes/fake-engine.ts';
import { testEdge } from '../../fakes/edge.ts';
import { watchWire } from '../../fakes/wire-watch.ts';

/** Time that a test moves by hand, or the real one. */
type TestTime = { readonly clock: Clock; readonly timers: Timers };

export type TestServer = {
  readonly url: string;
  readonly app: Express;
  readonly key: string;
  readonly keyId: string;
  readonly store: Store;
  readonly engine: FakeEngine;
  readonly edge: Edge;
  readonly router: Router;
  readonly answers: AnswerCache;
  readonly ledger: Ledger;
  readonly running: Set<Exchange>;
  /** Rows of the log, newest first. */
  readonly rows: () => readonly LogRow[];
  /** `POST /v1/chat/completions` with the key and one user message. */
  readonly chat: (body?: Record<string, unknown>, init?: RequestInit) => Promise<Response>;
};

/**
 * The real app on a real socket, with real SQLite and a scripted engine behind it. Whatever it sends must be valid by
 * the vendor's schemas.
 */
export async function startTestServer(
  engineOptions: FakeEngineOptions = {},
  { clock, timers }: TestTime = { clock: systemClock, timers: systemTimers },
  front: (edge: Edge) => FrontOptions = () => ({}),
): Promise<TestServer> {
  const store = openStore(':memory:');
  const engine = createFakeEngine(engineOptions);
  const log = { info() {}, warn() {}, error() {}, debug() {}, close: async () => {} };
  const router = createRouter(clock);
  const answers = createAnswerCache({ clock, timers, bounds: () => cacheBounds(store) });
  const running = new Set<Exchange>();
  const edge = testEdge({ store, clock });
  const keyGate = watchedGate(createGate({ store, clock, timeZone: 'UTC' }), edge);
  const ledger = createLedger({
    store,
    clock,
    log,
    publish() {},
    timers: systemTimers,
    journalFile: null,
    running: () => running.size,
  });
  const app = createApp({
    store,
    gate: keyGate,
    engines: [engine],
    router,
    answers,
    ledger,
    clock,
    timers,
    log,
    running,
    isOffline: () => false,
    edge,
    https: testHttps({ store, clock, log }),
    isOwnName: isLoopbackName,
    sawRequestFrom() {},
    onBegin() {},
    isReady: () => true,
    metrics: metricsRoute({
      metrics: { text: async () => '', contentType: 'text/plain' },
      gate: keyGate,
      adminToken: '',
      catchUp: ledger.catchUp,
    }),
    admin: express.Router(),
    pair: express.Router(),
    me: { reader: openReader(store), officeName: () => 'Inglenook on desk-1', badgesOf: () => [] },
    updateFeed: () => null,
    rendererDir: '/nowhere',
  });
  const wire = watchWire();
  const listener = await listenOnLoopback(app, 0, {
    admit: edge.connections.admit,
    ...front(edge),
  });
  wire.watch(listener.port);
  onTestFinished(async () => {
    listener.closeNow();
    answers.forgetAll();
    await listener.close();
    closeStore(store);
  });
  const url = `http://127.0.0.1:${listener.port}`;
  const { key, record } = createKey(store, { name: 'test' }, Date.now());
  return {
    url,
    app,
    key,
    keyId: record.id,
    store,
    engine,
    edge,
    router,
    answers,
    ledger,
    running,
    rows: () => listRequests(store, { limit: 1000 }),
    chat: (body = {}, init = {}) =>
      fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'fake-model', messages: [{ role: 'user', content: 'Hi' }], ...body }),
        ...init,
      }),
  };
}

/** A promise the test opens by hand, for holding an answer at a known place. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
