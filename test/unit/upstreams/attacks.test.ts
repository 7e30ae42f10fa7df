import { gzipSync } from 'node:zlib';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock, systemTimers } from '../../../server/core/clock.ts';
import type { GeneratePart } from '../../../server/core/generate.ts';
import { createUpstreamEngine, type OutsideEngine } from '../../../server/engines/openai/upstream-engine.ts';
import { createManualTime } from '../../fakes/manual-time.ts';
import {
  chunk,
  chunkedHead,
  ending,
  frame,
  saying,
  startRawUpstream,
  streamHead,
  type RawRequest,
  type RawUpstream,
} from '../../fakes/raw-upstream.ts';
import { collect, never, textOf, upstreamAt, words } from './setup.ts';

/** security.md #57, and what HTTP itself can be made to do: written byte by byte on a real socket. */

async function startRaw(
  answer: (socket: Socket, request: RawRequest) => unknown,
  time = { clock: systemClock, timers: systemTimers },
): Promise<{ raw: RawUpstream; engine: OutsideEngine }> {
  const raw = await startRawUpstream(answer);
  const engine = createUpstreamEngine({
    upstream: upstreamAt(raw.url),
    apiKey: 'sk-attack-canary-1',
    known: null,
    onDiscovered() {},
    serverSecret: 'secret',
    ...time,
    onChange() {},
  });
  onTestFinished(async () => {
    await engine.stop();
    await raw.close();
  });
  await engine.refresh(never);
  return { raw, engine };
}

async function partsOf(answer: (socket: Socket, request: RawRequest) => unknown): Promise<GeneratePart[]> {
  const { engine } = await startRaw(answer);
  return await collect(engine.generate(words(), never));
}

async function failureOf(answer: (socket: Socket, request: RawRequest) => unknown): Promise<unknown> {
  return await partsOf(answer).then(
    () => 'no failure',
    (error: unknown) => error,
  );
}

const calling = (index: number, call: object): string =>
  frame({ delta: { tool_calls: [{ index, ...call }] } });
const named = (index: number, name: string, given = ''): string =>
  calling(index, { id: `id-${name}`, function: { name, arguments: given } });
const given = (index: number, text: string): string => calling(index, { function: { arguments: text } });

type Call = { name: string; given: string };

/** As a reader that knows one open call at a time. */
function callsOf(parts: readonly GeneratePart[]): Call[] {
  const calls: Call[] = [];
  for (const part of parts) {
    if (part.type === 'tool-call-start') calls.push({ name: part.name, given: '' });
    if (part.type !== 'tool-call-delta') continue;
    expect(part.index).toBe(calls.length - 1);
    const last = calls.at(-1);
    if (last !== undefined) last.given += part.arguments;
  }
  return calls;
}

describe('what is too much', () => {
  it('attack 57: ten megabytes in one line, in one piece or byte by byte, end at a megabyte', async () => {
    const whole = await failureOf((socket) => {
      socket.write(streamHead);
      socket.write(`data: ${'x'.repeat(10 * 1024 * 1024)}\n\n`);
    });
    expect(whole).toMatchObject({ status: 502, code: 'upstream_too_much' });
    const one = chunk('x').toString();
    const inBytes = await failureOf((socket) => {
      socket.write(chunkedHead);
      socket.write(one.repeat(1_100_000));
    });
    expect(inBytes).toMatchObject({ status: 502, code: 'upstream_too_much' });
  });

  it('hundreds of thousands of frames that say nothing lose nothing of what is said', async () => {
    const parts = await partsOf((socket) => {
      socket.write(streamHead);
      socket.write(saying('be'));
      socket.write('data: {}\n\n'.repeat(200_000));
      socket.write(': a comment\n\n'.repeat(50_000));
      socket.end(`${saying('fore')}${ending}`);
    });
    expect(textOf(parts)).toBe('before');
  });

  it('a head of a megabyte', async () => {
    const failure = await failureOf((socket) =>
      socket.write(`HTTP/1.1 200 OK\r\nx-bomb: ${'x'.repeat(1024 * 1024)}\r\n\r\n`),
    );
    expect(failure).toMatchObject({ status: 502, source: 'engine' });
  });

  it('a million heads', async () => {
    const failure = await failureOf((socket) =>
      socket.write(`HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(1_000_000)}\r\n`),
    );
    expect(failure).toMatchObject({ status: 502, source: 'engine' });
  });

  it('what is packed although nothing packed was asked for is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(8 * 1024 * 1024, 'x'));
    const failure = await failureOf((socket) => {
      socket.write(streamHead.replace('\r\n\r\n', '\r\ncontent-encoding: gzip\r\n\r\n'));
      socket.end(bomb);
    });
    expect(failure).toMatchObject({ status: 502, code: 'upstream_compressed' });
  });

  it('attack 57: an error body without an end', async () => {
    const failure = await failureOf((socket) => {
      socket.write('HTTP/1.1 500 No\r\ncontent-type: application/json\r\n\r\n');
      const more = (): void => {
        while (!socket.destroyed && socket.write('x'.repeat(65_536)));
        if (!socket.destroyed) socket.once('drain', more);
      };
      more();
    });
    expect(failure).toMatchObject({ status: 502, code: 'upstream_failed' });
  });
});

