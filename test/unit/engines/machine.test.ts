import { afterEach, describe, expect, it, vi } from 'vitest';
import { createBuiltinEngine, type BuiltinEngine } from '../../../server/engines/builtin/builtin-engine.ts';
import { createMachineView } from '../../../server/engines/builtin/life/machine.ts';
import type { EngineMachine } from '../../../server/engines/builtin/protocol.ts';
import { createManualTime } from '../../fakes/manual-time.ts';
import { startComposed } from '../../fakes/composed.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const ram = { freeBytes: 10e9, totalBytes: 16e9 };
const none: EngineMachine = { backend: 'cpu', backends: ['cpu'], gpu: null };
const withGpu = (freeBytes: number): EngineMachine => ({
  backend: 'cuda',
  backends: ['cuda', 'cpu'],
  gpu: { freeBytes, totalBytes: 8e9, isShared: false },
});

function view(survey: () => Promise<EngineMachine>) {
  const time = createManualTime();
  return { time, ...createMachineView({ readRam: () => ram, clock: time.clock, survey, log }) };
}

describe('the memory of this computer', () => {
  it('is asked of the GPU once for all who ask, and again after half a minute', async () => {
    let asked = 0;
    const { read, time } = view(async () => withGpu((asked += 1) * 1e9));
    const both = await Promise.all([read(), read()]);
    expect(both.map(({ gpuFreeBytes }) => gpuFreeBytes)).toEqual([1e9, 1e9]);
    time.advance(29_000);
    expect((await read()).gpuFreeBytes).toBe(1e9);
    time.advance(2000);
    expect(await read()).toMatchObject({
      freeBytes: 10e9,
      totalBytes: 16e9,
      gpuFreeBytes: 2e9,
      gpuTotalBytes: 8e9,
      isGpuShared: false,
    });
  });

  it('has no GPU for as long as the server runs where there is none', async () => {
    let asked = 0;
    const { read, time } = view(async () => {
      asked += 1;
      return none;
    });
    await read();
    time.advance(3_600_000);
    expect((await read()).gpuFreeBytes).toBeNull();
    expect(asked).toBe(1);
  });

  it('is what a load has just measured; one without the GPU tells nothing of it', async () => {
    const { read, note } = view(() => Promise.reject(new Error('not to be asked')));
    note(withGpu(3e9));
    note(none);
    expect((await read()).gpuFreeBytes).toBe(3e9);
  });

  it('is the ordinary one alone where the engine cannot be asked', async () => {
    const { read } = view(() => Promise.reject(new Error('no binary')));
    expect(await read()).toMatchObject({
      freeBytes: 10e9,
      gpuFreeBytes: null,
      gpuTotalBytes: null,
      isGpuShared: false,
    });
  });
});

describe('the built-in engine', () => {
  let engine: BuiltinEngine;
  afterEach(async () => {
    await engine.stop();
    vi.unstubAllEnvs();
  });

  function open(): void {
    engine = createBuiltinEngine({
      sources: { starterDir: '/nowhere', folders: [], addedFiles: () => [] },
      log,
      readRam: () => ram,
      engineProcess: new URL('../../fakes/engine-process.ts', import.meta.url),
    });
  }

  it('asks a real process, which loads nothing and goes', async () => {
    vi.stubEnv('FAKE_GPU', 'cuda');
    open();
    expect(await engine.machine()).toMatchObject({ freeBytes: 10e9, gpuFreeBytes: 8e9, isGpuShared: false });
  });

  it('leaves no process behind when it stops while it asks', async () => {
    open();
    const asked = engine.machine();
    await engine.stop();
    expect((await asked).gpuFreeBytes).toBeNull();
  });
});

it('the catalogue is judged by the GPU’s memory where there is one', async () => {
  const machine = { freeBytes: 8e9, gpuFreeBytes: 1e12 };
  const server = await startComposed({ engine: { machine } });
  const { models } = (await server.admin('GET', '/catalogue')) as {
    models: { fit: { verdict: string; freeBytes: number } }[];
  };
  expect(models.map(({ fit }) => [fit.verdict, fit.freeBytes])).toEqual(models.map(() => ['fits', 1e12]));
});
