import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { findNode } from '../lib/node-runtime.mjs';
import { inRoot } from '../lib/project.mjs';
import { Refused } from './failures.mjs';

/**
 * Does something on the data folder itself, while no server runs on it: by the server's own code, on its own Node.
 * @param {string[]} words see server/offline.ts
 * @param {string} [input] what it gets on stdin
 * @returns {Promise<any>} its JSON answer
 */
export async function runOffline(words, input = '') {
  const source = inRoot('server', 'offline.ts');
  const program = existsSync(source) ? source : inRoot('dist', 'server', 'offline.js');
  const child = spawn(await findNode(), [program, ...words], { stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => (stderr += text));
  // It may refuse before it has read anything.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Refused(stderr.trim() || `It ended with ${code} and without a word.`);
  return JSON.parse(stdout);
}