describe('what is broken', () => {
  const broken: readonly (readonly [string, string])[] = [
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 5\r\n\r\nabcde'],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
    ],
    ['chunks of no size', `${chunkedHead}zz\r\nabc\r\n`],
    ['a chunk longer than any memory', `${chunkedHead}ffffffffffffffffff\r\nabc\r\n`],
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['an answer of an older time', 'HTTP/0.9 200\r\n\r\nhello'],
    ['a status without a meaning', 'HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n'],
    [
      'switching to something else',
      'HTTP/1.1 101 Switching\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n',
    ],
    ['nothing at all', ''],
  ];
  it.each(broken)('attack 57: %s is a clean 502 without a word of the key', async (_name, bytes) => {
    const failure = await failureOf((socket) => socket.end(bytes));
    expect(failure).toMatchObject({ name: 'AppError', status: 502, source: 'engine' });
    expect((failure as Error).message).not.toContain('canary');
  });

  it('a character cut in two by the network is whole again, half of one is a sign for it', async () => {
    const bytes = Buffer.from(saying('a\u{1f600}é'));
    const parts = await partsOf(async (socket) => {
      socket.setNoDelay(true);
      socket.write(chunkedHead);
      for (const byte of bytes) socket.write(chunk(Buffer.from([byte])));
      const cut = Buffer.from(saying('b\u{1f600}c'));
      const at = cut.indexOf(Buffer.from('\u{1f600}')) + 2;
      socket.write(chunk(cut.subarray(0, at)));
      socket.write(chunk(cut.subarray(at + 2)));
      socket.write(chunk(ending));
      socket.write('0\r\n\r\n');
    });
    expect(textOf(parts)).toMatch(/^a\u{1f600}éb\uFFFD+c$/u);
  });

  it('another content type, or none, is told as such, and nobody goes on watching it', async () => {
    for (const type of ['text/html', 'text/plain', 'image/png', '']) {
      const time = createManualTime();
      const { engine } = await startRaw((socket) => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: 5\r\n\r\nhello`);
      }, time);
      const failure = await collect(engine.generate(words(), never)).catch((error: unknown) => error);
      expect(failure, type).toMatchObject({ status: 502, code: 'upstream_not_a_stream' });
      // The look that all answers share ends when it finds nobody.
      time.advance(1_000);
      expect(time.waiting()).toEqual([]);
    }
  });
});

describe('an end', () => {
  it('attack 57: that is told twice is one end, and what follows it is not said', async () => {
    const stop = frame({ delta: {}, finish_reason: 'stop' });
    const usage = frame({}, { choices: [], usage: { prompt_tokens: 4, completion_tokens: 2 } });
    const parts = await partsOf((socket) =>
      socket.end(
        `${streamHead}${saying('one')}${stop}${stop}${usage}${usage}data: [DONE]\n\n${saying('more')}${ending}`,
      ),
    );
    expect(parts.map(({ type }) => type)).toEqual(['start', 'text-delta', 'finish']);
    expect(parts.at(-1)).toMatchObject({ reason: 'stop', usage: { promptTokens: 4, completionTokens: 2 } });
  });

  it('without usage, or with one that cannot be, is counted by us', async () => {
    for (const usage of [undefined, null, { prompt_tokens: -4, completion_tokens: 'many' }, 'free']) {
      const parts = await partsOf((socket) =>
        socket.end(
          `${streamHead}${saying('one')}${saying(' two')}${frame({ delta: {}, finish_reason: 'stop' }, { usage })}data: [DONE]\n\n`,
        ),
      );
      expect(parts.at(-1)).toMatchObject({ type: 'finish', usage: { completionTokens: 2 } });
    }
  });
});

describe('calls of tools', () => {
  it('that come mixed come out one after the other', async () => {
    const mixed = [
      named(0, 'first', '{"a"'),
      named(1, 'second', '{"b"'),
      given(1, ':2}'),
      given(0, ':1}'),
      named(2, 'third', '{}'),
    ];
    const parts = await partsOf((socket) => socket.end(`${streamHead}${mixed.join('')}${ending}`));
    expect(callsOf(parts)).toEqual([
      { name: 'first', given: '{"a":1}' },
      { name: 'second', given: '{"b":2}' },
      { name: 'third', given: '{}' },
    ]);
    expect(parts.at(-1)).toMatchObject({ reason: 'tool_calls' });
  });

  it('whose arguments come before their name are whole', async () => {
    const late = [given(0, '{"a"'), named(0, 'first'), given(0, ':1}')];
    const parts = await partsOf((socket) => socket.end(`${streamHead}${late.join('')}${ending}`));
    expect(callsOf(parts)).toEqual([{ name: 'first', given: '{"a":1}' }]);
  });

  it('that are cut off by the limit come as far as they go', async () => {
    const cut = [named(0, 'first', '{"a"'), named(1, 'second', '{"b')];
    const parts = await partsOf((socket) =>
      socket.end(
        `${streamHead}${cut.join('')}${frame({ delta: {}, finish_reason: 'length' })}data: [DONE]\n\n`,
      ),
    );
    expect(callsOf(parts)).toEqual([
      { name: 'first', given: '{"a"' },
      { name: 'second', given: '{"b' },
    ]);
    expect(parts.at(-1)).toMatchObject({ reason: 'length' });
  });

  it.each([
    ['without a name', [given(0, '{"a":1}')]],
    ['that go on after their end', [named(0, 'first', '{}'), named(1, 'second', '{}'), given(0, '{"a":1}')]],
  ])('%s are no calls to trust', async (_name, frames) => {
    const failure = await failureOf((socket) => socket.end(`${streamHead}${frames.join('')}${ending}`));
    expect(failure).toMatchObject({ status: 502, code: 'upstream_not_json' });
  });
});

describe('a key', () => {
  const canary = 'sk-attack-canary-1';
  const places: readonly (readonly [string, string])[] = [
    ['a field of the stream', `${streamHead}data: {"error":{"message":"no ${canary}","code":400}}\n\n`],
    [
      'an escaped error',
      `${streamHead}data: {"error":{"message":"no \\u0073k-attack-canary-1","code":400}}\n\n`,
    ],
    ['an error body', errorWith(400, JSON.stringify({ error: { message: `Bearer ${canary}` } }))],
    ['a detail', errorWith(422, JSON.stringify({ detail: canary }))],
    ['a page', errorWith(400, `<h1>${canary}</h1>`)],
    ['the status line', `HTTP/1.1 400 ${canary}\r\ncontent-length: 0\r\n\r\n`],
    [
      'a place to go to',
      `HTTP/1.1 307 Go\r\nlocation: http://127.0.0.1:9/?k=${canary}\r\ncontent-length: 0\r\n\r\n`,
    ],
  ];
  it.each(places)('attack 57: that comes back in %s goes no further', async (_name, bytes) => {
    const failure = (await failureOf((socket) => socket.end(bytes))) as Error;
    expect(failure).toMatchObject({ name: 'AppError' });
    expect(failure.message).not.toContain('canary');
  });
});

function errorWith(status: number, body: string): string {
  return `HTTP/1.1 ${status} No\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

describe('a connection', () => {
  it('of IPv6 writing is reached', async () => {
    const { engine: plain, raw } = await startRaw((socket) =>
      socket.end(`${streamHead}${saying('six')}${ending}`),
    );
    await plain.stop();
    const engine = createUpstreamEngine({
      upstream: upstreamAt(raw.url.replace('127.0.0.1', '[::ffff:127.0.0.1]')),
      apiKey: null,
      known: null,
      onDiscovered() {},
      serverSecret: 'secret',
      clock: systemClock,
      timers: systemTimers,
      onChange() {},
    });
    onTestFinished(async () => await engine.stop());
    expect(await engine.refresh(never)).toMatchObject({ state: 'ready' });
    expect(textOf(await collect(engine.generate(words(), never)))).toBe('six');
  });

  it('is closed when the reader leaves, whatever the upstream goes on to say', async () => {
    const leaving = new AbortController();
    const closed = Promise.withResolvers<void>();
    const { engine } = await startRaw(async (socket) => {
      socket.write(`${streamHead}${saying('one')}`);
      const saysMore = setInterval(() => socket.write(saying('more')), 1);
      await once(socket, 'close');
      clearInterval(saysMore);
      closed.resolve();
    });
    const reading = (async () => {
      for await (const part of engine.generate(words(), leaving.signal)) {
        if (part.type === 'text-delta') leaving.abort(new Error('left'));
      }
    })();
    await expect(reading).rejects.toThrow('left');
    await closed.promise;
  });
});
