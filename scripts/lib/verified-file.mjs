import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe } from './download.mjs';

/**
 * @typedef {object} WantedFile
 * @property {string} target Where it is to lie.
 * @property {number} sizeBytes
 * @property {string} sha256
 *
 * @typedef {object} Source
 * @property {string} name What a person calls it.
 * @property {() => Promise<string | null>} fetch Path of the file it got, which is moved to the target, or null
 *   where there is nothing to be tried. Rejects with the reason.
 *
 * @typedef {{ name: string, reason: string }} FailedSource
 */

/**
 * Whether the file is there and was verified once: its stamp holds size and time of the file that was hashed.
 * @param {WantedFile} wanted
 */
export function isVerified(wanted) {
  const stamp = stampFile(wanted);
  return existsSync(stamp) && existsSync(wanted.target) && readFileSync(stamp, 'utf8') === stampText(wanted);
}

/**
 * Makes sure of the file: verifies what lies there, else asks the sources in order. A file is put in place only
 * whole and with the right hash.
 * @param {WantedFile} wanted
 * @param {readonly Source[]} sources
 * @returns {Promise<readonly FailedSource[] | null>} null when it is there, else why each source failed
 */
export async function ensureFile(wanted, sources) {
  /** @type {FailedSource[]} */
  const failed = [];
  if (existsSync(wanted.target)) {
    const problem = await problemOf(wanted.target, wanted);
    if (problem === null) return stampAndFinish(wanted);
    failed.push({ name: `the file that is there (${wanted.target})`, reason: problem });
  }
  await mkdir(dirname(wanted.target), { recursive: true });
  for (const source of sources) {
    try {
      const got = await source.fetch();
      if (got === null) continue;
      const problem = await problemOf(got, wanted);
      if (problem === null) {
        await rename(got, wanted.target);
        return stampAndFinish(wanted);
      }
      await rm(got, { force: true });
      failed.push({ name: source.name, reason: problem });
    } catch (error) {
      failed.push({ name: source.name, reason: describe(error) });
    }
  }
  return failed;
}

/**
 * @param {WantedFile} wanted
 * @returns {Promise<null>}
 */
async function stampAndFinish(wanted) {
  await writeFile(stampFile(wanted), stampText(wanted));
  return null;
}

/**
 * @param {string} file
 * @param {WantedFile} wanted
 * @returns {Promise<string | null>} what is wrong with it
 */
async function problemOf(file, { sizeBytes, sha256 }) {
  const { size } = statSync(file);
  if (size !== sizeBytes) return `it has ${size} bytes instead of ${sizeBytes}: truncated or another file`;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex') === sha256 ? null : 'its SHA-256 is wrong: damaged or another file';
}

/** @param {WantedFile} wanted */
function stampFile({ target }) {
  return `${target}.verified`;
}

/** @param {WantedFile} wanted */
function stampText({ target, sha256 }) {
  const { size, mtimeMs } = statSync(target);
  return `${JSON.stringify({ sha256, size, mtimeMs })}\n`;
}
