import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { usualSampling, type GeneratePart, type GenerateRequest } from '../../../server/core/generate.ts';
import type { Logger } from '../../../server/core/logger.ts';
import { usualModelSettings, type ModelDescription, type ModelSettings } from '../../../server/core/model.ts';
import { createBuiltinEngine, type BuiltinEngine } from '../../../server/engines/builtin/builtin-engine.ts';
import { createManualTime, type ManualTime } from '../../fakes/manual-time.ts';
import { usualEntries, writeGguf } from '../../fakes/gguf-file.ts';

/** What becomes of models in time and in little memory: real processes and real IPC, made-up time and memory. */

const minute = 60_000;
const never = new AbortController().signal;
const small: Partial<ModelSettings> = { slots: 1, contextTokens: 256 };

let dir: string;
let time: ManualTime;
let engine: BuiltinEngine;
let watchers: (() => void)[];
let logged: string[];
let stored: Map<string, ModelSettings>;
/** Of the made-up computer, in bytes; what loaded models take is subtracted as it was measured. */
let totalBytes: number;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'inglenook-life-'));
  time = createManualTime();
  watchers = [];
  logged = [];
  stored = new Map();
  totalBytes = 16e9;
});

afterEach(async () => {
  await engine.stop();
  rmSync(dir, { recursive: true, force: true });
  vi.unstubAllEnvs();
});

async function open(...names: string[]): Promise<void> {
  const record = (message: string) => {
    logged.push(message);
    for (const watch of watchers.slice()) watch();
  };
  const log: Logger = { debug: record, info: record, warn: record, error: record };
  for (const name of names) writeGguf(join(dir, `${name}.gguf`), { entries: usualEntries });
  engine = createBuiltinEngine({
    sources: { starterDir: join(dir, 'none'), folders: [dir], addedFiles: () => [] },
    log,
    clock: time.clock,
    timers: time.timers,
    readRam: () => ({ totalBytes, freeBytes: totalBytes - takenBytes() }),
    settings: {
      get: (id) => stored.get(id) ?? usualModelSettings,
      set: (id, settings) => void stored.set(id, settings),
    },
    engineProcess: new URL('../../fakes/engine-process.ts', import.meta.url),
    onChange: () => {
      for (const watch of watchers.slice()) watch();
    },
  });
  await engine.rescan();
}

const takenBytes = () => engine.models().reduce((sum, { memory }) => sum + (memory.measuredBytes ?? 0), 0);

function model(id: string): ModelDescription {
  const found = engine.models().find((known) => known.id === id);
  if (found === undefined) throw new Error(`no model ${id}`);
  return found;
}

function until(condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const watch = () => condition() && resolve();
    watchers.push(watch);
    watch();
  });
}

function request(id: string, text: string, maxTokens: number | null = null): GenerateRequest {
  return {
    model: id,
    messages: [{ role: 'user', content: [{ type: 'text', text }] }],
    maxTokens,
    stop: [],
    sampling: usualSampling,
    cacheScope: null,
  };
}

async function answer(id: string, text = 'Hello', maxTokens: number | null = null): Promise<string> {
  await engine.ensureReady(id, never);
  return textOf(engine.generate(request(id, text, maxTokens), never));
}

async function textOf(parts: AsyncIterable<GeneratePart>): Promise<string> {
  let text = '';
  for await (const part of parts) if (part.type === 'text-delta') text += part.text;
  return text;
}

