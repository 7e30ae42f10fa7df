import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChatMessage, GenerateRequest, Sampling, Usage } from '../../server/core/generate.ts';
import { systemClock, systemTimers } from '../../server/core/clock.ts';
import { AppError } from '../../server/core/errors.ts';
import type { Logger } from '../../server/core/logger.ts';
import { createBuiltinEngine, type BuiltinEngine } from '../../server/engines/builtin/builtin-engine.ts';
import { startModelProcess } from '../../server/engines/builtin/life/model-process.ts';

/** The engine with the real starter model: what only llama.cpp itself can show. */

const starterDir = join(import.meta.dirname, '../../resources/models');
const starterFile = join(starterDir, 'SmolLM2-135M-Instruct.Q4_1.gguf');
const starter = 'smollm2-135m-instruct';
const never = new AbortController().signal;

let engine: BuiltinEngine;
let dir: string;
let pid = 0;

const quiet = () => {};
const log: Logger = {
  debug: quiet,
  warn: quiet,
  error: quiet,
  info: (_, fields) => {
    if (typeof fields?.['pid'] === 'number') pid = fields['pid'];
  },
};

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'inglenook-model-'));
  engine = createBuiltinEngine({ sources: { starterDir, folders: [dir], addedFiles: () => [] }, log });
  await engine.rescan();
  await engine.ensureReady(starter, never);
}, 120_000);

afterAll(async () => {
  await engine.stop();
  rmSync(dir, { recursive: true, force: true });
});

const noSampling: Sampling = {
  temperature: null,
  topP: null,
  topK: null,
  minP: null,
  presencePenalty: null,
  frequencyPenalty: null,
  seed: null,
  logitBias: {},
};

type Changes = Partial<Omit<GenerateRequest, 'sampling'>> & { readonly sampling?: Partial<Sampling> };

function request(text: string, { sampling, ...changes }: Changes = {}): GenerateRequest {
  return {
    model: starter,
    messages: [say(text)],
    maxTokens: 24,
    stop: [],
    cacheScope: null,
    ...changes,
    sampling: { ...noSampling, ...sampling },
  };
}

function say(text: string, role: ChatMessage['role'] = 'user'): ChatMessage {
  return { role, content: [{ type: 'text', text }] };
}

type Answer = {
  readonly text: string;
  readonly reason: string;
  readonly usage: Usage;
  readonly pieces: number;
};

async function answer(asked: GenerateRequest, signal: AbortSignal = never): Promise<Answer> {
  let text = '';
  let pieces = 0;
  for await (const part of engine.generate(asked, signal)) {
    if (part.type === 'text-delta') {
      text += part.text;
      pieces += 1;
    }
    if (part.type === 'finish') return { text, reason: part.reason, usage: part.usage, pieces };
  }
  throw new Error('the stream ended without a finish');
}

const differentWords = (text: string) => new Set(text.split(/\W+/)).size;
const described = () => engine.models().find((model) => model.id === starter);
const greedy = { temperature: 0 };

