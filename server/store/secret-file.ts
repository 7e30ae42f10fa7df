import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../core/errors.ts';

/**
 * A secret of the server's own, `PREFIX_` and 32 random bytes, in a file of the data folder that only its owner may read
 * (mode 0600). Made the first time, and made anew when the file is damaged.
 * @throws AppError when the file can be neither read nor written
 */
export function ensureSecretFile(dataDir: string, fileName: string, prefix: string): string {
  const path = join(dataDir, fileName);
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const present = read(path, new RegExp(`^${prefix}_[\\w-]{43}$`));
    if (present !== null) return present;
    const secret = `${prefix}_${randomBytes(32).toString('base64url')}`;
    writeFileSync(path, `${secret}\n`, { mode: 0o600 });
    chmodSync(path, 0o600);
    return secret;
  } catch (error) {
    throw secretDirError(path, error);
  }
}

export function secretDirError(path: string, cause: unknown): AppError {
  return new AppError(
    `The file ${path} cannot be read or written. Make sure that the folder belongs to you and is not full or read-only.`,
    { status: 500, code: 'data_dir_unusable', cause },
  );
}

/** Null when missing or damaged; others lose their access to a file that was open to them. */
function read(path: string, shape: RegExp): string | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  if (!shape.test(text)) return null;
  chmodSync(path, 0o600);
  return text;
}