describe('keep-alive', () => {
  it('unloads after half an hour without a request, counted from the last one', async () => {
    await open('tiny');
    await answer('tiny');
    expect(model('tiny').keepAliveUntilMs).toBe(time.clock.nowMs() + 30 * minute);
    time.advance(29 * minute);
    await answer('tiny');
    time.advance(29 * minute);
    expect(model('tiny').state).toBe('ready');
    time.advance(minute);
    await until(() => model('tiny').state === 'off');
    expect(model('tiny')).toMatchObject({ keepAliveUntilMs: null, slots: null });
    expect(await answer('tiny')).toBe('one two three');
  });

  it('does not count while it answers', async () => {
    await open('slow');
    engine.configure('slow', { keepAliveMinutes: 1 });
    await engine.ensureReady('slow', never);
    const running = answer('slow', 'forever', 20);
    await until(() => model('slow').state === 'busy');
    expect(model('slow').keepAliveUntilMs).toBeNull();
    expect((await running).length).toBe(20);
    expect(model('slow')).toMatchObject({
      state: 'ready',
      keepAliveUntilMs: time.clock.nowMs() + minute,
    });
  });

  it('keeps a pinned model for ever, and takes a changed setting at once', async () => {
    await open('tiny');
    engine.configure('tiny', { pinned: true });
    await answer('tiny');
    time.advance(1000 * minute);
    expect(model('tiny')).toMatchObject({
      state: 'ready',
      keepAliveUntilMs: null,
      settings: { pinned: true },
    });
    engine.configure('tiny', { pinned: false, keepAliveMinutes: 2 });
    time.advance(2 * minute);
    await until(() => model('tiny').state === 'off');
  });

  it('loads from the start what is to be preloaded, and nothing else', async () => {
    await open('tiny', 'other', 'fail');
    engine.configure('tiny', { preload: true });
    engine.configure('fail', { preload: true });
    engine.preload();
    await until(() => model('tiny').state === 'ready' && model('fail').state === 'failed');
    expect(model('other').state).toBe('off');
  });
});

describe('memory', () => {
  /** Two that each hold 300 MB beside their process. */
  async function openTwo(...names: string[]): Promise<void> {
    await open(...names);
    for (const name of names) engine.configure(name, small);
  }

  it('keeps both where both fit, and shows what was reckoned and measured', async () => {
    await openTwo('big-one', 'big-two');
    await answer('big-one');
    await answer('big-two');
    expect([model('big-one').state, model('big-two').state]).toEqual(['ready', 'ready']);
    const { estimatedBytes, measuredBytes } = model('big-one').memory;
    expect(estimatedBytes).toBeGreaterThan(150e6);
    expect(measuredBytes).toBeGreaterThan(300e6);
  });

  it('unloads the one unused for longest when a third needs its memory, and only that one', async () => {
    totalBytes = 1250e6;
    await openTwo('big-one', 'big-two', 'big-three');
    await answer('big-one');
    time.advance(1000);
    await answer('big-two');
    time.advance(1000);
    await answer('big-one');
    time.advance(minute);
    totalBytes = takenBytes() + 200e6;
    await answer('big-three');
    expect(['big-one', 'big-two', 'big-three'].map((id) => model(id).state)).toEqual([
      'ready',
      'off',
      'ready',
    ]);
    expect(logged).toContain('An idle model is unloaded to make room for another.');
  });

  it('waits for a busy one, says so, and never unloads it while it answers', async () => {
    totalBytes = 600e6;
    await openTwo('big-slow', 'big-two');
    await engine.ensureReady('big-slow', never);
    const running = answer('big-slow', 'forever', 30);
    await until(() => model('big-slow').state === 'busy');
    const waiting = answer('big-two');
    await until(() => model('big-two').waitingFor === 'memory');
    expect(model('big-two').state).toBe('loading');
    expect(model('big-slow').state).toBe('busy');
    expect((await running).length).toBe(30);
    expect(await waiting).toBe('one two three');
    expect(model('big-slow').state).toBe('off');
  });

  it('does not wait for ever', async () => {
    totalBytes = 600e6;
    await openTwo('big-slow', 'big-two');
    await engine.ensureReady('big-slow', never);
    const controller = new AbortController();
    const parts = engine.generate(request('big-slow', 'forever'), controller.signal);
    const running = parts[Symbol.asyncIterator]();
    await running.next();
    const refused = expect(engine.ensureReady('big-two', never)).rejects.toMatchObject({
      status: 503,
      code: 'waiting_for_memory',
      retryAfterSeconds: 30,
      message: expect.stringContaining('`big-slow`'),
    });
    await until(() => model('big-two').waitingFor === 'memory');
    // The busy one goes on meanwhile, or it would be taken for hung.
    for (let times = 0; times < 5; times += 1) {
      time.advance(25_000);
      await running.next();
    }
    await refused;
    expect(model('big-two').state).toBe('off');
    expect(model('big-slow').state).toBe('busy');
    controller.abort(new Error('done'));
    await expect(running.next().then(() => running.next())).rejects.toThrow('done');
  });

  it('does not touch a pinned one, and says who holds the memory', async () => {
    totalBytes = 560e6;
    await openTwo('big-one', 'big-two');
    engine.configure('big-one', { pinned: true });
    await answer('big-one');
    time.advance(minute);
    await expect(engine.ensureReady('big-two', never)).rejects.toMatchObject({
      status: 503,
      message: expect.stringMatching(/unpin big-one/),
    });
    expect(model('big-one').state).toBe('ready');
    expect(model('big-two')).toMatchObject({ state: 'failed', reason: expect.stringMatching(/are free/) });
  });

  it('refuses what is larger than the computer', async () => {
    totalBytes = 100e6;
    await openTwo('tiny');
    await expect(engine.ensureReady('tiny', never)).rejects.toMatchObject({
      code: 'model_unavailable',
      message: expect.stringMatching(/needs about 0\.3 GB of memory, and this computer has 0\.1 GB/),
    });
  });
});

