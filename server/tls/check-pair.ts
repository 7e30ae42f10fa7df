import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { createSecureContext, rootCertificates } from 'node:tls';
import { AppError } from '../core/errors.ts';
import type { Identity } from './own-names.ts';
import { certificatesIn, factsOf, type CertificateFacts, type Pair } from './pair.ts';

/** A pair that may be served, and what the owner should know of it all the same. */
export type CheckedPair = {
  readonly pair: Pair;
  readonly facts: CertificateFacts;
  /** What works for some clients only, or not for long. */
  readonly warningsAt: (nowMs: number) => readonly PairWarning[];
};
export type PairWarning = 'no-intermediate' | 'self-signed' | 'ends-soon';

export type PairCheck = {
  readonly nowMs: number;
  /** What this computer is called by; the certificate must be valid for one of them. */
  readonly identity: Identity;
};

/** id-kp-serverAuth and anyExtendedKeyUsage, RFC 5280 §4.2.1.12. */
const serverUses = ['1.3.6.1.5.5.7.3.1', '2.5.29.37.0'];
const soonMs = 14 * 24 * 60 * 60_000;

/**
 * Whether the owner's own certificate and key can be served.
 * @throws AppError 400 with the one reason why not, as a sentence for the owner; nothing of the key is ever in it
 */
export function checkPair(pair: Pair, { nowMs, identity }: PairCheck): CheckedPair {
  const chain = readChain(pair.certificate);
  const key = readKey(pair.key);
  const [own] = chain;
  if (own === undefined) {
    throw refused(
      'no_certificate',
      'The text holds no certificate. It begins with -----BEGIN CERTIFICATE-----.',
    );
  }
  requireKeyOf(chain, own, key);
  requireOrder(chain);
  const facts = factsOf(own);
  requireTime(facts, nowMs);
  requireServerUse(own);
  requireName(own, facts, identity);
  requireServable(pair);
  const lasting = lastingWarnings(own, chain);
  return {
    pair,
    facts,
    warningsAt: (atMs) => [
      ...lasting,
      ...(facts.validUntilMs - atMs < soonMs ? (['ends-soon'] as const) : []),
    ],
  };
}

function lastingWarnings(own: X509Certificate, chain: readonly X509Certificate[]): readonly PairWarning[] {
  if (own.checkIssued(own)) return ['self-signed'];
  return chain.length === 1 && !isFromKnownRoot(own) ? ['no-intermediate'] : [];
}

function readChain(text: string): readonly X509Certificate[] {
  try {
    return certificatesIn(text);
  } catch (error) {
    throw refused('certificate_unreadable', 'The certificate cannot be read. It must be in PEM form.', error);
  }
}

function readKey(text: string): KeyObject {
  if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(text)) {
    throw refused(
      'key_encrypted',
      'The private key is protected by a passphrase. Give it without one: openssl pkey -in key.pem -out plain.pem',
    );
  }
  try {
    return createPrivateKey(text);
  } catch {
    // What OpenSSL says of it may hold a piece of it.
    throw refused(
      'key_unreadable',
      'The private key cannot be read. It must be in PEM form: -----BEGIN PRIVATE KEY-----.',
    );
  }
}

function requireKeyOf(chain: readonly X509Certificate[], own: X509Certificate, key: KeyObject): void {
  if (own.checkPrivateKey(key)) return;
  if (chain.some((certificate) => certificate.checkPrivateKey(key))) throw wrongOrder();
  throw refused(
    'key_mismatch',
    `The private key is not the one of the certificate for ${factsOf(own).subject}. Both must come from the same request.`,
  );
}

function requireOrder(chain: readonly X509Certificate[]): void {
  const isInOrder = chain.every((certificate, index) => {
    const next = chain[index + 1];
    return next === undefined || isBy(certificate, next);
  });
  if (!isInOrder) throw wrongOrder();
}

/** By name and by signature: authorities are renewed under the same name. */
function isBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

function requireTime({ validFromMs, validUntilMs }: CertificateFacts, nowMs: number): void {
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  if (validUntilMs <= nowMs) {
    throw refused(
      'certificate_expired',
      `The certificate ended on ${day(validUntilMs)}. Give a renewed one.`,
    );
  }
  if (validFromMs > nowMs) {
    throw refused(
      'certificate_not_yet_valid',
      `The certificate counts from ${day(validFromMs)} on, and here it is ${day(nowMs)}. Is this computer’s clock right?`,
    );
  }
}

function requireServerUse(own: X509Certificate): void {
  const uses = own.keyUsage as readonly string[] | undefined;
  const isForServers = uses === undefined || uses.some((use) => serverUses.includes(use));
  if (own.ca && !own.checkIssued(own)) {
    throw refused(
      'certificate_is_authority',
      'The first certificate is one of an authority, not of a server.',
    );
  }
  if (!isForServers)
    throw refused('certificate_not_for_servers', 'The certificate is not meant for servers.');
}

function requireName(own: X509Certificate, facts: CertificateFacts, { names, addresses }: Identity): void {
  const options = { subject: 'never' } as const;
  const outer = names.filter((name) => name !== 'localhost');
  if (outer.some((name) => own.checkHost(name, options) !== undefined)) return;
  if (addresses.some((address) => own.checkIP(address) !== undefined)) return;
  const has = [...facts.names, ...facts.addresses].slice(0, 10).join(', ');
  throw refused(
    'certificate_wrong_name',
    `The certificate is for ${has === '' ? 'no name at all' : has}, but this computer is called ${outer.join(', ')}. If a public name leads here, add it first (https.publicNames).`,
  );
}

/** OpenSSL's own word: keys that are too short, kinds it does not serve. */
function requireServable({ certificate, key }: Pair): void {
  try {
    createSecureContext({ cert: certificate, key, minVersion: 'TLSv1.2' });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw refused('certificate_unusable', `The certificate cannot be served (${code}).`, error);
  }
}

function isFromKnownRoot(own: X509Certificate): boolean {
  return rootCertificates.some((root) => certificatesIn(root).some((issuer) => own.checkIssued(issuer)));
}

function wrongOrder(): AppError {
  return refused(
    'chain_order',
    'The certificates are not in order: first the server’s own, then the one that vouches for it, and so on.',
  );
}

function refused(code: string, message: string, cause?: unknown): AppError {
  return new AppError(message, { status: 400, code, param: 'certificate', retryable: false, cause });
}
