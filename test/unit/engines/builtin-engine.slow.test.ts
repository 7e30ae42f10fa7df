import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { usualSampling, type GeneratePart, type GenerateRequest } from '../../../server/core/generate.ts';
import type { Logger } from '../../../server/core/logger.ts';
import type { ModelState } from '../../../server/core/model.ts';
import { createBuiltinEngine, type BuiltinEngine } from '../../../server/engines/builtin/builtin-engine.ts';
import { writeGguf } from '../../fakes/gguf-file.ts';

/** The supervisor over real processes and real IPC; only the model is a fake (test/fakes/engine-process.ts). */

let dir: string;
let engine: BuiltinEngine;
let states: string[];
let logged: string[];
let added: string[];
let watchers: (() => void)[];

const never = new AbortController().signal;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'inglenook-engine-'));
  states = [];
  logged = [];
  added = [];
  watchers = [];
  const record = (message: string) => logged.push(message);
  const log: Logger = { debug: record, info: record, warn: record, error: record };
  engine = createBuiltinEngine({
    sources: { starterDir: dir, folders: [], addedFiles: () => added },
    log,
    engineProcess: new URL('../../fakes/engine-process.ts', import.meta.url),
    onChange(models) {
      const text = models.map(({ id, state }) => `${id} ${state}`).join(', ');
      if (states.at(-1) !== text) states.push(text);
      for (const watch of watchers.slice()) watch();
    },
  });
});

afterEach(async () => {
  await engine.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function withModels(...names: string[]): Promise<void> {
  for (const name of names) writeGguf(join(dir, `${name}.gguf`));
  await engine.rescan();
}

function request(model: string, text = 'Hello', changes: Partial<GenerateRequest> = {}): GenerateRequest {
  return {
    model,
    messages: [{ role: 'user', content: [{ type: 'text', text }] }],
    maxTokens: null,
    stop: [],
    sampling: usualSampling,
    cacheScope: null,
    ...changes,
  };
}

async function answer(model: string, text?: string, signal: AbortSignal = never): Promise<string> {
  await engine.ensureReady(model, signal);
  return textOf(engine.generate(request(model, text), signal));
}

async function textOf(parts: AsyncIterable<GeneratePart>): Promise<string> {
  let text = '';
  for await (const part of parts) if (part.type === 'text-delta') text += part.text;
  return text;
}

const stateOf = (id: string): ModelState | undefined =>
  engine.models().find((model) => model.id === id)?.state;

function until(condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const watch = () => condition() && resolve();
    watchers.push(watch);
    watch();
  });
}

