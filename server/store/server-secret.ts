import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../core/errors.ts';
import { seal, unseal } from './seal.ts';
import { ensureSecretFile, secretDirError } from './secret-file.ts';

const fileName = 'server.key';
const sealedPrefix = 'ink-sealed_';
const purpose = 'server.key';

/** What the system's keychain keeps for us (`hostInit`), by way of the app; headless there is none. */
export type Keychain = {
  readonly masterKey: string;
  /** Whether the file shall lie sealed, or open again for a server without the app. */
  readonly seal: boolean;
};

/**
 * The server's own secret, kept in `server.key` (mode 0600) beside the database and not in it: the keys of upstreams are
 * sealed with it, and what others see of our keys' ids is derived by it. Made at the first start. When it is lost, keys
 * of upstreams must be given again, and nothing else. With a keychain the file holds it sealed by a key that only the
 * keychain has, so that a copy of the data folder alone opens nothing.
 * @throws AppError when the file can be neither read nor written, and `secret_sealed` when it is sealed by a key that is
 *   not at hand: a new secret would silently lose what the old one protects
 */
export function ensureServerSecret(dataDir: string, keychain: Keychain | null = null): string {
  const path = join(dataDir, fileName);
  const sealed = readSealed(path);
  if (sealed === null) {
    const secret = ensureSecretFile(dataDir, fileName, 'ink-secret');
    if (keychain?.seal === true) replace(path, sealedText(secret, keychain));
    return secret;
  }
  const secret = keychain === null ? null : unseal(sealed, { secret: keychain.masterKey, purpose });
  if (secret === null) throw cannotOpen(path, keychain);
  if (keychain?.seal === false) replace(path, secret);
  return secret;
}

function sealedText(secret: string, { masterKey }: Keychain): string {
  return sealedPrefix + seal(secret, { secret: masterKey, purpose }).toString('base64url');
}

function readSealed(path: string): Buffer | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw secretDirError(path, error);
  }
  return text.startsWith(sealedPrefix) ? Buffer.from(text.slice(sealedPrefix.length), 'base64url') : null;
}

/** Whole or not at all: a secret that is half written is lost. */
function replace(path: string, text: string): void {
  try {
    const file = openSync(`${path}.new`, 'w', 0o600);
    try {
      writeFileSync(file, `${text}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(`${path}.new`, path);
  } catch (error) {
    throw secretDirError(path, error);
  }
}

function cannotOpen(path: string, keychain: Keychain | null): AppError {
  const why =
    keychain === null
      ? `The secret in ${path} is sealed by this computer’s keychain, which only the Inglenook app can open. Start the app; in its settings, under “This app”, it can be taken out of the keychain for a server without a window.`
      : `The secret in ${path} was sealed with another key than the one in this computer’s keychain.`;
  return new AppError(
    `${why} Where the keychain is lost: restore a backup, which carries the secret; or rename the file, and give the keys of other servers, the second step and the certificate authority anew.`,
    { status: 500, code: 'secret_sealed' },
  );
}
