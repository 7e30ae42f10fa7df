import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { usualSampling, type GenerateRequest } from '../../../server/core/generate.ts';
import { createBuiltinEngine, type BuiltinEngine } from '../../../server/engines/builtin/builtin-engine.ts';
import { usualEntries, writeGguf, type GgufValue } from '../../fakes/gguf-file.ts';

/** Embeddings, ranking and counting over real processes and real IPC; only the model is a fake. */

let dir: string;
let engine: BuiltinEngine;
let loaded: { readonly model: unknown; readonly pid: unknown }[];
const never = new AbortController().signal;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'inglenook-engine-'));
  loaded = [];
  const quiet = () => {};
  engine = createBuiltinEngine({
    sources: { starterDir: dir, folders: [], addedFiles: () => [] },
    log: {
      debug: quiet,
      warn: quiet,
      error: quiet,
      info: (message, fields) => {
        if (message === 'A model is loaded.') loaded.push({ model: fields?.['model'], pid: fields?.['pid'] });
      },
    },
    engineProcess: new URL('../../fakes/engine-process.ts', import.meta.url),
  });
});

afterEach(async () => {
  await engine.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function withModel(name: string, entries: Readonly<Record<string, GgufValue>> = {}): Promise<void> {
  writeGguf(join(dir, `${name}.gguf`), { entries: { ...usualEntries, ...entries } });
  await engine.rescan();
}

function request(model: string, text = 'Hello'): GenerateRequest {
  return {
    model,
    messages: [{ role: 'user', content: [{ type: 'text', text }] }],
    maxTokens: null,
    stop: [],
    cacheScope: null,
    sampling: usualSampling,
  };
}

const embed = (model: string, inputs: string[], signal = never) =>
  engine.embed({ model, inputs, dimensions: 1 }, signal);

function isAlive(pid: unknown): boolean {
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
}

describe('a chat model that embeds too', () => {
  it('does so in a process of its own, and both end when it is unloaded', async () => {
    await withModel('chat');
    const answer = await embed('chat', ['one', 'three']);
    expect(answer).toEqual({
      type: 'embed',
      vectors: [Float32Array.of(1), Float32Array.of(1)],
      promptTokens: 8,
    });
    // Nobody has asked for words yet.
    expect(engine.models()).toMatchObject([{ id: 'chat', state: 'off' }]);
    const tokens = await engine.countTokens(request('chat'), never);
    expect(loaded.map(({ model }) => model)).toEqual(['chat (embed)', 'chat']);
    for await (const part of engine.generate(request('chat'), never)) {
      if (part.type === 'finish') expect(part.usage.promptTokens).toBe(tokens);
    }
    await embed('chat', ['again']);
    expect(loaded).toHaveLength(2);
    expect(new Set(loaded.map(({ pid }) => pid)).size).toBe(2);
    await engine.unload('chat');
    expect(loaded.map(({ pid }) => isAlive(pid))).toEqual([false, false]);
  });

  it('does not rank, and says what would', async () => {
    await withModel('chat');
    await expect(engine.ensureReady('chat', never, 'rerank')).rejects.toMatchObject({
      status: 400,
      param: 'model',
      message: expect.stringContaining('made for ranking') as unknown,
    });
    expect(loaded).toEqual([]);
  });

  it('stops when the client leaves, and fails cleanly when its process dies', async () => {
    await withModel('slow');
    await engine.ensureReady('slow', never, 'embed');
    const leaving = AbortSignal.timeout(60);
    const inputs = Array.from({ length: 2000 }, () => 'text');
    await expect(embed('slow', inputs, leaving)).rejects.toMatchObject({ name: 'TimeoutError' });
    // The rest is not computed: another list does not wait for it.
    expect((await embed('slow', ['next'])).promptTokens).toBe(4);
    await withModel('die');
    await expect(embed('die', ['text'])).rejects.toMatchObject({ status: 503, retryable: true });
  });

  it('tells the engine’s refusals', async () => {
    await withModel('chat');
    await expect(embed('chat', ['x'.repeat(5000)])).rejects.toMatchObject({
      status: 400,
      code: 'context_length_exceeded',
    });
    await expect(
      engine.embed({ model: 'nowhere', inputs: ['a'], dimensions: null }, never),
    ).rejects.toMatchObject({
      status: 404,
    });
  });
});

describe('models made for vectors and ranking', () => {
  it.each([
    ['bert', { 'general.architecture': 'bert', 'bert.context_length': 512 }],
    ['pooled', { 'llama.pooling_type': 3 }],
  ])('%s is for embeddings, and writes no words', async (name, entries) => {
    await withModel(name, entries);
    expect(engine.models()).toMatchObject([{ id: name, state: 'off', reason: null }]);
    await expect(engine.ensureReady(name, never, 'generate')).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('makes embeddings only') as unknown,
    });
    await embed(name, ['a']);
    expect(engine.models()).toMatchObject([{ id: name, state: 'ready' }]);
    expect(loaded).toMatchObject([{ model: expect.stringContaining(name) as unknown }]);
  });

  it.each([
    ['ranker', { 'llama.pooling_type': 4 }],
    ['labelled', { 'llama.classifier.output_labels': ['relevant'] }],
    ['templated', { 'tokenizer.chat_template.rerank': '{query} {document}' }],
  ])('%s ranks', async (name, entries) => {
    await withModel(name, entries);
    await engine.ensureReady(name, never, 'rerank');
    const answer = await engine.rerank({ model: name, query: 'ab', documents: ['xaby', 'zz'] }, never);
    expect(answer).toEqual({ type: 'rerank', scores: [1, 0], promptTokens: 10 });
  });
});
