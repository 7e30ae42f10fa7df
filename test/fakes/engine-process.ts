/**
 * A runnable engine process without a model: the real protocol and the real tick loop over a fake addon. The name of
 * the model's file tells how it behaves when it is loaded, the last word of the prompt how it answers.
 */
import { basename } from 'node:path';
import type { EngineMachine } from '../../server/engines/builtin/protocol.ts';
import { serveEngine } from '../../server/engines/builtin/engine-service.ts';
import type { EmbeddingWorker } from '../../server/engines/builtin/embedding/embedding-model.ts';
import { createFakeAddon, fakeTokenize } from './fake-addon.ts';

/** Of this process's machine: a GPU where the test says so. */
const machine: EngineMachine =
  process.env['FAKE_GPU'] === undefined
    ? { backend: 'cpu', backends: ['cpu'], gpu: null }
    : {
        backend: 'cuda',
        backends: ['cuda', 'vulkan', 'cpu'],
        gpu: { freeBytes: 8e9, totalBytes: 8e9, isShared: false },
      };
let backend = machine.backend;
/** Held, so that the process really is as large as a model. */
const held: Buffer[] = [];

serveEngine({
  async survey(wanted) {
    if (wanted !== 'auto') backend = wanted;
    return backend === 'cpu' ? { ...machine, backend, gpu: null } : { ...machine, backend };
  },
  inspect: async () => ({
    platform: process.platform,
    backend,
    supported: machine.backends,
    parts: machine.backends,
    devices: machine.gpu === null ? [] : ['Fake GPU'],
    memory: machine.gpu,
    failures: [],
    nvidia: { tool: 'missing', driver: null, cuda: null, words: '' },
    cards: [],
  }),
  async load({ path, slots, gpuShare }, report) {
    report.progress(50);
    const name = basename(path);
    if (name.startsWith('hang')) await new Promise(() => {});
    if (name.startsWith('fail')) throw new Error('there is not enough memory for this model');
    if (name.startsWith('unknown')) throw new Error("unknown model architecture: 'zzz'");
    if (name.startsWith('crash')) process.kill(process.pid, 'SIGKILL');
    // Only with the least of room; only without the GPU.
    if (name.startsWith('tight') && slots > 1) throw new Error('a context of this size is too large');
    if (name.startsWith('picky') && gpuShare > 0) throw new Error('Failed to load model');
    if (name.startsWith('big')) held.push(Buffer.alloc(300e6, 1));
    const addon = createFakeAddon({
      slots: Math.min(slots, 2),
      contextTokens: 200,
      answer: (prompt) => {
        if (prompt.includes('forever')) return 'word '.repeat(40);
        return prompt.includes('pid') ? String(process.pid) : 'one two three';
      },
      onDecode: async (_, count) => {
        // Slow enough to be interrupted, for those answers that would otherwise be over at once.
        if (name.includes('slow')) await new Promise((resolve) => setTimeout(resolve, 20));
        if (name.startsWith('break') && count === 3) throw new Error('a failed computation');
        if (name.startsWith('die') && count === 3) process.kill(process.pid, 'SIGKILL');
        if (count !== 3 || !/^(mute|stuck)/.test(name)) return;
        await new Promise<void>((sent) => {
          const message = { type: 'log', level: 'warn', message: 'silent from now on' };
          process.send?.(message, undefined, undefined, () => sent());
        });
        // As native code does that never comes back; costs no processor time.
        if (name.startsWith('stuck')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
        await new Promise(() => {});
      },
    });
    return { ...addon, backend };
  },
  async loadEmbeddings({ path, task, contextTokens }) {
    const name = basename(path);
    const worker: EmbeddingWorker = {
      async vectorOf(tokens) {
        if (name.includes('slow')) await new Promise((resolve) => setTimeout(resolve, 20));
        if (name.startsWith('die')) process.kill(process.pid, 'SIGKILL');
        return [tokens.length, process.pid];
      },
      scoreOf: async (query, document) => (document.join(' ').includes(query.join(' ')) ? 1 : 0),
    };
    return {
      task: task === 'rerank' ? 'rerank' : 'embed',
      backend: 'cpu',
      threads: 1,
      contextTokens,
      vocabularySize: 2_000_000,
      dimensions: 2,
      isShortenable: true,
      tokenize: (text) => fakeTokenize(text, false),
      lengthOf: (tokens) => tokens.length,
      pairLengthOf: (query, document) => query.length + document.length,
      workers: [worker, worker],
    };
  },
});
