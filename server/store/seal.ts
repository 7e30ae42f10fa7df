import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/**
 * Encryption by a secret that only the client has: AES-256-GCM with a key of its own for every text, derived by HKDF
 * (RFC 5869, SHA-256) from the API key and a random salt. An API key has 190 random bits, so that no slow derivation
 * is needed; the database holds its SHA-256, from which nothing can be derived.
 */

const saltBytes = 16;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = saltBytes + nonceBytes + tagBytes;

/** What a sealed text is bound to: it opens nowhere else. */
export type SealContext = { readonly secret: string; readonly purpose: string };

/** Salt, nonce, tag and ciphertext in one. */
export function seal(text: string, context: SealContext): Buffer {
  const salt = randomBytes(saltBytes);
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', deriveKey(context, salt), nonce);
  const ciphertext = [cipher.update(text, 'utf8'), cipher.final()];
  return Buffer.concat([salt, nonce, cipher.getAuthTag(), ...ciphertext]);
}

/** Null where the secret or the purpose is another, or anything has been changed. */
export function unseal(sealed: Uint8Array, context: SealContext): string | null {
  if (sealed.length < headBytes) return null;
  const salt = sealed.subarray(0, saltBytes);
  const nonce = sealed.subarray(saltBytes, saltBytes + nonceBytes);
  const decipher = createDecipheriv('aes-256-gcm', deriveKey(context, salt), nonce);
  decipher.setAuthTag(sealed.subarray(saltBytes + nonceBytes, headBytes));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(headBytes)), decipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}

function deriveKey({ secret, purpose }: SealContext, salt: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, `inglenook ${purpose}`, 32));
}
