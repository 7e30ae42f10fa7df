import type { Budget } from '../../../server/core/policy.ts';
import { keyAccount } from '../../../server/gate/shares.ts';
import { createKey } from '../../../server/store/keys.ts';
import { findSpending } from '../../../server/store/spending.ts';
import type { CreateKeyRequest } from '../../../server/wire/admin.ts';
import type { FakeEngineOptions } from '../../fakes/fake-engine.ts';
import { createManualTime } from '../../fakes/manual-time.ts';
import { startTestServer, type TestServer } from './harness.ts';

export type Limited = TestServer & {
  /** The key that is limited. */
  readonly id: string;
  readonly limitedKey: string;
  readonly time: ReturnType<typeof createManualTime>;
  readonly post: (path: string, body?: Record<string, unknown>, init?: RequestInit) => Promise<Response>;
  readonly ask: (body?: Record<string, unknown>, init?: RequestInit) => Promise<Response>;
};

/** A server with time that the test moves, and a key with this policy. */
export async function startLimited(
  policy: Partial<CreateKeyRequest>,
  engine: FakeEngineOptions = {},
): Promise<Limited> {
  const time = createManualTime();
  const server = await startTestServer(engine, time);
  const { key, record } = createKey(server.store, { name: 'lim', ...policy }, time.clock.nowMs());
  const post: Limited['post'] = (path, body = {}, init = {}) =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'fake-model',
        messages: [{ role: 'user', content: 'Hi' }],
        ...body,
      }),
      ...init,
    });
  return {
    ...server,
    time,
    id: record.id,
    limitedKey: key,
    post,
    ask: (body, init) => post('/v1/chat/completions', body, init),
  };
}

export const tokens = (amount: number, period: Budget['period'] = 'day') => ({
  limits: { budgets: [{ unit: 'tokens' as const, amount, period }] },
});
/** The scripted engine counts 12 tokens for any prompt and answers with five. */
export const usual = { max_tokens: 5 };
export const errorOf = async (response: Response): Promise<Record<string, unknown>> =>
  ((await response.json()) as { error: Record<string, unknown> }).error;
export const spentBy = ({ store, id }: Limited) => findSpending(store, keyAccount(id))?.spent.day.tokens ?? 0;
/** Tokens in the log. */
export const logged = ({ rows }: Limited) =>
  rows().reduce((sum, row) => sum + row.promptTokens + row.completionTokens, 0);
