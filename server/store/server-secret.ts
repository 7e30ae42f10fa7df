import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../core/errors.ts';

const shape = /^ink-secret_[\w-]{43}$/;

/**
 * The server's own secret, kept in `server.key` (mode 0600) beside the database and not in it: the keys of upstreams are
 * sealed with it, and what others see of our keys' ids is derived by it. Made at the first start. When it is lost, keys
 * of upstreams must be given again, and nothing else.
 * @throws AppError when the file can be neither read nor written
 */
export function ensureServerSecret(dataDir: string): string {
  const path = join(dataDir, 'server.key');
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const present = read(path);
    if (present !== null) return present;
    const secret = `ink-secret_${randomBytes(32).toString('base64url')}`;
    writeFileSync(path, `${secret}\n`, { mode: 0o600 });
    chmodSync(path, 0o600);
    return secret;
  } catch (error) {
    throw new AppError(
      `The file ${path} cannot be read or written. Make sure that the folder belongs to you and is not full or read-only.`,
      { status: 500, code: 'data_dir_unusable', cause: error },
    );
  }
}

/** Null when missing or damaged; others lose their access to a file that was open to them. */
function read(path: string): string | null {
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
