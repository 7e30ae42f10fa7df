import { describe, expect, it } from 'vitest';
import { AppError, invalidRequest } from '../../../server/core/errors.ts';
import { setAlias } from '../../../server/store/aliases.ts';
import { updateKey } from '../../../server/store/keys.ts';
import { setPrice } from '../../../server/store/prices.ts';
import { endExchanges } from '../../../server/http/exchange.ts';
import type { UpdateKeyRequest } from '../../../server/wire/admin.ts';
import { gate } from './harness.ts';
import { errorOf, logged, spentBy, startLimited, tokens, usual, type Limited } from './limited.ts';

const get = (server: Limited, path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(server.url + path, { method, headers: { authorization: `Bearer ${server.limitedKey}`, ...headers } });
const json = { 'content-type': 'application/json' };

describe('who asks', () => {
  it('is told by the connection, never by a header that anybody can send', async () => {
    const server = await startLimited({ ips: ['10.0.0.5'] });
    for (const name of [
      'x-forwarded-for',
      'x-real-ip',
      'x-client-ip',
      'true-client-ip',
      'cf-connecting-ip',
    ]) {
      expect((await get(server, '/v1/models', { [name]: '10.0.0.5' })).status).toBe(403);
    }
    const forwarded = { forwarded: 'for=10.0.0.5;proto=https', 'x-forwarded-proto': 'https' };
    const headers = { authorization: `Bearer ${server.limitedKey}`, ...json, ...forwarded };
    expect((await server.ask({}, { headers })).status).toBe(403);
    expect(server.rows()).toMatchObject([{ ip: '127.0.0.1', status: 'refused', httpStatus: 403 }]);
  });

  it('shows its key in one header, or the same in several, and never in the address', async () => {
    const server = await startLimited({});
    const { limitedKey, key: other } = server;
    const status = async (headers: Record<string, string>, query = '') =>
      (await fetch(`${server.url}/v1/models${query}`, { headers })).status;
    expect(await status({ 'api-key': limitedKey, 'x-api-key': limitedKey })).toBe(200);
    expect(await status({ authorization: 'Bearer ', 'x-api-key': limitedKey })).toBe(200);
    expect(await status({ authorization: `bearer ${limitedKey}`, 'x-api-key': '' })).toBe(200);
    expect(await status({ authorization: `Bearer ${limitedKey}`, 'x-api-key': other })).toBe(400);
    expect(await status({ authorization: `Basic ${limitedKey}`, 'x-api-key': limitedKey })).toBe(401);
    for (const name of ['key', 'KEY', 'Api_Key', 'access_token']) {
      expect(await status({ 'x-api-key': limitedKey }, `?${name}=${limitedKey}`)).toBe(400);
      expect(await status({}, `?${name}=${limitedKey}`)).toBe(400);
    }
  });

  it('learns nothing by other methods', async () => {
    const server = await startLimited({ models: ['office'] });
    const head = async (path: string, key?: string) => {
      const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
      const answer = await fetch(server.url + path, { method: 'HEAD', headers });
      return [answer.status, await answer.text()];
    };
    expect(await head('/v1/models')).toEqual([401, '']);
    expect(await head('/v1/models/office', server.limitedKey)).toEqual([200, '']);
    expect(await head('/v1/models/fake-model', server.limitedKey)).toEqual([404, '']);
    expect(await head('/v1/responses/resp_1')).toEqual([401, '']);
    for (const path of ['/v1/chat/completions', '/v1/models', '/v1/responses/resp_1']) {
      const asked = await fetch(server.url + path, { method: 'OPTIONS' });
      expect(await asked.text()).not.toMatch(/office|fake/);
    }
    expect((await head('/v1/chat/completions', server.limitedKey))[0]).toBe(405);
    expect(server.engine.seen.requests).toEqual([]);
  });

  it('and is checked for whatever is not there too', async () => {
    const server = await startLimited({});
    for (const path of ['/v1/files', '/v1/batches', '/v1/tokenize', '/tokenize', '/v1/fine_tuning/jobs']) {
      expect([path, (await get(server, path)).status]).toEqual([path, 404]);
      expect([path, (await server.post(path)).status]).toEqual([path, 404]);
    }
    expect(server.engine.seen.requests).toEqual([]);
  });
});

describe('names', () => {
  const listed = async (server: Limited): Promise<string[]> => {
    const { data } = (await (await get(server, '/v1/models')).json()) as { data: { id: string }[] };
    return data.map(({ id }) => id);
  };
  const body = async (server: Limited, model: string): Promise<unknown> => {
    const answer = await server.ask({ model });
    return [answer.status, (await answer.text()).replaceAll(model, 'NAME')];
  };

  it('a key for a name may not use what is behind it, and sees no more than the name', async () => {
    const server = await startLimited({ models: ['office'] });
    expect((await server.ask({ model: 'office' })).status).toBe(200);
    expect(await body(server, 'fake-model')).toEqual(await body(server, 'zzzz-nobody'));
    expect(await listed(server)).toEqual(['office']);
    expect(await body(server, 'fake-modl')).toEqual(await body(server, 'zzzz-nobody'));
  });

  it('a key for a model may not use names that lead to it', async () => {
    const server = await startLimited({ models: ['fake-model'] });
    expect((await server.ask()).status).toBe(200);
    expect(await body(server, 'office')).toEqual(await body(server, 'zzzz-nobody'));
    expect(await listed(server)).toEqual(['fake-model']);
    expect((await errorOf(await server.ask({ model: 'fake-modl' })))['message']).toMatch(/`fake-model`/);
  });

  it('are refused alike on every route that takes one', async () => {
    const server = await startLimited({ models: ['office'] });
    const wrong = { model: 'fake-model', input: 'Hi', query: 'a', documents: ['a'] };
    const only = (path: string) => {
      if (path.startsWith('/v1/responses')) return { ...wrong, messages: undefined };
      return path === '/v1/completions' ? { ...wrong, prompt: 'Hi' } : { ...wrong, max_tokens: 5 };
    };
    for (const path of [
      '/v1/chat/completions',
      '/v1/completions',
      '/v1/embeddings',
      '/v1/rerank',
      '/v1/messages',
      '/v1/messages/count_tokens',
      '/v1/responses',
      '/v1/responses/input_tokens',
    ]) {
      const refused = await server.post(path, only(path));
      const unknown = await server.post(path, { ...only(path), model: 'zzzz-nobody' });
      expect([path, refused.status, unknown.status]).toEqual([path, 404, 404]);
      const text = (await refused.text()).replaceAll('fake-model', 'zzzz-nobody');
      expect(text.replace(/req_\w+/, '')).toBe((await unknown.text()).replace(/req_\w+/, ''));
    }
    expect(server.engine.seen.requests).toEqual([]);
  });
});

describe('what is asked for', () => {
  it('no maximum: 400 for none at all, and none is too large for a key without limits', async () => {
    const server = await startLimited({});
    expect((await server.ask({ max_tokens: 0 })).status).toBe(400);
    expect((await server.ask({ max_tokens: -1 })).status).toBe(400);
    expect((await server.ask({ max_tokens: 1 })).status).toBe(200);
    expect((await server.ask({ max_tokens: Number.MAX_SAFE_INTEGER })).status).toBe(200);
    updateKey(server.store, server.id, tokens(1_000), server.time.clock.nowMs());
    expect((await errorOf(await server.ask({ max_tokens: 1e15 })))['code']).toBe('insufficient_quota');
    expect((await server.ask(usual)).status).toBe(200);
  });

  it('what the owner has bound to a name counts as if the client had asked for it', async () => {
    const server = await startLimited(tokens(100));
    const settings = { temperature: null, topP: null, reasoningEffort: null, systemPrompt: null };
    const bind = (bound: { maxTokens: number | null; systemPrompt?: string }) =>
      setAlias(server.store, { name: 'big', model: 'fake-model', settings: { ...settings, ...bound } }, [
        'fake-model',
      ]);
    bind({ maxTokens: 400 });
    expect((await errorOf(await server.ask({ model: 'big' })))['message']).toMatch(/may need 401 tokens/);
    expect((await server.ask({ model: 'big', ...usual })).status).toBe(200);
    bind({ maxTokens: null, systemPrompt: 'x'.repeat(2_000) });
    expect((await errorOf(await server.ask({ model: 'big', ...usual })))['code']).toBe('insufficient_quota');
    expect(server.engine.seen.requests).toHaveLength(1);
  });

  it('several prompts and answers are counted each, whichever is the long one', async () => {
    const server = await startLimited(tokens(100));
    const refused = await server.post('/v1/completions', {
      prompt: ['a', 'b'.repeat(400)],
      n: 2,
      max_tokens: 1,
    });
    expect((await errorOf(refused))['message']).toMatch(/may need 105 tokens/);
    expect(server.engine.seen.requests).toEqual([]);
  });

  it('what is refused for its schema counts as a request too', async () => {
    const server = await startLimited(
      { limits: { requestsPerMinute: 2 } },
      {
        check: () => {
          throw invalidRequest('too deep', 'response_format');
        },
      },
    );
    const statuses = [await server.ask(), await server.ask(), await server.ask()].map(({ status }) => status);
    expect(statuses).toEqual([400, 400, 429]);
  });

  it('costs what the row says, by the price of what answered', async () => {
    const server = await startLimited({});
    await server.ask();
    setPrice(server.store, { model: 'fake-model', input: 1, output: 10, notional: true });
    await server.ask();
    await server.ask({ model: 'nobody' });
    expect(server.rows().map(({ costNanos }) => costNanos)).toEqual([null, 12 * 1000 + 5 * 10_000, null]);
  });
});

describe('while a stream runs', () => {
  async function streaming(policy: Parameters<typeof startLimited>[0]) {
    const { opened, open } = gate();
    const server = await startLimited(policy, {
      beforePart: (index) => (index === 2 ? opened : undefined),
    });
    const response = await server.ask({ stream: true });
    return { server, open, text: response.text() };
  }

  it.each<[string, UpdateKeyRequest, number]>([
    ['paused', { paused: true }, 403],
    ['given other models', { models: ['other'] }, 404],
    ['kept to another address', { ips: ['10.0.0.1'] }, 403],
  ])('its key is %s: it ends as it would have, the next is refused', async (_, change, status) => {
    const { server, open, text } = await streaming({});
    updateKey(server.store, server.id, change, server.time.clock.nowMs());
    expect((await server.ask()).status).toBe(status);
    open();
    expect(await text).toContain('[DONE]');
    expect(server.rows().find(({ completionTokens }) => completionTokens === 5)).toMatchObject({
      status: 'ok',
    });
  });

  it('its key expires: it ends as it would have, the next is refused', async () => {
    const expiresAt = '2026-11-22T12:00:10.000Z';
    const { server, open, text } = await streaming({ expiresAt });
    server.time.advance(9_999);
    expect((await get(server, '/v1/models')).status).toBe(200);
    server.time.advance(1);
    expect((await server.ask()).status).toBe(401);
    open();
    expect(await text).toContain('[DONE]');
  });

  it('its key is revoked: it ends at once and is counted so far', async () => {
    const { server, open, text } = await streaming(tokens(1_000));
    await expect.poll(() => server.engine.seen.active).toBe(1);
    const reason = new AppError('This key has been revoked.', { status: 401, code: 'invalid_api_key' });
    endExchanges(server.running, reason, (entry) => entry.principal?.keyId === server.id);
    expect(await text).toContain('revoked');
    open();
    expect(logged(server)).toBe(13);
    expect(spentBy(server)).toBe(13);
  });

  it('who waits in the queue and leaves gives back what was put aside', async () => {
    const { opened, open } = gate();
    const server = await startLimited(
      { limits: { maxParallel: 2, budgets: tokens(60).limits.budgets } },
      { slots: 1, beforePart: (index) => (index === 2 ? opened : undefined) },
    );
    const running = server.ask(usual);
    await expect.poll(() => server.engine.seen.active).toBe(1);
    const leaving = new AbortController();
    const waiting = server.ask(usual, { signal: leaving.signal }).catch(() => null);
    await expect.poll(() => server.router.waiting()).toBe(1);
    expect((await server.ask(usual)).status).toBe(429);
    leaving.abort();
    await waiting;
    await expect.poll(() => server.rows().some(({ status }) => status === 'cancelled')).toBe(true);
    expect(server.router.waiting()).toBe(0);
    const next = server.ask(usual);
    await expect.poll(() => server.router.waiting()).toBe(1);
    open();
    expect([(await running).status, (await next).status]).toEqual([200, 200]);
    expect(spentBy(server)).toBe(34);
  });
});
