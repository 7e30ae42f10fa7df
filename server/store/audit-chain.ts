import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/**
 * How the rows of the audit hang together, so that somebody else's program can check them too:
 * hash(row) = SHA-256(hash of the row before (32 bytes) ‖ UTF-8 of the JSON list below). The first row goes on from 32
 * zero bytes, or from the last checkpoint.
 */
export type ChainedRow = {
  readonly seq: number;
  readonly timeMs: number;
  readonly actor: string;
  readonly via: string | null;
  readonly ip: string | null;
  readonly client: string | null;
  readonly act: string;
  readonly object: string | null;
  readonly outcome: string;
  readonly code: string | null;
  /** JSON, as it is stored. */
  readonly details: string;
};

/** A place in the chain. */
export type Link = { readonly seq: number; readonly hash: Uint8Array };

export const firstLink: Link = { seq: 0, hash: new Uint8Array(32) };

export function rowHash(previous: Uint8Array, row: ChainedRow): Buffer {
  const { seq, timeMs, actor, via, ip, client, act, object, outcome, code, details } = row;
  const text = JSON.stringify([seq, timeMs, actor, via, ip, client, act, object, outcome, code, details]);
  return createHash('sha256').update(previous).update(text, 'utf8').digest();
}

/** The signature of a place in the chain: HMAC-SHA256 with a key derived from the server's secret (HKDF, RFC 5869). */
export function linkMac(secret: string, purpose: 'head' | 'checkpoint', { seq, hash }: Link): Buffer {
  const key = Buffer.from(hkdfSync('sha256', secret, '', `inglenook audit ${purpose}`, 32));
  return createHmac('sha256', key).update(`${seq}:`).update(hash).digest();
}

export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
