import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../core/errors.ts';

const shape = /^ink-admin_[\w-]{43}$/;

/**
 * The token that opens the admin API to the owner's scripts, kept in `admin.token` (mode 0600) in the data
 * folder: who can read that file may administer. Made at the first start and kept from then on. To change it,
 * delete the file and start again. Throws an AppError when the file can be neither read nor written.
 */
export function ensureAdminToken(dataDir: string): string {
  const path = join(dataDir, 'admin.token');
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const present = readToken(path);
    if (present !== null) return present;
    const token = `ink-admin_${randomBytes(32).toString('base64url')}`;
    writeFileSync(path, `${token}\n`, { mode: 0o600 });
    chmodSync(path, 0o600);
    return token;
  } catch (error) {
    throw new AppError(
      `The file ${path} cannot be read or written. Make sure that the folder belongs to you and is not full or read-only.`,
      { status: 500, code: 'data_dir_unusable', cause: error },
    );
  }
}

/** Null when missing or damaged; others lose their access to a file that was open to them. */
function readToken(path: string): string | null {
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
