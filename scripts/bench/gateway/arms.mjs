// Who is asked: the mock itself, bare proxies, Inglenook and rivals before the same mock.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inRoot } from '../../lib/project.mjs';
import { cpuMsOf } from './process-time.mjs';

/**
 * @typedef {Partial<import('./measured.mjs').Measured>} Known What can be known of the process of an arm; of a rival's at most its CPU time.
 * @typedef {object} Arm
 * @property {string} name
 * @property {string} url Without `/v1`.
 * @property {string} key
 * @property {number | null} pid Of its process; null where nobody has told.
 * @property {() => Promise<Known>} measure
 * @property {() => Promise<void>} stop
 * @typedef {Arm & { kept: () => Promise<import('./measured.mjs').Kept>, profile: () => Promise<any> }} OwnArm Profiled from the first call to the second.
 */

/** What no benchmark reaches: they are counted, and refuse nothing. */
const limits = {
  requestsPerMinute: 1_000_000_000,
  tokensPerMinute: 1_000_000_000,
  budgets: [{ unit: 'tokens', amount: 1e12, period: 'month' }],
};
/** Of the upstream: every stream of the benchmark has one. */
const slots = 1024;

/** @param {number} port 0 for any */
export function openMock(port) {
  return openChild('direct', 'mock-upstream.mjs', [String(port)]);
}

/**
 * @param {string} upstream
 * @param {'pipe' | 'split'} way
 * @param {readonly string[]} [flags] Of Node.
 */
export function openProxy(upstream, way, flags) {
  return openChild(way === 'pipe' ? 'bare proxy' : 'frame proxy', 'bare-proxy.mjs', [upstream, way], flags);
}

/**
 * Inglenook with an upstream, a key with limits on requests and tokens, a budget, and the log.
 * @param {string} upstream
 * @param {readonly string[]} [flags] Of Node.
 * @returns {Promise<OwnArm>}
 */
export async function openInglenook(upstream, flags) {
  const dataDir = mkdtempSync(join(tmpdir(), 'inglenook-bench-'));
  const arm = await openChild('Inglenook', 'served-gateway.ts', [dataDir], flags);
  const token = readFileSync(join(dataDir, 'admin.token'), 'utf8').trim();
  const post = async (/** @type {string} */ path, /** @type {unknown} */ body) => {
    const response = await fetch(`${arm.url}/api${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return /** @type {any} */ (await response.json());
  };
  await post('/upstreams', { name: 'mock', url: `${upstream}/v1`, slots });
  const { key } = await post('/keys', { name: 'bench', limits });
  return {
    ...arm,
    key,
    async stop() {
      await arm.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/**
 * Any gateway that has the mock's models. `NAME=URL`, `NAME=URL,KEY`, `NAME=URL,KEY,PID`; without a key that of
 * INGLENOOK_BENCH_KEY_NAME, without the number of its process nothing is known of its CPU time.
 * @param {string} wish
 * @returns {Arm}
 */
export function openRival(wish) {
  const [, name = '', base = '', given = '', process_ = ''] =
    /^([^=]+)=([^,]+)(?:,([^,]*))?(?:,(\d+))?$/u.exec(wish) ?? [];
  if (name === '') throw new Error(`--rival takes NAME=URL[,KEY[,PID]], not ${wish}`);
  const variable = `INGLENOOK_BENCH_KEY_${name.toUpperCase().replaceAll(/[^A-Z0-9]/gu, '_')}`;
  return {
    name,
    url: base.replace(/\/+$/u, '').replace(/\/v1$/u, ''),
    key: given === '' ? (process.env[variable] ?? '') : given,
    pid: process_ === '' ? null : Number(process_),
    measure: async () => (process_ === '' ? {} : { cpuMs: cpuMsOf(Number(process_)) }),
    stop: async () => {},
  };
}

/**
 * @param {string} name
 * @param {string} file
 * @param {string[]} args
 * @param {readonly string[]} flags
 * @returns {Promise<OwnArm>}
 */
async function openChild(name, file, args, flags = []) {
  const stdio = /** @type {const} */ (['ignore', 'ignore', 'inherit', 'ipc']);
  const child = fork(inRoot('scripts', 'bench', 'gateway', file), args, {
    stdio: [...stdio],
    execArgv: [...flags],
  });
  const { address } = await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code} before it listened.`)));
  });
  const ask = async (/** @type {'measure' | 'kept' | 'profile'} */ question) => {
    const answer = once(child, 'message');
    child.send(question);
    const [told] = await answer;
    return told;
  };
  return {
    name,
    url: address,
    key: '',
    pid: child.pid ?? null,
    measure: () => ask('measure'),
    kept: () => ask('kept'),
    profile: async () => (await ask('profile')).profile,
    async stop() {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
