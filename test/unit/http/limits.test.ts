import { describe, expect, it } from 'vitest';
import { updateKey } from '../../../server/store/keys.ts';
import { findSpending } from '../../../server/store/spending.ts';
import { setTeam } from '../../../server/store/teams.ts';
import { gate } from './harness.ts';
import { errorOf, logged, spentBy, startLimited, tokens, usual } from './limited.ts';

describe('limits per minute', () => {
  it('let a burst through, then say when the next may come, and are right in the headers', async () => {
    const server = await startLimited({ limits: { requestsPerMinute: 60, burst: 2 } });
    const answers = [await server.ask(), await server.ask(), await server.ask()];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers.map(({ headers }) => headers.get('x-ratelimit-limit-requests'))).toEqual(['2', '2', '2']);
    expect(answers.map(({ headers }) => headers.get('x-ratelimit-remaining-requests'))).toEqual([
      '1',
      '0',
      '0',
    ]);
    expect(answers.map(({ headers }) => headers.get('x-ratelimit-reset-requests'))).toEqual([
      '1s',
      '2s',
      '2s',
    ]);
    const [, , refused] = answers as [Response, Response, Response];
    expect([refused.headers.get('retry-after'), refused.headers.get('x-should-retry')]).toEqual([
      '1',
      'true',
    ]);
    expect(await errorOf(refused)).toMatchObject({
      type: 'requests',
      code: 'rate_limit_exceeded',
      message: expect.stringMatching(/key “lim” may make 60 requests per minute.*try again in 1\.0s.*owner/),
    });
    expect(server.rows()[0]).toMatchObject({ status: 'refused', httpStatus: 429, completionTokens: 0 });
    server.time.advance(1000);
    expect((await server.ask()).status).toBe(200);
  });

  it('are told to Anthropic’s clients in their names', async () => {
    const server = await startLimited({ limits: { requestsPerMinute: 1, tokensPerMinute: 100 } });
    const answer = await server.post('/v1/messages', { max_tokens: 5 });
    const { headers } = answer;
    expect(answer.status).toBe(200);
    expect(headers.get('x-ratelimit-limit-requests')).toBeNull();
    expect(
      ['requests-limit', 'requests-remaining', 'requests-reset', 'tokens-limit'].map((name) =>
        headers.get(`anthropic-ratelimit-${name}`),
      ),
    ).toEqual(['1', '0', '2026-11-22T12:01:00Z', '100']);
    const refused = await server.post('/v1/messages', { max_tokens: 5 });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
    expect(await refused.json()).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } });
  });

  it('of tokens count what was really used, and what was used too much is waited for', async () => {
    const server = await startLimited({ limits: { tokensPerMinute: 60 } });
    expect((await server.ask(usual)).status).toBe(200);
    expect((await server.ask(usual)).status).toBe(200);
    expect((await server.ask(usual)).status).toBe(200);
    // 51 of 60 are used; nobody waits for a request that is larger than all of a minute.
    const refused = await server.ask({ max_tokens: 1000 });
    expect(refused.status).toBe(429);
    expect(await errorOf(refused)).toMatchObject({
      type: 'tokens',
      code: 'rate_limit_exceeded',
      message: expect.stringMatching(/60 tokens per minute.*try again in 51s/),
    });
    server.time.advance(51_000);
    expect((await server.ask({ max_tokens: 1000 })).status).toBe(200);
  });

  it('keys without limits get no such headers', async () => {
    const server = await startLimited({});
    const names = [...(await server.ask()).headers.keys()];
    expect(names.filter((name) => name.includes('ratelimit'))).toEqual([]);
  });
});

it('only so many requests run at the same time; whoever ends makes room', async () => {
  const { opened, open } = gate();
  const server = await startLimited({ limits: { maxParallel: 1 } }, { beforePart: () => opened });
  const running = server.ask();
  await expect.poll(() => server.engine.seen.active).toBe(1);
  const refused = await server.ask();
  expect(refused.status).toBe(429);
  expect((await errorOf(refused))['message']).toMatch(
    /1 request answered at the same time, and it runs already/,
  );
  open();
  expect((await running).status).toBe(200);
  expect((await server.ask()).status).toBe(200);
});

