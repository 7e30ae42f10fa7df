import { ensureSecretFile } from '../store/secret-file.ts';

/**
 * The token that opens the admin API to the owner's scripts, kept in `admin.token` (mode 0600) in the data
 * folder: who can read that file may administer. Made at the first start and kept from then on. To change it,
 * delete the file and start again. Throws an AppError when the file can be neither read nor written.
 */
export function ensureAdminToken(dataDir: string): string {
  return ensureSecretFile(dataDir, 'admin.token', 'ink-admin');
}
