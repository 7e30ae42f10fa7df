import { createHash, X509Certificate } from 'node:crypto';

/** A certificate and its private key. */
export type Pair = {
  /** PEM; the server's own first, then those that vouch for it, each for the one before. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
};

/** What a certificate says, for people. */
export type CertificateFacts = {
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly string[];
  readonly addresses: readonly string[];
  readonly validFromMs: number;
  readonly validUntilMs: number;
  /** SHA-256 of the whole certificate, `AB:CD:…`: what systems show beside it. */
  readonly fingerprint: string;
};

export function factsOf(certificate: X509Certificate): CertificateFacts {
  const { names, addresses } = alternativeNames(certificate.subjectAltName);
  return {
    subject: commonName(certificate.subject),
    issuer: commonName(certificate.issuer),
    names,
    addresses,
    validFromMs: certificate.validFromDate.getTime(),
    validUntilMs: certificate.validToDate.getTime(),
    fingerprint: certificate.fingerprint256,
  };
}

/**
 * What a native client can pin: the first 16 bytes of the SHA-256 of the public key (SubjectPublicKeyInfo, RFC 7469
 * §2.4), in base64url. It stays the same when a certificate is renewed for the same key.
 */
export function pinOf(certificate: X509Certificate): string {
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest().subarray(0, 16).toString('base64url');
}

/** Every certificate in a PEM text, in its order. @throws what OpenSSL throws for one that it cannot read */
export function certificatesIn(pem: string): X509Certificate[] {
  const blocks =
    pem.match(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END [^-]*CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

/** Node's form, `DNS:desk-1.local, IP Address:192.168.1.20`; what has a comma or quote in it is quoted, and no name of ours. */
function alternativeNames(text: string | undefined): Pick<CertificateFacts, 'names' | 'addresses'> {
  const entries = (text ?? '').split(', ');
  const withPrefix = (prefix: string): string[] =>
    entries.flatMap((entry) => (entry.startsWith(prefix) ? [entry.slice(prefix.length)] : []));
  return {
    names: withPrefix('DNS:').map((name) => name.toLowerCase()),
    addresses: withPrefix('IP Address:').map(folded),
  };
}

/** OpenSSL writes IPv6 addresses in full and in capitals; `URL` knows the usual spelling (RFC 5952). */
export function folded(address: string): string {
  return address.includes(':') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}

/** The last `CN=` of a name as Node writes it, else the whole in one line. */
function commonName(subject: string | undefined): string {
  const lines = (subject ?? '').split('\n');
  return lines.findLast((line) => line.startsWith('CN='))?.slice(3) ?? lines.join(', ');
}