describe('a token budget', () => {
  it('is spent to its last request, then refused with its end and who can raise it, and begins anew', async () => {
    const server = await startLimited(tokens(40));
    expect((await server.ask(usual)).status).toBe(200);
    expect((await server.ask(usual)).status).toBe(200);
    const refused = await server.ask({ max_tokens: 8 });
    expect(refused.status).toBe(429);
    expect([refused.headers.get('retry-after'), refused.headers.get('x-should-retry')]).toEqual([
      null,
      'false',
    ]);
    expect(await errorOf(refused)).toMatchObject({
      code: 'insufficient_quota',
      type: 'insufficient_quota',
      message: expect.stringMatching(
        /40 tokens per day.*6 are left.*23 November 2026 at 00:00 \(UTC\).*owner/s,
      ),
    });
    expect((await server.post('/v1/messages', { max_tokens: 8 })).status).toBe(402);
    expect(spentBy(server)).toBe(34);
    server.time.advance(12 * 3_600_000);
    expect((await server.ask(usual)).status).toBe(200);
  });

  it('attack 68: holds under 200 requests at once, to the token', async () => {
    const server = await startLimited(tokens(1000));
    const statuses = await Promise.all(
      Array.from({ length: 200 }, async () => {
        const answer = await server.ask(usual);
        await answer.text();
        return answer.status;
      }),
    );
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    let status = 200;
    while (status === 200) ({ status } = await server.ask(usual));
    expect(logged(server)).toBeLessThanOrEqual(1000);
    expect(logged(server)).toBeGreaterThan(1000 - 17);
    expect(spentBy(server)).toBe(logged(server));
  });

  const long = { answer: { words: Array.from({ length: 500 }, () => ' word') } };

  it('ends an answer without a maximum with `length`, whole …', async () => {
    const server = await startLimited(tokens(100), long);
    const body = (await (await server.ask()).json()) as {
      choices: { finish_reason: string }[];
      usage: { total_tokens: number };
    };
    expect(body.choices[0]?.finish_reason).toBe('length');
    expect(body.usage.total_tokens).toBe(100);
    expect(server.rows()[0]).toMatchObject({ status: 'ok', finishReason: 'length', completionTokens: 88 });
    expect(spentBy(server)).toBe(100);
    await expect.poll(() => server.engine.seen.active).toBe(0);
    expect((await server.ask()).status).toBe(429);
  });

  it('… or streamed, several answers together', async () => {
    const server = await startLimited(tokens(100), long);
    const text = await (await server.ask({ stream: true, n: 2 })).text();
    expect(text.match(/"finish_reason":"length"/g)).toHaveLength(2);
    expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
    expect(logged(server)).toBe(100);
    expect(spentBy(server)).toBe(100);
  });

  it('counts what a stream had used when its client left, and what a failed one had', async () => {
    const { opened, open } = gate();
    const server = await startLimited(tokens(1000), {
      ...long,
      beforePart: (index, { messages }) => {
        const isFailing = JSON.stringify(messages).includes('fail');
        if (index === 4 && isFailing) throw new Error('broken');
        return index === 4 ? opened : undefined;
      },
    });
    const leaving = new AbortController();
    const stream = await server.ask({ stream: true }, { signal: leaving.signal });
    await stream.body?.getReader().read();
    await expect.poll(() => server.engine.seen.active).toBe(1);
    leaving.abort();
    await expect.poll(() => server.rows().length).toBe(1);
    open();
    expect(server.rows()[0]).toMatchObject({ status: 'cancelled', promptTokens: 12 });
    await server.ask({ messages: [{ role: 'user', content: 'fail' }], max_tokens: 20 });
    expect(server.rows()[0]).toMatchObject({ status: 'error', promptTokens: 12, completionTokens: 3 });
    expect(spentBy(server)).toBe(logged(server));
    expect(spentBy(server)).toBeGreaterThan(12 + 15);
  });

  it('of a team is shared by its keys; embeddings count, counting tokens does not', async () => {
    const server = await startLimited({ team: 'Support' });
    setTeam(server.store, 'Support', tokens(400), 1);
    expect((await server.post('/v1/embeddings', { input: 'a text', messages: undefined })).status).toBe(200);
    expect((await server.post('/v1/messages/count_tokens')).status).toBe(200);
    expect(findSpending(server.store, 'team:Support')?.spent.month.tokens).toBe(3);
    setTeam(
      server.store,
      'Support',
      { limits: { budgets: [{ unit: 'tokens', amount: 3, period: 'month' }] } },
      1,
    );
    expect((await errorOf(await server.ask()))['message']).toMatch(
      /team “Support” \(3 tokens per month\) is spent/,
    );
  });

  it('is written with the row, or neither is', async () => {
    const server = await startLimited(tokens(1000));
    server.store.db.exec(
      "CREATE TRIGGER no_room BEFORE INSERT ON spending BEGIN SELECT RAISE(ABORT, 'no room'); END",
    );
    expect((await server.ask(usual)).status).toBe(200);
    expect([server.rows().length, server.ledger.unwritten()]).toEqual([0, 1]);
    server.store.db.exec('DROP TRIGGER no_room');
    expect((await server.ask(usual)).status).toBe(200);
    expect([server.rows().length, server.ledger.unwritten(), spentBy(server)]).toEqual([2, 0, 34]);
  });
});

describe('a key’s policy', () => {
  it('counts from the next request, on every route', async () => {
    const server = await startLimited({});
    const statuses = async (): Promise<number[]> => [
      (await server.ask()).status,
      (await fetch(`${server.url}/v1/models`, { headers: { 'x-api-key': server.key } })).status,
    ];
    expect(await statuses()).toEqual([200, 200]);
    const nowMs = server.time.clock.nowMs();
    updateKey(server.store, server.keyId, { paused: true }, nowMs);
    updateKey(server.store, server.id, { paused: true }, nowMs);
    expect(await statuses()).toEqual([403, 403]);
    expect((await errorOf(await server.ask()))['message']).toMatch(/key “lim” is paused.*owner/);
    updateKey(server.store, server.id, { paused: false, ips: ['10.0.0.0/8'] }, nowMs);
    expect(await errorOf(await server.ask())).toMatchObject({
      code: 'ip_not_allowed',
      type: 'permission_error',
      message: expect.stringContaining('127.0.0.1'),
    });
    updateKey(server.store, server.id, { ips: ['127.0.0.0/8'], models: ['other'] }, nowMs);
    expect((await server.ask()).status).toBe(404);
    updateKey(server.store, server.id, { models: null, team: 'T' }, nowMs);
    setTeam(server.store, 'T', { paused: true }, nowMs);
    expect((await errorOf(await server.ask()))['code']).toBe('team_paused');
    setTeam(server.store, 'T', { paused: false }, nowMs);
    expect((await server.ask()).status).toBe(200);
  });

  it('limits one model by whatever name it is asked for', async () => {
    const server = await startLimited({ modelLimits: { 'fake-model': { requestsPerMinute: 1 } } });
    expect((await server.ask({ model: 'office' })).status).toBe(200);
    const refused = await server.ask();
    expect((await errorOf(refused))['message']).toMatch(/with the model `fake-model`/);
    expect(refused.headers.get('x-ratelimit-remaining-requests')).toBe('0');
  });
});