describe('built-in engine', () => {
  it('loads a model on demand, once for all who ask, and answers them', async () => {
    await withModels('tiny');
    expect(engine.models()).toMatchObject([{ id: 'tiny', state: 'off', source: 'starter', reason: null }]);
    const answers = await Promise.all([answer('tiny', 'pid'), answer('tiny', 'pid'), answer('tiny', 'pid')]);
    expect(new Set(answers).size).toBe(1);
    expect(engine.models()).toMatchObject([
      { state: 'ready', slots: 2, contextTokens: 200, backend: 'cpu', threads: 1, activeSlots: 0 },
    ]);
    expect(engine.models()[0]?.generatedTokens).toBeGreaterThan(0);
    expect(states).toContain('tiny loading');
    expect(states).toContain('tiny busy');
  });

  it('gives the parts of the contract in order, with the usage', async () => {
    await withModels('tiny');
    await engine.ensureReady('tiny', never);
    const parts: GeneratePart[] = [];
    for await (const part of engine.generate(request('tiny'), never)) parts.push(part);
    const promptTokens = '1user: Hello'.length + 1 + '1assistant: '.length;
    expect(parts[0]).toEqual({ type: 'start', promptTokens, cachedTokens: 0 });
    expect(parts.at(-1)).toEqual({
      type: 'finish',
      reason: 'stop',
      usage: { promptTokens, cachedTokens: 0, completionTokens: 'one two three'.length, reasoningTokens: 0 },
    });
    expect(parts.slice(1, -1).every((part) => part.type === 'text-delta')).toBe(true);
  });

  it('answers 404 for a model that nobody knows', async () => {
    await expect(engine.ensureReady('nothing', never)).rejects.toMatchObject({ code: 'model_not_found' });
    expect(() => engine.generate(request('nothing'), never)).toThrow(/does not exist/);
  });

  it('fails the running requests of a process that is killed, and answers the next by a fresh one', async () => {
    await withModels('slow');
    const pid = Number(await answer('slow', 'pid'));
    const stream = engine.generate(request('slow', 'forever'), never)[Symbol.asyncIterator]();
    expect((await stream.next()).value).toMatchObject({ type: 'start' });
    process.kill(pid, 'SIGKILL');
    await expect(drain(stream)).rejects.toMatchObject({
      status: 503,
      code: 'engine_failed',
      source: 'engine',
      retryAfterSeconds: 1,
    });
    expect(stateOf('slow')).toBe('off');
    const next = Number(await answer('slow', 'pid'));
    expect([Number.isInteger(next), next === pid]).toEqual([true, false]);
    expect(logged).toContain('An engine process ended unexpectedly.');
  });

  it('replaces a process whose computation broke', async () => {
    await withModels('break');
    await expect(answer('break', 'forever')).rejects.toMatchObject({ status: 503, code: 'engine_failed' });
    await until(() => stateOf('break') === 'off');
    await expect(answer('break', 'forever')).rejects.toMatchObject({ code: 'engine_failed' });
  });

  it('remembers why a model could not be loaded, and tries again at the next request', async () => {
    await withModels('fail');
    for (const attempt of [1, 2]) {
      await expect(engine.ensureReady('fail', never), `attempt ${attempt}`).rejects.toMatchObject({
        status: 503,
        code: 'model_unavailable',
        message: expect.stringContaining('not enough free memory'),
      });
      expect(engine.models()).toMatchObject([{ state: 'failed', reason: expect.stringContaining('memory') }]);
    }
  });

  it('says so when the process dies while it loads', async () => {
    await withModels('crash');
    await expect(engine.ensureReady('crash', never)).rejects.toMatchObject({ code: 'model_unavailable' });
    expect(engine.models()).toMatchObject([
      { state: 'failed', reason: expect.stringContaining('broke off') },
    ]);
  });

  it('refuses a file that has been damaged since it was found, and serves it again once repaired', async () => {
    await withModels('tiny');
    truncateSync(join(dir, 'tiny.gguf'), 200);
    await expect(engine.ensureReady('tiny', never)).rejects.toMatchObject({
      status: 503,
      message: expect.stringContaining('tiny.gguf'),
    });
    expect(stateOf('tiny')).toBe('failed');
    writeGguf(join(dir, 'tiny.gguf'));
    expect(await answer('tiny')).toBe('one two three');
  });

  it('goes on loading for the others when one gives up', async () => {
    await withModels('tiny');
    const impatient = new AbortController();
    const first = engine.ensureReady('tiny', impatient.signal);
    const second = engine.ensureReady('tiny', never);
    impatient.abort(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    expect(await second).toEqual({ slots: 2, contextTokens: 200 });
    await expect(engine.ensureReady('tiny', impatient.signal)).rejects.toThrow('gone');
  });

  it('stops a generation whose signal is aborted, and frees its slot', async () => {
    await withModels('slow');
    await engine.ensureReady('slow', never);
    const controller = new AbortController();
    const streams = [1, 2].map(() =>
      engine.generate(request('slow', 'forever'), controller.signal)[Symbol.asyncIterator](),
    );
    for (const stream of streams) await stream.next();
    controller.abort(new Error('the client has left'));
    for (const stream of streams) await expect(drain(stream)).rejects.toThrow('the client has left');
    expect(engine.models()).toMatchObject([{ activeSlots: 0, state: 'ready' }]);
    // Both slots were taken; this would wait for ever if they were not free again.
    expect(await answer('slow')).toBe('one two three');
  });

  it('frees the slot of a reader that leaves in the middle', async () => {
    await withModels('slow');
    await engine.ensureReady('slow', never);
    for (let times = 0; times < 3; times += 1) {
      for await (const part of engine.generate(request('slow', 'forever'), never))
        if (part.type === 'text-delta') break;
    }
    expect(await answer('slow')).toBe('one two three');
  });

  it('passes on what the prompt builder refuses', async () => {
    await withModels('tiny');
    await expect(answer('tiny', 'x'.repeat(300))).rejects.toMatchObject({
      status: 400,
      code: 'context_length_exceeded',
      param: 'messages',
      source: 'inglenook',
    });
    expect(engine.models()).toMatchObject([{ activeSlots: 0 }]);
  });

  it('unloads when the running requests have ended, and not before', async () => {
    await withModels('slow');
    await engine.ensureReady('slow', never);
    const running = textOf(engine.generate(request('slow', 'forever', { maxTokens: 20 }), never));
    await until(() => stateOf('slow') === 'busy');
    const unloaded = engine.unload('slow');
    expect((await running).length).toBe(20);
    await unloaded;
    expect(engine.models()).toMatchObject([{ state: 'off', decodes: null, slots: null }]);
    expect(await answer('slow')).toBe('one two three');
  });

  it('can give up a load that hangs, by unloading and by stopping', async () => {
    await withModels('hang');
    const loading = engine.ensureReady('hang', never);
    await until(() => engine.models()[0]?.progressPercent === 50);
    await engine.unload('hang');
    await expect(loading).rejects.toMatchObject({ code: 'model_unloaded' });
    expect(stateOf('hang')).toBe('off');
    const again = engine.ensureReady('hang', never);
    const refused = expect(again).rejects.toMatchObject({ status: 503, code: 'server_stopping' });
    await until(() => engine.models()[0]?.progressPercent === 50);
    await engine.stop();
    await refused;
  });

  it('leaves no process behind when it stops, running requests included', async () => {
    await withModels('slow', 'tiny');
    const pids = [Number(await answer('slow', 'pid')), Number(await answer('tiny', 'pid'))];
    const running = textOf(engine.generate(request('slow', 'forever'), never));
    const refused = expect(running).rejects.toMatchObject({ status: 503, code: 'server_stopping' });
    await until(() => stateOf('slow') === 'busy');
    await engine.stop();
    await refused;
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
    await expect(engine.ensureReady('tiny', never)).rejects.toMatchObject({ code: 'server_stopping' });
  });

  it('shows an added file at the next scan, and forgets a removed one', async () => {
    await withModels('tiny');
    const other = mkdtempSync(join(tmpdir(), 'inglenook-added-'));
    try {
      added = [writeGguf(join(other, 'Added-Model-Q8_0.gguf'))];
      await engine.rescan();
      expect(engine.models().map(({ id, source }) => [id, source])).toEqual([
        ['tiny', 'starter'],
        ['added-model', 'added'],
      ]);
      added = [];
      await engine.rescan();
      expect(engine.models().map(({ id }) => id)).toEqual(['tiny']);
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  });
});

async function drain(stream: AsyncIterator<GeneratePart>): Promise<void> {
  for (;;) {
    const { done } = await stream.next();
    if (done === true) return;
  }
}
