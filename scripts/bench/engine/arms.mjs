// What can be asked for answers: our engine, our server over HTTP, a rival's server; all by the same call.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBuiltinEngine } from '../../../server/engines/builtin/builtin-engine.ts';
import { inRoot } from '../../lib/project.mjs';
import { streamChat } from './client.mjs';

/**
 * @typedef {import('./measures.mjs').Stream} Stream
 * @typedef {{ maxTokens: number, signal?: AbortSignal, scope?: string, onStart?: () => void, onPiece?: () => void }} AskOptions
 * @typedef {object} Arm
 * @property {string} name
 * @property {(text: string, options: AskOptions) => Promise<Stream>} ask One user message; never ends before `maxTokens`.
 * @property {() => Promise<void>} stop
 * @typedef {Arm & { engine: import('../../../server/engines/builtin/builtin-engine.ts').BuiltinEngine }} EngineArm
 * @typedef {Arm & { url: string, key: string, model: string, rssBytes: () => Promise<number>, models: () => Promise<any[]> }} HttpArm
 * @typedef {{ name: string, streams: (texts: readonly string[], maxTokens: number) => Promise<Stream[]>, stop: () => Promise<void> }} BareArm
 */

export const starter = 'smollm2-135m-instruct';
const starterDir = inRoot('resources', 'models');
const starterFile = join(starterDir, 'SmolLM2-135M-Instruct.Q4_1.gguf');

const sampling = {
  temperature: 0.8,
  topP: null,
  topK: null,
  minP: null,
  presencePenalty: null,
  frequencyPenalty: null,
  seed: null,
  logitBias: {},
};

/**
 * The engine as the server uses it: in its own process, without HTTP.
 * @param {number | null} threads
 * @returns {Promise<EngineArm>}
 */
export async function openEngine(threads) {
  const engine = createBuiltinEngine({
    sources: { starterDir, folders: [], addedFiles: () => [] },
    log: { debug: () => {}, info: () => {}, warn: console.error, error: console.error },
    ...(threads === null ? {} : { threads }),
  });
  await engine.rescan();
  await engine.ensureReady(starter, AbortSignal.timeout(120_000));
  return {
    name: threads === null ? 'engine' : `engine, ${threads} threads`,
    engine,
    async ask(text, { maxTokens, signal = AbortSignal.timeout(300_000), scope, onStart, onPiece }) {
      /** @type {Stream} */
      const stream = { askedMs: performance.now(), pieces: [] };
      const parts = engine.generate(
        {
          model: starter,
          messages: [{ role: 'user', content: [{ type: 'text', text }] }],
          maxTokens,
          stop: [],
          sampling,
          cacheScope: scope ?? null,
          ignoreEos: true,
        },
        signal,
      );
      for await (const part of parts) {
        if (part.type === 'start') onStart?.();
        if (part.type !== 'text-delta') continue;
        stream.pieces.push({ atMs: performance.now(), tokens: part.tokens });
        onPiece?.();
      }
      return stream;
    },
    stop: () => engine.stop(),
  };
}

/**
 * Our whole server in a process of its own.
 * @param {number | null} threads
 * @returns {Promise<HttpArm>}
 */
export async function openServer(threads) {
  const dataDir = mkdtempSync(join(tmpdir(), 'inglenook-bench-'));
  const args = [dataDir, ...(threads === null ? [] : [String(threads)])];
  const stdio = /** @type {const} */ (['ignore', 'ignore', 'ignore', 'ipc']);
  const child = fork(inRoot('scripts', 'bench', 'served-engine.ts'), args, {
    stdio: [...stdio],
    execArgv: [],
  });
  const [{ address }] = await once(child, 'message', { signal: AbortSignal.timeout(60_000) });
  const token = readFileSync(join(dataDir, 'admin.token'), 'utf8').trim();
  const admin = async (
    /** @type {string} */ method,
    /** @type {string} */ path,
    /** @type {unknown} */ body,
  ) => {
    const response = await fetch(`${address}/api${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return /** @type {any} */ (await response.json());
  };
  const { key } = await admin('POST', '/keys', { name: 'bench' });
  await admin('POST', `/models/${starter}/load`, undefined);
  const target = { url: `${address}/v1`, key, model: starter };
  return {
    name: 'http',
    ...target,
    ask: (text, options) => streamChat(target, text, options),
    models: () => admin('GET', '/models', undefined),
    async rssBytes() {
      child.send('memory');
      const [answer] = await once(child, 'message');
      return answer.rssBytes;
    },
    async stop() {
      child.disconnect();
      await once(child, 'exit');
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/**
 * Any server that speaks OpenAI's language. `NAME=URL`, `NAME=URL,KEY` or `NAME=URL,KEY,MODEL`; without a model the
 * first it lists.
 * @param {string} wish
 * @returns {Promise<Arm & { url: string, key: string, model: string }>}
 */
export async function openRival(wish) {
  const [, name = '', base = '', key = '', given = ''] =
    /^([^=]+)=([^,]+)(?:,([^,]*))?(?:,(.*))?$/u.exec(wish) ?? [];
  if (name === '') throw new Error(`--rival takes NAME=URL, not ${wish}`);
  const plain = base.replace(/\/$/u, '');
  const url = plain.endsWith('/v1') ? plain : `${plain}/v1`;
  let model = given;
  if (model === '') {
    const response = await fetch(`${url}/models`, { headers: { authorization: `Bearer ${key}` } });
    /** @type {{ data: { id: string }[] }} */
    const { data } = /** @type {any} */ (await response.json());
    model = data[0]?.id ?? '';
  }
  const target = { url, key, model };
  return { name, ...target, ask: (text, options) => streamChat(target, text, options), stop: async () => {} };
}

/**
 * The bare library (bare-loop.ts).
 * @param {{ threads: number, slots: number, contextTokens: number }} options
 * @returns {Promise<BareArm>}
 */
export async function openBare({ threads, slots, contextTokens }) {
  const child = fork(inRoot('scripts', 'bench', 'bare-loop.ts'), [], {
    serialization: 'advanced',
    execArgv: [],
    env: { ...process.env, UV_THREADPOOL_SIZE: '24' },
  });
  child.send({ path: starterFile, threads, slots, contextTokens });
  await once(child, 'message', { signal: AbortSignal.timeout(60_000) });
  return {
    name: 'bare',
    async streams(texts, maxTokens) {
      child.send({ prompts: texts, maxTokens });
      const [{ ticks }] = await once(child, 'message');
      return /** @type {number[][]} */ (ticks).map((times) => ({
        askedMs: 0,
        pieces: times.map((atMs) => ({ atMs, tokens: 1 })),
      }));
    },
    async stop() {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
