import { createHash, createPublicKey, verify } from 'node:crypto';
import { z } from 'zod';
import { text } from '../wire/text.ts';
import { isVersion } from './version.ts';
import { UpdateFault } from './fault.ts';

/**
 * News of a newer version, and how they are signed. What is fetched is an envelope: the exact bytes of the news in base64 and
 * Ed25519 signatures (RFC 8032) over them, so that nothing has to be brought into a canonical form. Made by
 * scripts/release-feed.mjs.
 */

/** So that a signature made for something else never counts here. */
const purpose = Buffer.from('inglenook-updates-v1\n');

/** Longest that is read of a feed. */
export const mostFeedBytes = 65_536;

const envelope = z.object({
  payload: z.base64(),
  signatures: z.array(z.object({ key: z.string(), signature: z.base64() })).max(8),
});

const version = z.string().refine(isVersion, 'a version');
const webPage = z.url({ protocol: /^https$/ }).max(500);

const manifest = z.object({
  v: z.literal(1),
  /** When these news were written: what is older than what was seen before is not believed. */
  issuedAt: z.iso.datetime(),
  version,
  releasedAt: z.iso.datetime(),
  /** The oldest version without a known weakness: whoever runs an older one needs this for security’s sake. */
  secureFrom: version,
  notes: text,
  page: webPage.nullable(),
  /** The publisher’s folder of files, with a slash at its end. */
  base: webPage.nullable(),
  files: z
    .array(
      z.object({
        name: z.string().regex(/^[0-9A-Za-z][0-9A-Za-z._-]{0,120}$/),
        os: z.enum(['linux', 'mac', 'win', 'any']),
        arch: z.enum(['x64', 'arm64', 'any']),
        edition: z.enum(['standard', 'cuda', 'any']),
        kind: z.enum(['deb', 'AppImage', 'exe', 'dmg', 'zip', 'tgz']),
        sizeBytes: z.int().positive(),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .max(100),
});
export type Manifest = z.infer<typeof manifest>;
export type ManifestFile = Manifest['files'][number];

/** Ed25519 public keys as the build carries them: base64 of the DER form (RFC 8410), 44 bytes. */
export type ReleaseKeys = readonly string[];

/**
 * Reads news, and believes them only when one of the keys has signed them.
 * @throws UpdateFault `not-understood`, `not-signed`
 */
export function readFeed(feed: string, keys: ReleaseKeys): Manifest {
  const { payload, signatures } = parsed(envelope, feed);
  const bytes = Buffer.from(payload, 'base64');
  const signed = Buffer.concat([purpose, bytes]);
  const isSigned = keys.some((key) => {
    const id = keyId(key);
    return signatures.some((one) => one.key === id && isBy(key, signed, one.signature));
  });
  if (!isSigned) throw new UpdateFault('not-signed');
  return parsed(manifest, bytes.toString('utf8'));
}

/** How a signature says whose it is: the beginning of the key’s SHA-256. */
export function keyId(key: string): string {
  return createHash('sha256').update(Buffer.from(key, 'base64')).digest('hex').slice(0, 16);
}

function isBy(key: string, signed: Buffer, signature: string): boolean {
  const publicKey = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' });
  // Another kind of key would be verified by another rule.
  if (publicKey.asymmetricKeyType !== 'ed25519') return false;
  return verify(null, signed, publicKey, Buffer.from(signature, 'base64'));
}

function parsed<Schema extends z.ZodType>(schema: Schema, json: string): z.infer<Schema> {
  try {
    return schema.parse(JSON.parse(json));
  } catch (error) {
    throw new UpdateFault('not-understood', { cause: error });
  }
}
