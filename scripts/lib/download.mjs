import { open, stat } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';

/**
 * @typedef {object} DownloadJob
 * @property {string} url
 * @property {string} part File that grows; what it already holds is not asked for again.
 * @property {number} sizeBytes The whole file's size; anything else is refused.
 * @property {(bytes: number) => void} [onProgress] Bytes held so far.
 * @property {number} [connectTimeoutMs]
 * @property {number} [stallTimeoutMs] Longest silence before the connection is given up and resumed.
 * @property {number} [attempts] How often in a row nothing may arrive.
 */

/** An error after which the same address may well answer when asked again. */
class Interrupted extends Error {}

const maximumRedirects = 5;
/** However small the pieces are that a bad line lets through, it ends. */
const maximumResumes = 50;

/**
 * Fetches a file of known size into `part`, resuming by Range after every cut, also after one of an earlier run.
 * Rejects with a reason a person can read; `part` keeps what has come.
 * @param {DownloadJob} job
 */
export async function download(job) {
  const { part, sizeBytes, attempts = 3 } = job;
  let failures = 0;
  for (let resumes = 0; ; resumes += 1) {
    const before = await sizeOf(part);
    if (before === sizeBytes) return;
    try {
      await fetchRest(job, before > sizeBytes ? 0 : before);
      return;
    } catch (error) {
      failures = (await sizeOf(part)) > before ? 1 : failures + 1;
      if (!(error instanceof Interrupted) || failures >= attempts || resumes >= maximumResumes) throw error;
    }
  }
}

/**
 * @param {DownloadJob} job
 * @param {number} start
 */
async function fetchRest(
  { url, part, sizeBytes, onProgress, connectTimeoutMs = 3_000, stallTimeoutMs = 20_000 },
  start,
) {
  const response = await request(url, {
    start,
    connectTimeoutMs,
    stallTimeoutMs,
    redirects: maximumRedirects,
  });
  const from = response.statusCode === 206 ? start : 0;
  const length = Number(response.headers['content-length'] ?? Number.NaN);
  if (Number.isFinite(length) && from + length !== sizeBytes) {
    response.destroy();
    throw new Error(`it offers ${from + length} bytes instead of ${sizeBytes}`);
  }
  const file = await open(part, from === 0 ? 'w' : 'a');
  let held = from;
  response.setTimeout(stallTimeoutMs, () => {
    response.destroy(new Error(`nothing came for ${stallTimeoutMs / 1000} s`));
  });
  try {
    for await (const chunk of response) {
      held += chunk.length;
      if (held > sizeBytes) throw new Error(`it sends more than the ${sizeBytes} bytes of the file`);
      await file.write(chunk);
      onProgress?.(held);
    }
  } catch (error) {
    throw response.errored ? new Interrupted(`the connection was cut: ${describe(response.errored)}`) : error;
  } finally {
    response.destroy();
    await file.close();
  }
  if (held < sizeBytes) throw new Interrupted(`the connection ended after ${held} of ${sizeBytes} bytes`);
}

/**
 * @param {string} url
 * @param {{ start: number, connectTimeoutMs: number, stallTimeoutMs: number, redirects: number }} options
 * @returns {Promise<http.IncomingMessage>}
 */
async function request(url, options) {
  const response = await connect(url, options);
  const { statusCode = 0, headers } = response;
  if (statusCode === 200 || statusCode === 206) return response;
  response.resume();
  if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
    const next = new URL(headers.location, url);
    const isDowngrade = url.startsWith('https:') && next.protocol !== 'https:';
    if (isDowngrade || options.redirects === 0) throw new Error(`it leads away to ${next.origin}`);
    return request(next.href, { ...options, redirects: options.redirects - 1 });
  }
  const said = `it answered ${statusCode} ${response.statusMessage ?? ''}`.trim();
  throw statusCode === 429 || statusCode >= 500 ? new Interrupted(said) : new Error(said);
}

/**
 * @param {string} url
 * @param {{ start: number, connectTimeoutMs: number, stallTimeoutMs: number }} options
 * @returns {Promise<http.IncomingMessage>}
 */
function connect(url, { start, connectTimeoutMs, stallTimeoutMs }) {
  const { get } = url.startsWith('https:') ? https : http;
  const range = start > 0 ? { range: `bytes=${start}-` } : {};
  const headers = { 'user-agent': 'inglenook-setup', 'accept-encoding': 'identity', ...range };
  return new Promise((resolve, reject) => {
    const call = get(url, { headers, agent: false });
    const { host } = new URL(url);
    const timer = setTimeout(() => {
      call.destroy(new Error(`no connection to ${host} within ${connectTimeoutMs / 1000} s`));
    }, connectTimeoutMs);
    call.once('socket', (socket) => {
      socket.once(url.startsWith('https:') ? 'secureConnect' : 'connect', () => {
        clearTimeout(timer);
        call.setTimeout(stallTimeoutMs, () => call.destroy(new Error(`${host} does not answer`)));
      });
    });
    call.once('response', resolve);
    call.once('error', (error) => {
      clearTimeout(timer);
      // Having some of the file already, the line was good a moment ago: worth another try.
      reject(start > 0 ? new Interrupted(describe(error)) : new Error(describe(error), { cause: error }));
    });
  });
}

/** @param {string} file */
async function sizeOf(file) {
  try {
    return (await stat(file)).size;
  } catch {
    return 0;
  }
}

/**
 * An error in the words of somebody who is not a programmer, where there are such.
 * @param {unknown} error
 */
export function describe(error) {
  if (!(error instanceof Error)) return String(error);
  const { code, hostname } = /** @type {Error & { code?: string, hostname?: string }} */ (error);
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name ${hostname ?? ''} could not be looked up (no internet?)`;
    case 'ECONNREFUSED':
      return 'the connection was refused';
    case 'ECONNRESET':
      return 'the other side closed the connection';
    case 'ENOSPC':
      return 'the disk is full';
    case 'EACCES':
    case 'EROFS':
      return `no permission to write (${error.message})`;
    default:
      return error.message;
  }
}
