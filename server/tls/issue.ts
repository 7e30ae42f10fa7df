// The library below describes its types by decorators, for which this must come first.
import 'reflect-metadata';
import { randomBytes, type webcrypto } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  GeneralName as AsnGeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  NameConstraints,
  id_ce_nameConstraints,
} from '@peculiar/asn1-x509';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  type JsonName,
} from '@peculiar/x509';
import type { Pair } from './pair.ts';
import type { Identity } from './own-names.ts';
import { permittedRanges } from './permitted.ts';

/**
 * Makes certificates (RFC 5280): the only home of @peculiar/x509, which is loaded when one is to be made, once a year
 * or when an address changes.
 */

const dayMs = 24 * 60 * 60_000;
const authorityLifeMs = 3652 * dayMs;
/** Apple refuses longer ones from 2020 on by public authorities, and we keep to it (security.md §2). */
const leafLifeMs = 397 * dayMs;
/** Clocks of phones are seldom exact. */
const backdatedMs = dayMs;

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export type AuthorityWish = {
  /** What people see in their list of authorities: "Inglenook on desk-1". */
  readonly name: string;
  /** DNS names that it may vouch for, with everything below them. */
  readonly permittedNames: readonly string[];
  readonly nowMs: number;
};

/**
 * An authority for the names of this office alone: a client refuses whatever else its key might be made to sign. Ten
 * years. It vouches for servers only, not for programs, people or further authorities.
 */
export async function makeAuthority({ name, permittedNames, nowMs }: AuthorityWish): Promise<Pair> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  // Two authorities of one computer must not bear the same name: some stores tell them apart by nothing else.
  const mark = randomBytes(4).toString('hex');
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: nameOf(`${name.slice(0, 50)} (${mark})`),
    notBefore: new Date(nowMs - backdatedMs),
    notAfter: new Date(nowMs + authorityLifeMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      nameConstraints(permittedNames),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pem(certificate), key: await exportKey(keys.privateKey) };
}

export type LeafWish = Identity & {
  readonly nowMs: number;
  /** PKCS #8; left out, a new one is made. Kept while only names change, so that who remembers it need not relearn it. */
  readonly key?: string;
};

/** A server's certificate for 397 days, and no longer than the authority's own. */
export async function issueLeaf(authority: Pair, wish: LeafWish): Promise<Pair> {
  const issuer = new X509Certificate(authority.certificate);
  const keys = wish.key === undefined ? await newKeys() : await keysOf(wish.key);
  const notBefore = new Date(wish.nowMs - backdatedMs);
  const notAfter = Math.min(notBefore.getTime() + leafLifeMs, issuer.notAfter.getTime());
  const names = wish.names.map((value) => ({ type: 'dns', value }) as const);
  const addresses = wish.addresses.map((value) => ({ type: 'ip', value }) as const);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    issuer: issuer.subject,
    subject: nameOf(wish.names.find((name) => name.endsWith('.local')) ?? 'inglenook.local'),
    notBefore,
    notAfter: new Date(notAfter),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: await importPrivate(authority.key),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([...names, ...addresses]),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(await issuer.publicKey.export()),
    ],
  });
  return { certificate: pem(certificate), key: wish.key ?? (await exportKey(keys.privateKey)) };
}

/** Critical: a client that does not understand it refuses the authority instead of trusting it with everything. */
function nameConstraints(permittedNames: readonly string[]): Extension {
  const subtrees = [
    ...permittedNames.map((dNSName) => new AsnGeneralName({ dNSName })),
    ...permittedRanges.map((iPAddress) => new AsnGeneralName({ iPAddress })),
  ].map((base) => new GeneralSubtree({ base }));
  const constraints = new NameConstraints({ permittedSubtrees: new GeneralSubtrees(subtrees) });
  return new Extension(id_ce_nameConstraints, true, AsnConvert.serialize(constraints));
}

/** RFC 5280 §4.1.2.2: positive, at most 20 octets; 127 random bits. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

/** As data and not as text: a computer may be called anything. RFC 5280 allows a common name 64 characters. */
function nameOf(commonName: string): JsonName {
  return [{ O: ['Inglenook'] }, { CN: [commonName.slice(0, 64)] }];
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

/** Web Crypto gives the public half of a private key by way of its JWK. */
async function keysOf(key: string): Promise<webcrypto.CryptoKeyPair> {
  const privateKey = await importPrivate(key);
  const { d: _secret, key_ops: _uses, ...jwk } = await crypto.subtle.exportKey('jwk', privateKey);
  const publicKey = await crypto.subtle.importKey('jwk', jwk, algorithm, true, ['verify']);
  return { privateKey, publicKey };
}

async function importPrivate(key: string): Promise<webcrypto.CryptoKey> {
  return await crypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(key), algorithm, true, ['sign']);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}
