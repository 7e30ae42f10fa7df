import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Null where there is none. Throws where there is one that cannot be read: it must not be taken for none and replaced. */
export function readSmallFile(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if (isNotThere(error)) return null;
    throw error;
  }
}

function isNotThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

/** Whole or not at all, for this person alone. Throws what the file system says. */
export function writeSmallFile(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, content, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
}

export function removeSmallFile(path: string): void {
  rmSync(path, { force: true });
}
