import { randomBytes } from 'node:crypto';
import type { HostInit } from '../server/wire/host.ts';
import type { SafeStorageApi } from './electron-api.ts';
import type { SecretsKept } from './shared/channels.ts';
import { readSmallFile, removeSmallFile, writeSmallFile } from './small-file.ts';

export type KeptSecrets = {
  /** For `init`; undefined where the server shall keep its secret in its file alone. */
  readonly keychain: HostInit['keychain'];
  /** How it is, for the person. */
  readonly word: SecretsKept;
};

export type SecretsOptions = {
  readonly platform: NodeJS.Platform;
  /** Where the master key lies, encrypted by the system's keychain. */
  readonly file: string;
  /** The person wants it so. */
  readonly isWanted: boolean;
};

/**
 * The master key that seals the server's own secret. It is made once, encrypted by the system's keychain (safeStorage:
 * Keychain, DPAPI, libsecret, KWallet) and given to the server in `init`. On Linux without a keychain Electron would
 * encrypt with a password known to everybody; that protects nothing, so it is not done and said so. Never throws: a
 * keychain that does not answer must not keep the office from its server. Call it after `ready` of the app.
 */
export async function openSecrets(
  safeStorage: SafeStorageApi,
  options: SecretsOptions,
): Promise<KeptSecrets> {
  const { platform, file, isWanted } = options;
  if (platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text') {
    return { keychain: undefined, word: 'none' };
  }
  try {
    if (!isWanted && readSmallFile(file) === null) return { keychain: undefined, word: 'off' };
    if (!(await safeStorage.isAsyncEncryptionAvailable()))
      return { keychain: undefined, word: 'unavailable' };
    const masterKey = (await readKey(safeStorage, file)) ?? (await makeKey(safeStorage, file));
    return { keychain: { masterKey, seal: isWanted }, word: isWanted ? 'keychain' : 'off' };
  } catch (error) {
    process.stderr.write(`The system’s keychain does not answer: ${String(error)}\n`);
    return { keychain: undefined, word: 'unavailable' };
  }
}

/** Once the server has opened its file again the key has no use. */
export function forgetMasterKey(file: string): void {
  removeSmallFile(file);
}

/** Null before the first time. Throws where the keychain does not open it: another would lose what it protects. */
async function readKey(safeStorage: SafeStorageApi, file: string): Promise<string | null> {
  const encrypted = readSmallFile(file);
  if (encrypted === null) return null;
  const { result, shouldReEncrypt } = await safeStorage.decryptStringAsync(encrypted);
  if (shouldReEncrypt) writeSmallFile(file, await safeStorage.encryptStringAsync(result));
  return result;
}

/** Used only after it has been read back: what is sealed by it would otherwise be lost. */
async function makeKey(safeStorage: SafeStorageApi, file: string): Promise<string> {
  const masterKey = randomBytes(32).toString('base64url');
  writeSmallFile(file, await safeStorage.encryptStringAsync(masterKey));
  if ((await readKey(safeStorage, file)) === masterKey) return masterKey;
  removeSmallFile(file);
  throw new Error('it gives back another text than it was given');
}
