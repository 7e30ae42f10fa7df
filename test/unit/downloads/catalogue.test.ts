import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readCatalogue, recommendModels } from '../../../server/engines/builtin/supply/catalogue.ts';
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
