import type { Express } from 'express';
import { describe, expect, it } from 'vitest';
import { createKey, updateKey } from '../../../server/store/keys.ts';
import { startTestServer } from './harness.ts';

/** Every route of the table, walked: what takes no key is named here, and nothing else goes without. */
const open = [
  // 404 here, where no certificate was made.
  'GET /.well-known/inglenook-ca.pem',
  // What the makers have signed for everybody; 404 here, where nothing newer was looked for.
  'GET /.well-known/inglenook-updates.json',
  'GET /healthz',
  'GET /readyz',
  'GET /api/hello',
  'GET /',
  // The page itself, which is the same for everybody; what it asks wants a key. 503 here, where it was not built.
  'GET /connect.mjs',
  'GET /me',
];

/** A body for each route that uses a model, and so must keep the limits of its key. */
const message = [{ role: 'user', content: 'Hi' }];
const bodies: Readonly<Record<string, unknown>> = {
  '/chat/completions': { messages: message },
  '/completions': { prompt: 'Hi' },
  '/embeddings': { input: 'Hi' },
  '/rerank': { query: 'Hi', documents: ['a'] },
  '/messages': { messages: message, max_tokens: 5 },
  '/messages/count_tokens': { messages: message },
  '/responses': { input: 'Hi' },
  '/responses/input_tokens': { input: 'Hi' },
};

type Walked = { readonly method: string; readonly path: string };

function walk(app: Express): Walked[] {
  const layers = app.router.stack as unknown as {
    readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
  }[];
  return layers.flatMap(({ route }) =>
    route === undefined
      ? []
      : Object.keys(route.methods)
          .filter((method) => method !== '_all')
          .map((method) => ({ method: method.toUpperCase(), path: route.path })),
  );
}

const filledIn = (path: string): string => path.replace(':id', 'resp_1').replace('*id', 'fake-model');

const send = (url: string, { method, path }: Walked, key?: string): Promise<Response> =>
  fetch(`${url}${filledIn(path)}`, {
    method,
    redirect: 'manual',
    headers: {
      'content-type': 'application/json',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    },
    ...(method === 'POST'
      ? { body: JSON.stringify({ model: 'fake-model', ...(bodies[path.replace(/^\/v1/, '')] as object) }) }
      : {}),
  });

describe('the route table', () => {
  it('has no route without a key but those of health and sign-posts', async () => {
    const { app, url } = await startTestServer();
    const routes = walk(app);
    expect(routes.length).toBeGreaterThan(25);
    for (const route of routes) {
      const { status } = await send(url, route);
      const isOpen = open.includes(`${route.method} ${route.path}`);
      const isLetIn = status < 400 || status === 404 || status === 503;
      expect([route, isOpen ? isLetIn : status]).toEqual([route, isOpen ? true : 401]);
    }
  });

  it('asks the gate on every route: a key that is paused, or from elsewhere, opens none', async () => {
    const { app, url, key, keyId, store } = await startTestServer();
    for (const change of [{ paused: true }, { paused: false, ips: ['10.0.0.1'] }]) {
      updateKey(store, keyId, change, Date.now());
      for (const route of walk(app)) {
        if (open.includes(`${route.method} ${route.path}`)) continue;
        expect([route, (await send(url, route, key)).status]).toEqual([route, 403]);
      }
    }
  });

  it('counts every route that uses a model: the second request of a minute is refused', async () => {
    const { app, url, store } = await startTestServer();
    const posts = walk(app).filter(({ method, path }) => method === 'POST' && !path.endsWith('/cancel'));
    expect(new Set(posts.map(({ path }) => path.replace(/^\/v1/, '')))).toEqual(new Set(Object.keys(bodies)));
    for (const [index, route] of posts.entries()) {
      const { key } = createKey(store, { name: `k${index}`, limits: { requestsPerMinute: 1 } }, Date.now());
      const statuses = [(await send(url, route, key)).status, (await send(url, route, key)).status];
      expect([route, statuses]).toEqual([route, [200, 429]]);
    }
  });
});