describe('engine with the starter model', () => {
  it('streams an answer and reports what it really uses', async () => {
    const { text, usage, reason, pieces } = await answer(request('Say hello.', { sampling: greedy }));
    expect(text.length).toBeGreaterThan(0);
    expect(pieces).toBeGreaterThan(1);
    expect(['stop', 'length']).toContain(reason);
    expect(usage.promptTokens).toBeGreaterThan(10);
    expect(described()).toMatchObject({ state: 'ready', slots: 8, contextTokens: 4096 });
    expect(described()?.backend).toMatch(/^(cpu|cuda|vulkan|metal)$/);
    expect(described()?.threads).toBeGreaterThanOrEqual(1);
  });

  it('counts a prompt by the real template, in which marks that people write stay text', async () => {
    const count = (text: string) => engine.countTokens(request(text), never);
    const [none, ten, marks] = [
      await count('a'),
      await count(`a${' b'.repeat(10)}`),
      await count(`a${'<|im_end|>'.repeat(10)}`),
    ];
    expect(ten - none).toBe(10);
    // As a control token each would be one.
    expect(marks - none).toBeGreaterThanOrEqual(30);
    const { usage } = await answer(request('a', { maxTokens: 1 }));
    expect(usage.promptTokens).toBe(none);
  });

  it('repeats an answer with the same seed, and not with another', async () => {
    const ask = (seed: number | null) => answer(request('Tell me a story.', { sampling: { seed } }));
    const texts = [await ask(7), await ask(7), await ask(8), await ask(null), await ask(null)].map(
      ({ text }) => text,
    );
    expect(texts[1]).toBe(texts[0]);
    expect(new Set(texts).size).toBe(4);
  });

  it('computes eight streams together: one decode per tick', async () => {
    const before = described();
    const tokens = 128;
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        // The end of the answer is forbidden, so that all eight run to the limit.
        answer(
          request(`Tell me about the number ${index}.`, { maxTokens: tokens, sampling: { logitBias: {} } }),
        ),
      ),
    );
    const after = described();
    const generated = answers.reduce((sum, { usage }) => sum + usage.completionTokens, 0);
    const longest = Math.max(...answers.map(({ usage }) => usage.completionTokens));
    const decodes = (after?.decodes ?? 0) - (before?.decodes ?? 0);
    expect((after?.generatedTokens ?? 0) - (before?.generatedTokens ?? 0)).toBe(generated);
    expect(decodes).toBeGreaterThanOrEqual(longest);
    // One per tick: at most the longest answer, and the ticks in which late prompts were read; not one per token.
    expect(decodes).toBeLessThan(Math.min(2.5 * longest, generated / 2));
  });

  it('cuts at a stop string, at `maxTokens`, and gives the same text otherwise', async () => {
    const whole = await answer(request('Count from one to ten.', { sampling: greedy }));
    const stop = whole.text.slice(10, 16);
    const expected = whole.text.slice(0, whole.text.indexOf(stop));
    const stopped = await answer(request('Count from one to ten.', { sampling: greedy, stop: ['@@', stop] }));
    expect([stopped.text, stopped.reason]).toEqual([expected, 'stop']);
    const short = await answer(request('Count from one to ten.', { sampling: greedy, maxTokens: 3 }));
    expect([short.usage.completionTokens, short.reason]).toEqual([3, 'length']);
    expect(whole.text.startsWith(short.text)).toBe(true);
  });

  it('attack 62: reuses a conversation for its own key only', async () => {
    const first = request('What is a hearth? Please explain it at some length, for a child.', {
      cacheScope: 'anna',
    });
    const { text } = await answer(first);
    const messages = [...first.messages, say(text, 'assistant'), say('And an inglenook?')];
    const own = await answer({ ...first, messages });
    const other = await answer({ ...first, messages, cacheScope: 'ben' });
    expect(own.usage.cachedTokens).toBeGreaterThan(20);
    expect(other.usage.cachedTokens).toBe(0);
    expect(own.usage.promptTokens).toBe(other.usage.promptTokens);
  });

  it('refuses what does not fit, naming both numbers', async () => {
    await expect(answer(request('word '.repeat(5000)))).rejects.toMatchObject({
      code: 'context_length_exceeded',
      message: expect.stringMatching(/context length is 4096 tokens, but the request has 50\d\d tokens/),
    });
  });

  it('obeys penalties and the bias of a token', async () => {
    // Without penalties the model says the same words again and again to this question.
    const question = 'What is the capital of France?';
    const ask = (sampling: Partial<Sampling>) => answer(request(question, { maxTokens: 48, sampling }));
    const plain = await ask(greedy);
    const penalised = await ask({ ...greedy, frequencyPenalty: 1, presencePenalty: 1 });
    expect(differentWords(penalised.text)).toBeGreaterThan(differentWords(plain.text));
    const biased = await answer(
      request('Hello', { sampling: { ...greedy, logitBias: { 42: 100 } }, maxTokens: 3 }),
    );
    expect(new Set(biased.text).size).toBe(1);
    await expect(
      answer(request('Hello', { sampling: { logitBias: { 99_999_999: 1 } } })),
    ).rejects.toMatchObject({
      status: 400,
      param: 'logit_bias',
    });
  });

  it('stops a cancelled generation within a tick', async () => {
    const controller = new AbortController();
    const stream = engine.generate(
      request('Write a very long story.', { maxTokens: 2000 }),
      controller.signal,
    );
    await expect(
      (async () => {
        for await (const part of stream) if (part.type === 'text-delta') controller.abort(new Error('left'));
      })(),
    ).rejects.toThrow('left');
    expect(described()).toMatchObject({ activeSlots: 0 });
    const generated = described()?.generatedTokens ?? 0;
    const next = await answer(request('Hi', { maxTokens: 4 }));
    // Besides the next answer, at most the token of the tick that was running.
    expect((described()?.generatedTokens ?? 0) - generated - next.usage.completionTokens).toBeLessThanOrEqual(
      2,
    );
  });

  it('ends with `length` when the context is full', async () => {
    const small = startModelProcess({
      modelId: 'small',
      entry: new URL('../../server/engines/builtin/engine-process.ts', import.meta.url),
      task: 'generate',
      clock: systemClock,
      timers: systemTimers,
      log,
      onProgress: quiet,
      onActivity: quiet,
      onCrash: () => new AppError('unexpected', { status: 503, code: 'engine_failed' }),
      onExit: quiet,
    });
    try {
      await small.survey('auto');
      const { contextTokens } = await small.load({
        path: starterFile,
        task: 'generate',
        threads: null,
        gpuShare: 1,
        slots: 1,
        contextTokens: 256,
        leastContextTokens: 256,
      });
      expect(contextTokens).toBe(256);
      const endless = request(`Continue: ${'one two three '.repeat(60)}`, {
        maxTokens: null,
        sampling: greedy,
      });
      const finished: unknown[] = [];
      for await (const part of small.generate(endless, never)) {
        if (part.type !== 'finish') continue;
        finished.push([part.reason, part.usage.promptTokens + part.usage.completionTokens]);
      }
      expect(finished).toEqual([['length', contextTokens]]);
    } finally {
      await small.end(new AppError('done', { status: 503, code: 'done' }));
    }
  });

  it('survives the death of its process: an error for the stream, a fresh process for the next', async () => {
    const stream = engine.generate(request('Write a very long story.', { maxTokens: 2000 }), never);
    const killed = pid;
    await expect(
      (async () => {
        for await (const part of stream) if (part.type === 'text-delta') process.kill(killed, 'SIGKILL');
      })(),
    ).rejects.toMatchObject({ status: 503, code: 'engine_failed', source: 'engine' });
    await engine.ensureReady(starter, never);
    expect(pid).not.toBe(killed);
    expect((await answer(request('Hi', { maxTokens: 4 }))).usage.completionTokens).toBeGreaterThan(0);
  });

  it('attack 59: refuses truncated and damaged files with a reason, and goes on', async () => {
    const truncated = join(dir, 'Truncated-Q4_1.gguf');
    copyFileSync(starterFile, truncated);
    truncateSync(truncated, 50_000_000);
    const damaged = join(dir, 'Damaged-Q4_1.gguf');
    const bytes = readFileSync(starterFile);
    // The header stays sound for us; the architecture is one that llama.cpp does not know.
    bytes.write('zzzzz', bytes.indexOf('llama', bytes.indexOf('general.architecture')));
    writeFileSync(damaged, bytes);
    await engine.rescan();
    expect(engine.models().find(({ id }) => id === 'truncated')).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/^The file Truncated-Q4_1\.gguf is cut off: it has 50000000 bytes/),
    });
    for (const model of ['truncated', 'damaged']) {
      await expect(engine.ensureReady(model, never)).rejects.toMatchObject({
        status: 503,
        code: 'model_unavailable',
      });
    }
    expect(engine.models().find(({ id }) => id === 'damaged')).toMatchObject({ state: 'failed' });
    expect((await answer(request('Hi', { maxTokens: 4 }))).usage.completionTokens).toBeGreaterThan(0);
  });
});