describe('loads that fail', () => {
  it('are tried with less room, and the outcome is shown with the engine’s words', async () => {
    await open('tight');
    await answer('tight');
    expect(model('tight').state).toBe('ready');
    expect(model('tight').attempts).toMatchObject([
      {
        backend: 'cpu',
        slots: 8,
        reason: expect.stringContaining('not enough free memory'),
        cause: 'a context of this size is too large',
      },
      { slots: 4, reason: expect.any(String) },
      { slots: 1, reason: null, cause: null },
    ]);
  });

  it('go on from the GPU over another backend to the processor', async () => {
    vi.stubEnv('FAKE_GPU', 'cuda');
    await open('picky');
    await answer('picky');
    expect(model('picky').backend).toBe('cpu');
    expect(
      model('picky').attempts.map(({ backend, gpuShare, reason }) => [backend, gpuShare, reason === null]),
    ).toEqual([
      ['cuda', 1, false],
      ['cuda', 0.5, false],
      ['cuda', 0.5, false],
      ['vulkan', 1, false],
      ['cpu', 0, true],
    ]);
  });

  it('are not tried again where the file itself is not understood', async () => {
    await open('unknown');
    await expect(engine.ensureReady('unknown', never)).rejects.toMatchObject({
      message: expect.stringContaining('does not know this kind of model'),
    });
    expect(model('unknown').attempts).toHaveLength(1);
  });

  it('are told again at once for a second, and then tried anew', async () => {
    await open('unknown');
    await expect(engine.ensureReady('unknown', never)).rejects.toMatchObject({ retryAfterSeconds: null });
    await expect(engine.ensureReady('unknown', never)).rejects.toMatchObject({ retryAfterSeconds: 1 });
    time.advance(1000);
    const again = engine.ensureReady('unknown', never);
    expect(model('unknown').state).toBe('loading');
    await expect(again).rejects.toMatchObject({ retryAfterSeconds: null });
    await expect(engine.ensureReady('unknown', never)).rejects.toMatchObject({ retryAfterSeconds: 2 });
  });

  it('give up a load without any progress after three minutes', async () => {
    await open('hang');
    const refused = expect(engine.ensureReady('hang', never)).rejects.toMatchObject({
      code: 'model_unavailable',
      message: expect.stringContaining('stopped answering while it loaded'),
    });
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await until(
        () => model('hang').attempts.length === attempt - 1 && model('hang').progressPercent === 50,
      );
      passByMinutes(4);
    }
    await refused;
  });
});

