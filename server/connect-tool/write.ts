import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a file at once: whoever reads it sees the old or the new one, whole, also after a loss of power.
 * @throws what the system says; the file there is stays
 */
export function writeWhole(path: string, content: string | Buffer, mode: number): void {
  prepareWhole(path, content, mode).finish();
}

/** The same in two steps, so that many files are written or none. */
export type Prepared = { readonly finish: () => void; readonly drop: () => void };

export function prepareWhole(path: string, content: string | Buffer, mode: number): Prepared {
  const fresh = `${path}.${randomBytes(6).toString('hex')}.new`;
  const drop = (): void => rmSync(fresh, { force: true });
  try {
    const file = openSync(fresh, 'wx', mode);
    try {
      const bytes = Buffer.from(content);
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    // Beside the user's mask, which may have taken something away.
    chmodSync(fresh, mode);
  } catch (error) {
    drop();
    throw error;
  }
  return { finish: () => renameSync(fresh, path), drop };
}

/** Makes the folder of a file. Returns those that were not there, the outermost first. */
export function makeFolderOf(path: string): string[] {
  const missing: string[] = [];
  for (let folder = dirname(path); !existsSync(folder); folder = dirname(folder)) missing.unshift(folder);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return missing;
}
