import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readCatalogue, recommendModels } from '../../../server/engines/builtin/supply/catalogue.ts';
import { readingSpeed } from '../../../server/core/reading-speed.ts';
import { describeElsewhere } from '../../../server/engines/describe.ts';
import { estimateFit } from '../../../server/engines/builtin/supply/fit.ts';

const path = join(import.meta.dirname, '..', '..', '..', 'resources', 'catalogue.json');
const catalogue = readCatalogue(path);
const GB = 1e9;

describe('the catalogue', () => {
  it('has something for every purpose, and no line whose memory is less than its weights', () => {
    expect(catalogue.length).toBeGreaterThanOrEqual(10);
    for (const purpose of ['chat', 'code', 'autocomplete', 'embeddings'] as const) {
      expect(catalogue.filter(({ purposes }) => purposes.includes(purpose)).length).toBeGreaterThan(0);
    }
    for (const { id, sizeBytes, minimumMemoryBytes, purposes, canUseTools } of catalogue) {
      expect([id, minimumMemoryBytes > sizeBytes]).toEqual([id, true]);
      // An agent without tools is none.
      expect([id, purposes.includes('code') ? canUseTools : true]).toEqual([id, true]);
    }
  });

  it('is refused with a damaged line instead of being served', () => {
    const dir = mkdtempSync(join(tmpdir(), 'inglenook-catalogue-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const file = JSON.parse(readFileSync(path, 'utf8')) as { models: Record<string, unknown>[] };
    for (const change of [{ uri: 'hf:../x' }, { sizeBytes: -1 }, { id: 'qwen3-8b' }, { sha256: 'made up' }]) {
      const models = file.models.map((model, index) => (index === 0 ? { ...model, ...change } : model));
      writeFileSync(join(dir, 'catalogue.json'), JSON.stringify({ ...file, models }));
      expect(() => readCatalogue(join(dir, 'catalogue.json'))).toThrow();
    }
  });
});

describe('the recommendation', () => {
  const on = (freeGb: number, gpuGb: number | null = null) =>
    Object.fromEntries(
      recommendModels(catalogue, {
        freeBytes: freeGb * GB,
        gpuFreeBytes: gpuGb === null ? null : gpuGb * GB,
      }).map((recommendation) => [recommendation.purpose, recommendation]),
    );

  it('for coding agents gives every person at least 32k, or the sentence that this computer cannot', () => {
    for (const [free, gpu] of [
      [12, null],
      [16, null],
      [64, null],
      [32, 12],
      [32, 24],
      [64, 48],
      [128, 96],
    ] as const) {
      const { code } = on(free, gpu);
      expect([free, gpu, code?.modelId === null, (code?.contextTokens ?? 0) >= 32_768]).toEqual([
        free,
        gpu,
        false,
        true,
      ]);
      const model = catalogue.find(({ id }) => id === code?.modelId);
      if (model === undefined || code === undefined) throw new Error('not in the catalogue');
      const machine = { freeBytes: free * GB, gpuFreeBytes: gpu === null ? null : gpu * GB };
      const plan = { slots: code.slots ?? 0, contextTokens: code.contextTokens ?? 0 };
      expect(estimateFit(model, plan, machine).verdict).toBe('fits');
    }
    expect(on(4)['code']).toMatchObject({
      modelId: null,
      slots: null,
      sentence: expect.stringMatching(/cannot run a model for coding agents.*32768 tokens.*4\.0 GB are free/),
    });
  });

  it('takes the better model where there is room, and a quick one without a GPU', () => {
    expect(on(128, 96)['code']?.modelId).toBe('gpt-oss-120b');
    expect(on(64, 24)['chat']?.modelId).toBe('mistral-small-3.2-24b');
    const active = catalogue.find(({ id }) => id === on(64)['chat']?.modelId)?.activeBillions;
    expect(active).toBeLessThanOrEqual(4);
    expect(on(0.2)['embeddings']?.modelId).toBeNull();
  });

  it('prefers what writes at least five tokens a second, once that is known', () => {
    const chatAt = (readBytesPerSecond: number | null) =>
      recommendModels(catalogue, { freeBytes: 64 * GB, gpuFreeBytes: null, readBytesPerSecond }).find(
        ({ purpose }) => purpose === 'chat',
      );
    expect(chatAt(null)).toMatchObject({ modelId: 'gpt-oss-20b', tokensPerSecond: null });
    // 12.1 GB, of which a token reads 3.6 / 20.9.
    expect(chatAt(20 * GB)).toMatchObject({ modelId: 'gpt-oss-20b' });
    expect(chatAt(20 * GB)?.tokensPerSecond).toBeCloseTo(9.6, 1);
    expect(chatAt(20 * GB)?.sentence).toMatch(/About 9\.6 tokens\/s here\.$/);
    expect(chatAt(6 * GB)).toMatchObject({ modelId: 'qwen2.5-1.5b' });
    // Where nothing is quick enough, the quickest is advised, and its number is said.
    expect(chatAt(2 * GB)).toMatchObject({ modelId: 'qwen2.5-1.5b' });
    expect(chatAt(2 * GB)?.tokensPerSecond).toBeCloseTo(1.8, 1);
    // A fast computer runs a large model that reads all its weights.
    expect(chatAt(200 * GB)).toMatchObject({ modelId: 'mistral-small-3.2-24b' });
  });

  it('never takes the GPU’s memory for embeddings', () => {
    expect(on(0.2, 80)['embeddings']?.modelId).toBeNull();
    expect(on(8, 0.1)['embeddings']?.modelId).toBe('qwen3-embedding-0.6b');
  });
});

describe('the fit', () => {
  const model = { sizeBytes: 8 * GB, contextBytesPerToken: 100_000, workingBytes: 1 * GB };
  const plan = { slots: 2, contextTokens: 10_000 };

  it('is a sum and a sentence', () => {
    expect(estimateFit(model, plan, { freeBytes: 20 * GB, gpuFreeBytes: null })).toEqual({
      ...plan,
      verdict: 'fits',
      sentence: 'Fits: needs 11.0 GB, 20.0 GB are free.',
      weightsBytes: 8 * GB,
      contextBytes: 2 * GB,
      workingBytes: 1 * GB,
      neededBytes: 11 * GB,
      freeBytes: 20 * GB,
      fitsWithContextTokens: null,
      tokensPerSecond: null,
    });
  });

  it.each([
    [13, null, 'fits', null],
    [12, null, 'tight', 5120],
    [10, null, 'too-big', null],
    [40, 12, 'tight', 5120],
    [40, 10, 'partly', null],
    [2, 10, 'too-big', null],
  ] as const)('with %d GB and a GPU of %s GB: %s', (free, gpu, verdict, context) => {
    const fit = estimateFit(model, plan, {
      freeBytes: free * GB,
      gpuFreeBytes: gpu === null ? null : gpu * GB,
    });
    expect([fit.verdict, fit.fitsWithContextTokens]).toEqual([verdict, context]);
  });

  it('counts memory that the GPU shares with the processor once', () => {
    const isGpuShared = true;
    const machine = { freeBytes: 10 * GB, gpuFreeBytes: 9 * GB };
    expect(estimateFit(model, plan, machine).verdict).toBe('partly');
    expect(estimateFit(model, plan, { ...machine, isGpuShared }).verdict).toBe('too-big');
  });

  it('is never a guess', () => {
    const fit = estimateFit({ ...model, contextBytesPerToken: null }, plan, {
      freeBytes: GB,
      gpuFreeBytes: null,
    });
    expect([fit.verdict, fit.neededBytes]).toEqual(['unknown', null]);
  });
});

describe('the speed before a model is taken', () => {
  const model = { sizeBytes: 8 * GB, contextBytesPerToken: 100_000, workingBytes: 1 * GB, activeShare: 0.5 };
  const plan = { slots: 2, contextTokens: 10_000 };
  const speedOn = (freeGb: number, gpuGb: number | null, readGb: number | null) =>
    estimateFit(model, plan, {
      freeBytes: freeGb * GB,
      gpuFreeBytes: gpuGb === null ? null : gpuGb * GB,
      readBytesPerSecond: readGb === null ? null : readGb * GB,
    }).tokensPerSecond;

  it('is what was read a second over what each token reads, and never a guess', () => {
    expect(speedOn(20, null, 20)).toBe(5);
    expect(speedOn(20, null, null)).toBeNull();
    // Too big, or on two kinds of memory: what was measured says nothing of it.
    expect(speedOn(5, null, 20)).toBeNull();
    expect(speedOn(40, 10, 400)).toBeNull();
    const machine = { freeBytes: 20 * GB, gpuFreeBytes: null, readBytesPerSecond: 20 * GB };
    expect(estimateFit({ ...model, activeShare: null }, plan, machine).tokensPerSecond).toBeNull();
  });

  it('is measured by the largest model that has answered; on a GPU, small ones tell nothing', () => {
    const ours = (id: string, sizeBytes: number, activeShare: number) => ({
      ...describeElsewhere({
        id,
        engine: 'builtin',
        task: 'generate',
        source: 'pulled',
        path: `/models/${id}.gguf`,
        state: 'off',
        sizeBytes,
      }),
      header: {
        trainContextTokens: 8192,
        contextBytesPerToken: 1,
        workingBytes: 1,
        canUseTools: null,
        activeShare,
      },
    });
    const models = [ours('starter', 0.1 * GB, 0.9), ours('large', 8 * GB, 0.25), ours('unused', 20 * GB, 1)];
    const starter = { model: 'starter', tokensPerSecond: 50 };
    const large = { model: 'large', tokensPerSecond: 3 };
    expect(readingSpeed(models, [], false)).toBeNull();
    expect(readingSpeed(models, [starter], false)).toBeCloseTo(4.5 * GB);
    expect(readingSpeed(models, [starter, large], false)).toBeCloseTo(6 * GB);
    expect(readingSpeed(models, [starter], true)).toBeNull();
    expect(readingSpeed(models, [starter, large], true)).toBeCloseTo(6 * GB);
  });
});
