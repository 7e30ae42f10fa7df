import { describe, expect, it, onTestFinished } from 'vitest';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import { startFakeUpstream, type FakeUpstream, type UpstreamMode } from '../../fakes/fake-upstream.ts';
import {
  chunk,
  chunkedHead,
  ending,
  saying,
  startRawUpstream,
  type RawUpstream,
} from '../../fakes/raw-upstream.ts';
import { never } from './setup.ts';

/** The whole server before upstreams that fail, every byte over real sockets. */

type Office = {
  readonly server: ComposedServer;
  readonly ask: (model: string, body?: object, signal?: AbortSignal) => Promise<Response>;
  readonly log: () => Promise<readonly Row[]>;
};
type Row = {
  readonly status: string;
  readonly tried: readonly string[];
  readonly engine: string;
  readonly servedModel: string;
};

async function startOffice(
  upstreams: Readonly<Record<string, Pick<FakeUpstream | RawUpstream, 'url' | 'close'>>>,
): Promise<Office> {
  const server = await startComposed();
  for (const [name, { url, close }] of Object.entries(upstreams)) {
    onTestFinished(async () => await close());
    expect(await server.admin('POST', '/upstreams', { name, url })).toMatchObject({ state: 'ready' });
  }
  const { key } = (await server.admin('POST', '/keys', { name: 'laptop' })) as { key: string };
  return {
    server,
    ask: async (model, body = {}, signal = never) =>
      await fetch(`${server.address}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi' }], ...body }),
        signal,
      }),
    log: async () => (await server.admin('GET', '/log')) as Row[],
  };
}

async function wordsOf(response: Response): Promise<string> {
  const { choices } = (await response.json()) as { choices: { message: { content: string } }[] };
  return choices[0]?.message.content ?? '';
}

async function startWithSpare(mode: UpstreamMode) {
  const far = await startFakeUpstream({ models: ['far-model'] });
  const spare = await startFakeUpstream({ models: ['spare-model'], words: ['from ', 'the ', 'spare'] });
  const office = await startOffice({ far, spare });
  await office.server.admin('PUT', '/aliases/work', { model: 'far-model', fallback: ['spare-model'] });
  far.mode = mode;
  return { ...office, far, spare };
}

describe('before the first word the fallback takes over from an upstream that', () => {
  const modes: readonly UpstreamMode[] = [
    'resets',
    'dies-unheard',
    'html',
    'busy',
    'redirect',
    'wrong-type',
    'huge-line',
    'server-error',
    'no-model',
  ];
  it.each(modes)('%s', async (mode) => {
    const { ask, log, far, spare } = await startWithSpare(mode);
    const response = await ask('work');
    expect(response.status).toBe(200);
    expect(response.headers.get('x-inglenook-model')).toBe('spare-model');
    expect(response.headers.get('x-inglenook-tried')).toBe('far-model,spare-model');
    expect(await wordsOf(response)).toBe('from the spare');
    expect([far.seen.length, spare.seen.length]).toEqual([1, 1]);
    expect(await log()).toMatchObject([{ status: 'ok', engine: 'spare', servedModel: 'spare-model' }]);
  });

  it('is not there any more', async () => {
    const { ask, far } = await startWithSpare('ok');
    await far.close();
    expect(await wordsOf(await ask('work'))).toBe('from the spare');
  });
});

describe('after the first word nobody takes over from an upstream that', () => {
  it.each<UpstreamMode>(['dies', 'truncated', 'bad-json', 'error-in-stream', 'no-finish'])(
    '%s',
    async (mode) => {
      const { ask, log, spare } = await startWithSpare(mode);
      const response = await ask('work', { stream: true });
      expect(response.status).toBe(200);
      const text = await response.text();
      expect(text).toContain('"content":"Hel"');
      expect(text).toContain('"error"');
      expect(text).not.toContain('[DONE]');
      expect(text).not.toContain('spare');
      expect(spare.seen).toEqual([]);
      expect(await log()).toMatchObject([{ status: 'error', engine: 'far' }]);
    },
  );
});

describe('an upstream alone', () => {
  it('that fails twice is tried a third time, which the answer tells', async () => {
    const far = await startFakeUpstream({ models: ['far-model'] });
    const { ask } = await startOffice({ far });
    far.upcoming.push('server-error', 'resets');
    const response = await ask('far-model');
    expect([response.status, far.seen.length]).toEqual([200, 3]);
    expect(response.headers.get('x-inglenook-tried')).toBe('far-model,far-model,far-model');
  });

  it.each<readonly [UpstreamMode, number]>([
    ['no-model', 503],
    ['echoes-key', 400],
  ])('that says %s is asked once', async (mode, status) => {
    const far = await startFakeUpstream({ models: ['far-model'] });
    const { ask } = await startOffice({ far });
    far.mode = mode;
    const response = await ask('far-model');
    expect([response.status, far.seen.length]).toEqual([status, 1]);
    expect(response.headers.get('x-should-retry')).toBe('false');
  });

  it('whose key is wrong, or whose budget is spent, is asked once, and the log has no word of the key', async () => {
    const far = await startFakeUpstream({ models: ['far-model'], apiKey: 'sk-right-canary' });
    onTestFinished(async () => await far.close());
    const { ask, server } = await startOffice({});
    await server.admin('POST', '/upstreams', { name: 'far', url: far.url, apiKey: 'sk-right-canary' });
    far.mode = 'spent';
    const spent = await ask('far-model');
    expect([spent.status, far.seen.length]).toEqual([503, 1]);
    expect(await spent.text()).toContain('is spent');
    const refused = await server.admin('PATCH', '/upstreams/far', { apiKey: 'sk-wrong-canary' });
    expect(refused).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('does not accept the key'),
    });
    const response = await ask('far-model');
    expect([response.status, response.headers.get('x-should-retry')]).toEqual([503, 'false']);
    const told = (await response.text()) + JSON.stringify(await server.admin('GET', '/log'));
    expect(told).toContain('does not accept the key');
    expect(told).not.toContain('canary');
  });

  it('that only fails is left alone until its owner has seen to it', async () => {
    const far = await startFakeUpstream({ models: ['far-model'] });
    const { ask, server } = await startOffice({ far });
    far.mode = 'server-error';
    expect((await ask('far-model')).status).toBe(502);
    expect(far.seen).toHaveLength(3);
    const left = await ask('far-model');
    expect([left.status, far.seen.length]).toEqual([503, 3]);
    expect(Number(left.headers.get('retry-after'))).toBeGreaterThan(0);
    far.mode = 'ok';
    // The owner who has mended it tests it, which ends the pause.
    await server.admin('POST', '/upstreams/far/test');
    expect((await ask('far-model')).status).toBe(200);
  });

  it('that closes its idle connections loses no request and gets none twice', async () => {
    const answered: string[] = [];
    const far = await startRawUpstream((socket, { body, earlier }) => {
      // Closed just as the next request arrives on it, unread.
      if (earlier > 0) return void socket.resetAndDestroy();
      answered.push(body);
      socket.write(
        Buffer.concat([
          Buffer.from(chunkedHead),
          chunk(saying('hi')),
          chunk(ending),
          Buffer.from('0\r\n\r\n'),
        ]),
      );
    });
    const { ask } = await startOffice({ far });
    for (let round = 0; round < 4; round += 1) expect(await wordsOf(await ask('fake-large'))).toBe('hi');
    expect(answered).toHaveLength(4);
  });

  it.each<UpstreamMode>(['hangs', 'holds'])('that %s is left as soon as the reader leaves', async (mode) => {
    const far = await startFakeUpstream({ models: ['far-model'] });
    const { ask, log } = await startOffice({ far });
    far.mode = mode;
    const left = far.nextLeft();
    const leaving = new AbortController();
    const asking = ask('far-model', { stream: true }, leaving.signal)
      .then(async (response) => await response.text())
      .catch(() => 'left');
    await expect.poll(() => far.seen.length).toBe(1);
    leaving.abort();
    await left;
    expect(await asking).toBe('left');
    await expect.poll(log).toMatchObject([{ status: 'cancelled' }]);
  });
});

describe('fifty running streams', () => {
  it('are answered to their end while their name is pointed elsewhere again and again', async () => {
    const models = ['a-model', 'b-model'];
    const far = await startFakeUpstream({ models, mode: 'holds', words: ['one ', 'two ', 'three'] });
    const { ask, server } = await startOffice({ far });
    await server.admin('PATCH', '/upstreams/far', { slots: 100 });
    await server.admin('PUT', '/aliases/work', { model: 'a-model' });
    const asking: Promise<string>[] = [];
    for (let index = 0; index < 50; index += 1) {
      asking.push(ask('work', { stream: true }).then(async (response) => await response.text()));
      if (index % 5 === 4) {
        await expect.poll(() => far.seen.length).toBe(index + 1);
        await server.admin('PUT', '/aliases/work', { model: models[(index + 1) % 2] });
      }
    }
    for (let move = 0; move < 100; move += 1) {
      await server.admin('PUT', '/aliases/work', { model: models[move % 2] });
    }
    expect(far.left()).toBe(0);
    far.mode = 'ok';
    far.release();
    const texts = await Promise.all(asking);
    const said = texts.map((text) =>
      text
        .split('\n\n')
        .filter((frame) => frame.startsWith('data: {'))
        .map((frame) => JSON.parse(frame.slice(6)).choices[0]?.delta.content ?? '')
        .join(''),
    );
    expect(said).toEqual(Array.from({ length: 50 }, () => 'one two three'));
    expect(texts.filter((text) => !text.endsWith('data: [DONE]\n\n'))).toEqual([]);
    const asked = new Set(far.seen.map(({ body }) => body.model as string));
    expect([...asked].toSorted()).toEqual(models);
  }, 30_000);
});

describe('shares', () => {
  it('deal conversations by their weights and keep each where it is', async () => {
    const far = await startFakeUpstream({ models: ['a-model', 'b-model'] });
    const { ask, server } = await startOffice({ far });
    await server.admin('PUT', '/aliases/work', {
      model: 'a-model',
      shares: [
        { model: 'a-model', weight: 3 },
        { model: 'b-model', weight: 1 },
      ],
    });
    const talk = async (index: number): Promise<string | null> => {
      const response = await ask('work', { messages: [{ role: 'user', content: `Conversation ${index}` }] });
      await response.text();
      return response.headers.get('x-inglenook-model');
    };
    const first = await Promise.all(Array.from({ length: 80 }, async (_, index) => await talk(index)));
    const again = await Promise.all(Array.from({ length: 80 }, async (_, index) => await talk(index)));
    expect(again).toEqual(first);
    const count = first.filter((model) => model === 'a-model').length;
    expect(count).toBeGreaterThan(45);
    expect(count).toBeLessThan(75);
  });
});