/** A minute at a time, as timers that were very late would be taken for a computer that has slept. */
function passByMinutes(count: number): void {
  for (let minutes = 0; minutes < count; minutes += 1) time.advance(minute);
}

describe('watchdog', () => {
  it.each(['mute', 'stuck'])(
    'ends an engine that is %s, fails its requests with 503, and starts another',
    async (name) => {
      await open(name);
      await answer(name, 'Hello', 1);
      // The third decode never ends.
      const refused = expect(answer(name, 'forever')).rejects.toMatchObject({
        status: 503,
        code: 'engine_failed',
        retryAfterSeconds: 1,
      });
      await until(() => logged.includes('silent from now on'));
      passByMinutes(2);
      await refused;
      expect(model(name)).toMatchObject({
        crashes: 1,
        lastCrash: expect.stringContaining('did not answer any more'),
      });
      time.advance(1000);
      await until(() => model(name).state === 'ready');
      expect(await answer(name, 'Hello', 2)).toBe('on');
      expect(model(name).crashes).toBe(0);
    },
  );

  it('does not end an engine that has nothing to do', async () => {
    await open('tiny');
    engine.configure('tiny', { pinned: true });
    await answer('tiny');
    passByMinutes(60);
    expect(model('tiny').state).toBe('ready');
  });
});

describe('crashes in a row', () => {
  it('are followed by ever longer pauses; who asks meanwhile waits; an answer ends the row', async () => {
    await open('die');
    const pauses: number[] = [];
    for (let crash = 1; crash <= 7; crash += 1) {
      const failed = await answer('die', 'forever').catch((error: unknown) => error);
      expect(failed).toMatchObject({ status: 503, code: 'engine_failed' });
      await until(() => model('die').crashes === crash && model('die').state === 'off');
      pauses.push((failed as { retryAfterSeconds: number }).retryAfterSeconds);
      const asked = engine.ensureReady('die', never);
      expect(model('die')).toMatchObject({ state: 'loading', waitingFor: 'restart' });
      time.advance((pauses.at(-1) ?? 0) * 1000);
      await asked;
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 30, 30]);
    expect(model('die').lastCrash).toContain('memory had run out');
    expect(await answer('die', 'Hello', 2)).toBe('on');
    expect(model('die').crashes).toBe(0);
  });

  it('are not followed by a restart when the owner unloads the model', async () => {
    await open('die');
    await expect(answer('die', 'forever')).rejects.toMatchObject({ code: 'engine_failed' });
    await until(() => model('die').state === 'off');
    await engine.unload('die');
    expect(time.waiting()).toEqual([]);
    expect(model('die').state).toBe('off');
  });
});

describe('people at once and longest conversation', () => {
  it('are taken at the next load, or by a fresh load of an idle model', async () => {
    await open('tiny');
    await answer('tiny');
    expect(model('tiny').slots).toBe(2);
    engine.configure('tiny', { slots: 1 });
    await until(() => model('tiny').state === 'ready' && model('tiny').slots === 1);
    expect(stored.get('tiny')).toEqual({ ...usualModelSettings, slots: 1 });
    expect(await answer('tiny')).toBe('one two three');
  });

  it('are not changed while the model answers; the rest is', async () => {
    await open('slow');
    await engine.ensureReady('slow', never);
    const running = answer('slow', 'forever', 20);
    await until(() => model('slow').state === 'busy');
    expect(() => engine.configure('slow', { slots: 1 })).toThrow(/Change it when it is idle/);
    expect(stored.has('slow')).toBe(false);
    engine.configure('slow', { pinned: true });
    expect(model('slow').settings.pinned).toBe(true);
    expect((await running).length).toBe(20);
  });
});
