// A server of the benchmark in a process of its own, and requests to it.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'undici';
import { inRoot } from '../../lib/project.mjs';

/** @typedef {{ p50Ms: number, p99Ms: number, mostMs: number }} Delay */
/** @typedef {Awaited<ReturnType<typeof startArm>>} Arm */

/**
 * @param {string} dataDir
 * @param {number} [tokenMs] what the engine takes for each part
 * @param {number} [tokens] in each answer
 */
export async function startArm(dataDir, tokenMs = 0, tokens = 4) {
  const child = fork(
    inRoot('scripts', 'bench', 'log', 'server.mjs'),
    [dataDir, String(tokenMs), String(tokens)],
    {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    },
  );
  const exited = once(child, 'exit');
  const [ready] = await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error('The server did not start.'))),
  ]);
  const { address, setupLink, token, key } =
    /** @type {{ address: string, setupLink: string | null, token: string, key: string }} */ (ready);
  const agent = new Agent({ connections: 64, pipelining: 1 });
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ model: 'fake-model', messages: [{ role: 'user', content: 'Hi' }] });
  return {
    child,
    exited,
    address,
    /** Where the owner's password is set, as long as there is none. */
    setupLink,
    /** One answer; its time in milliseconds and the id of its row. */
    async ask(stream = false) {
      const beganMs = performance.now();
      const response = await request(`${address}/v1/chat/completions`, {
        method: 'POST',
        headers,
        body: stream ? body.replace('{', '{"stream":true,') : body,
        dispatcher: agent,
      });
      const text = await response.body.text();
      if (response.statusCode !== 200) throw new Error(`${response.statusCode}: ${text.slice(0, 300)}`);
      const isWhole = stream ? text.includes('data: [DONE]') : text.endsWith('}');
      return { ms: performance.now() - beganMs, id: String(response.headers['x-request-id']), isWhole };
    },
    /** @param {string} path */
    async admin(path) {
      const beganMs = performance.now();
      const response = await request(`${address}/api${path}`, {
        headers: { authorization: `Bearer ${token}` },
        dispatcher: agent,
      });
      const text = await response.body.text();
      if (response.statusCode !== 200)
        throw new Error(`${path}: ${response.statusCode} ${text.slice(0, 300)}`);
      return { ms: performance.now() - beganMs, json: JSON.parse(text) };
    },
    resetDelay: () => child.send('reset'),
    /** @returns {Promise<Delay>} */
    async delay() {
      child.send('delay');
      const [delay] = await once(child, 'message');
      return delay;
    },
    async stop() {
      child.send('stop');
      await exited;
      await agent.close();
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
      await agent.destroy();
    },
  };
}
