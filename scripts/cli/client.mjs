import { request } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { findServer, notRunning } from './data-dir.mjs';
import { Refused } from './failures.mjs';

/**
 * One call of the admin API. node:http and not fetch, because loading a large model may take longer than the
 * five minutes fetch waits for an answer.
 * @param {string} method
 * @param {string} path below /api, parts encoded
 * @param {unknown} [body]
 * @returns {Promise<any>} the JSON answer, or null for an empty one
 */
export async function call(method, path, body) {
  const text = await callText(method, path, body);
  return text === '' ? null : parse(text);
}

/**
 * The same for an answer that is no JSON.
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<string>}
 */
export async function callText(method, path, body) {
  const response = await open(method, path, body);
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) text += chunk;
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return text;
  throw new Refused(reasonOf(text, status));
}

/**
 * Writes the answer to a stream as it comes; it may be larger than memory.
 * @param {string} path
 * @param {NodeJS.WritableStream} to
 */
export async function download(path, to) {
  const response = await open('GET', path, undefined);
  const status = response.statusCode ?? 0;
  if (status < 200 || status >= 300) {
    response.setEncoding('utf8');
    let text = '';
    for await (const chunk of response) text += chunk;
    throw new Refused(reasonOf(text, status));
  }
  try {
    await pipeline(response, to, { end: to !== process.stdout });
  } catch (error) {
    throw new Refused(`Not everything could be written (${/** @type {Error} */ (error).message}).`, {
      cause: error,
    });
  }
}

/**
 * The live events, one packet after the other, until the server or the signal ends them.
 * @param {AbortSignal} signal
 * @returns {Promise<AsyncGenerator<any, void, void>>} resolved once the stream is open
 */
export async function openEvents(signal) {
  const response = await open('GET', '/events', undefined, signal);
  if (response.statusCode !== 200) throw new Refused(`The live view was refused (${response.statusCode}).`);
  response.setEncoding('utf8');
  return packetsOf(response, signal);
}

/**
 * @param {import('node:http').IncomingMessage} response
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<any, void, void>}
 */
async function* packetsOf(response, signal) {
  let rest = '';
  try {
    for await (const chunk of response) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.startsWith('data: ')) yield parse(line.slice('data: '.length));
      }
    }
  } catch (error) {
    if (!signal.aborted) throw new Refused('The connection to Inglenook broke off.', { cause: error });
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} body
 * @param {AbortSignal} [signal]
 * @returns {Promise<import('node:http').IncomingMessage>}
 */
function open(method, path, body, signal) {
  const { port, token } = findServer();
  const payload = body === undefined ? '' : JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${token}`,
    // So that the audit tells the command line from other scripts.
    'user-agent': 'inglenook (command line)',
    ...(payload === ''
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
  };
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method, path: `/api${path}`, headers };
    const outgoing = request(signal === undefined ? options : { ...options, signal }, resolve);
    outgoing.on('error', (error) => {
      const { code } = /** @type {NodeJS.ErrnoException} */ (error);
      if (code === 'ECONNREFUSED') reject(notRunning());
      else reject(new Refused(`The connection to Inglenook broke off (${code ?? error.message}).`));
    });
    outgoing.end(payload);
  });
}

/**
 * @param {string} text
 * @returns {any}
 */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(
      'The answer was not understood. Is another program running at the address of Inglenook?',
    );
  }
}

/**
 * @param {string} text
 * @param {number} status
 * @returns {string}
 */
function reasonOf(text, status) {
  try {
    const { message } = JSON.parse(text).error;
    if (typeof message === 'string') return message;
  } catch {
    // Not an answer of ours; the status must do.
  }
  return `The server refused with status ${status}.`;
}
