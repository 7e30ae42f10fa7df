import { expect, it } from 'vitest';
import { teamAccount } from '../../../server/core/policy.ts';
import { keyAccount } from '../../../server/gate/shares.ts';
import { findSpending } from '../../../server/store/spending.ts';
import { createKey } from '../../../server/store/keys.ts';
import { setPrice } from '../../../server/store/prices.ts';
import { setTeam } from '../../../server/store/teams.ts';
import { startTestServer } from './harness.ts';

/** What a client may do with one request: all dialects, whole or streamed, several answers, leaving, failing. */
const kinds: readonly { readonly path: string; readonly body: object; readonly leaves?: true }[] = [
  { path: '/v1/chat/completions', body: { max_tokens: 20 } },
  { path: '/v1/chat/completions', body: { stream: true } },
  { path: '/v1/chat/completions', body: { stream: true, n: 3 } },
  { path: '/v1/chat/completions', body: { n: 2, max_tokens: 8 } },
  { path: '/v1/chat/completions', body: { stream: true }, leaves: true },
  { path: '/v1/chat/completions', body: { messages: [{ role: 'user', content: 'fail' }] } },
  {
    path: '/v1/chat/completions',
    body: { stream: true, messages: [{ role: 'user', content: 'fail' }] },
  },
  { path: '/v1/completions', body: { prompt: ['a', 'some longer text'], n: 2, max_tokens: 6 } },
  { path: '/v1/messages', body: { max_tokens: 30 } },
  { path: '/v1/messages', body: { max_tokens: 25, stream: true } },
  { path: '/v1/messages', body: { max_tokens: 25, stream: true }, leaves: true },
  { path: '/v1/responses', body: { input: 'Hi', stream: true } },
  { path: '/v1/responses', body: { input: 'Hi', max_output_tokens: 30 } },
  { path: '/v1/embeddings', body: { input: ['one', 'two', 'three'] } },
  { path: '/v1/rerank', body: { query: 'which?', documents: ['this', 'that'] } },
];

it.each([
  ['tokens', 4_000, 6_000],
  ['money', 0.012, 0.02],
] as const)(
  'attack 68: two hundred requests at once, of every kind, spend no more %s than key and team have',
  async (unit, ofKey, ofTeam) => {
    const server = await startTestServer({
      slots: 16,
      answer: { words: Array.from({ length: 60 }, () => ' word') },
      // Real pauses, so that answers grow beside each other.
      beforePart: async (index, { messages }) => {
        if (index % 8 === 0) await new Promise((resolve) => setImmediate(resolve));
        if (index === 12 && JSON.stringify(messages).includes('fail')) throw new Error('broken');
      },
    });
    const { store, url } = server;
    setPrice(store, { model: 'fake-model', input: 1, output: 4, notional: true });
    const budget = (amount: number) => ({ limits: { budgets: [{ unit, amount, period: 'day' as const }] } });
    setTeam(store, 'T', budget(ofTeam), 1);
    const keys = ['a', 'b'].map((name) =>
      createKey(store, { name, team: 'T', ...budget(ofKey) }, Date.now()),
    );

    async function send(index: number): Promise<number> {
      const { path, body, leaves } = kinds[index % kinds.length] ?? { path: '/', body: {} };
      const messages = path.includes('chat') || path === '/v1/messages' ? usualMessages : {};
      const leaving = new AbortController();
      try {
        const response = await fetch(url + path, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${keys[index % 2]?.key ?? ''}`,
            'content-type': 'application/json',
          },
          body: JSON.stringify({ model: 'fake-model', ...messages, ...body }),
          signal: leaving.signal,
        });
        const reader = response.body?.getReader();
        await reader?.read();
        if (leaves === true) leaving.abort();
        for (let isDone = false; !isDone;) isDone = (await reader?.read())?.done ?? true;
        return response.status;
      } catch {
        return 499;
      }
    }
    const statuses: number[] = [];
    // Until nothing of any kind fits any more: the last tokens are the ones that are fought for.
    for (let round = 0; round < 4; round += 1) {
      statuses.push(...(await Promise.all(Array.from({ length: 200 }, (_, index) => send(index)))));
    }
    await expect.poll(() => server.running.size).toBe(0);

    const rows = server.rows();
    expect(rows).toHaveLength(statuses.length);
    expect(new Set(statuses)).toEqual(new Set([200, 402, 429, 499, 500]));
    const sum = (isMeant: (keyId: string | null) => boolean): number =>
      rows
        .filter(({ keyId }) => isMeant(keyId))
        .reduce(
          (total, row) =>
            total + (unit === 'tokens' ? row.promptTokens + row.completionTokens : (row.costNanos ?? 0)),
          0,
        );
    const most = (amount: number): number => (unit === 'tokens' ? amount : amount * 1e9);
    const accounts = [
      ...keys.map(({ record: { id } }) => [keyAccount(id), sum((keyId) => keyId === id), ofKey] as const),
      [teamAccount('T'), sum(() => true), ofTeam] as const,
    ];
    for (const [account, logged, amount] of accounts) {
      const day = findSpending(store, account)?.spent.day;
      expect(unit === 'tokens' ? day?.tokens : day?.nanos).toBe(logged);
      expect(logged).toBeLessThanOrEqual(most(amount));
    }
    // The team's is what is short, and hardly anything of it is left.
    expect(sum(() => true)).toBeGreaterThan(most(ofTeam) * 0.95);
  },
  30_000,
);

const usualMessages = { messages: [{ role: 'user', content: 'Hi' }] };
