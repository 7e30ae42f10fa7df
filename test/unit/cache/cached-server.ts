import type { CacheSettings } from '../../../server/wire/cache.ts';
import { setCacheSettings } from '../../../server/store/cache-settings.ts';
import { createKey } from '../../../server/store/keys.ts';
import type { CreateKeyRequest } from '../../../server/wire/admin.ts';
import type { FakeEngineOptions } from '../../fakes/fake-engine.ts';
import { createManualTime, type ManualTime } from '../../fakes/manual-time.ts';
import { startTestServer, type TestServer } from '../http/harness.ts';

export type CachedServer = TestServer & {
  readonly time: ManualTime;
  /** How often the engine has answered with words. */
  readonly asked: () => number;
  /** The same by another key. */
  readonly by: (key: string, path: string, body: object, init?: RequestInit) => Promise<Told>;
  readonly post: (path: string, body: object, init?: RequestInit) => Promise<Told>;
  readonly newKey: (name: string, policy?: Partial<CreateKeyRequest>) => { key: string; id: string };
};

export type Told = {
  readonly status: number;
  /** `x-inglenook-cache`; null where there is none. */
  readonly cache: string | null;
  readonly headers: Headers;
  readonly text: string;
};

/** A server whose cache is on, and whose engine says something else each time unless the test says what. */
export async function startCached(
  settings: Partial<CacheSettings> = {},
  engine: FakeEngineOptions = {},
): Promise<CachedServer> {
  const time = createManualTime();
  let count = 0;
  const server = await startTestServer(
    { answer: () => ({ words: ['Answer', ' ', String((count += 1))] }), ...engine },
    time,
  );
  setCacheSettings(server.store, { enabled: true, ...settings });
  const by: CachedServer['by'] = async (key, path, body, init = {}) => {
    const response = await fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        ...(path.includes('/messages') ? { 'anthropic-version': '2023-06-01' } : {}),
      },
      body: JSON.stringify({ model: 'fake-model', ...body }),
      ...init,
    });
    const { status, headers } = response;
    return { status, headers, cache: headers.get('x-inglenook-cache'), text: await response.text() };
  };
  return {
    ...server,
    time,
    asked: () => server.engine.seen.requests.length,
    by,
    post: (path, body, init) => by(server.key, path, body, init),
    newKey(name, policy = {}) {
      const { key, record } = createKey(server.store, { name, ...policy }, time.clock.nowMs());
      return { key, id: record.id };
    },
  };
}

export const chatPath = '/v1/chat/completions';
/** A request that is answered the same each time. */
export const greedy = { messages: [{ role: 'user', content: 'Hi' }], temperature: 0 };

/** What a chat answered, whole or streamed. */
export function wordsOf({ text }: Told): string {
  if (!text.startsWith('data:')) {
    return (JSON.parse(text) as { choices: { message: { content: string } }[] }).choices
      .map(({ message }) => message.content)
      .join('|');
  }
  return text
    .split('\n\n')
    .filter((frame) => frame.startsWith('data: {'))
    .map((frame) => JSON.parse(frame.slice(6)) as { choices: { delta: { content?: string } }[] })
    .map(({ choices }) => choices[0]?.delta.content ?? '')
    .join('');
}

/** A frame or body without what is new in each answer: ids of ours and the time. */
export function withoutIds(text: string): string {
  return text
    .replace(/"(chatcmpl|cmpl|resp|msg|rs|fc|item|req)[-_][\w-]+"/g, '"ID"')
    .replace(/"(created|created_at|completed_at)":\d+/g, '"$1":0')
    .replace(/"obfuscation":"[^"]*"/g, '"obfuscation":""');
}
