import { ensureSecretFile } from './secret-file.ts';

/**
 * The server's own secret, kept in `server.key` (mode 0600) beside the database and not in it: the keys of upstreams are
 * sealed with it, and what others see of our keys' ids is derived by it. Made at the first start. When it is lost, keys
 * of upstreams must be given again, and nothing else.
 * @throws AppError when the file can be neither read nor written
 */
export function ensureServerSecret(dataDir: string): string {
  return ensureSecretFile(dataDir, 'server.key', 'ink-secret');
}
