import 'reflect-metadata';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type X509Certificate,
} from '@peculiar/x509';
import type { webcrypto } from 'node:crypto';
import type { Pair } from '../../../server/tls/pair.ts';
import { dayMs } from './certificates.ts';

/** What somebody else's authority hands out: root, one between, and a server's certificate by it. */
export type Handed = { readonly root: string; readonly between: string; readonly leaf: Pair };

type Wish = {
  readonly names?: readonly string[];
  readonly addresses?: readonly string[];
  readonly fromMs?: number;
  readonly untilMs?: number;
  readonly isForClients?: boolean;
};

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
type Issuer = { readonly certificate: X509Certificate; readonly keys: webcrypto.CryptoKeyPair };

export async function handedOut(wish: Wish = {}): Promise<Handed> {
  const root = await issue('CN=Office Root', null, [new BasicConstraintsExtension(true, 2, true)]);
  const between = await issue('CN=Office Issuing', root, [new BasicConstraintsExtension(true, 0, true)]);
  const leaf = await issue('CN=ai', between, leafExtensions(wish), wish);
  return {
    root: root.certificate.toString('pem'),
    between: between.certificate.toString('pem'),
    leaf: {
      certificate: `${leaf.certificate.toString('pem')}\n`,
      key: PemConverter.encode(await crypto.subtle.exportKey('pkcs8', leaf.keys.privateKey), 'PRIVATE KEY'),
    },
  };
}

/** The chain as a server is given it. */
export function chained({ leaf, between }: Handed): Pair {
  return { certificate: `${leaf.certificate}${between}\n`, key: leaf.key };
}

function leafExtensions({
  names = ['ai.office.example'],
  addresses = [],
  isForClients = false,
}: Wish): object[] {
  return [
    new SubjectAlternativeNameExtension([
      ...names.map((value) => ({ type: 'dns', value }) as const),
      ...addresses.map((value) => ({ type: 'ip', value }) as const),
    ]),
    new ExtendedKeyUsageExtension([isForClients ? ExtendedKeyUsage.clientAuth : ExtendedKeyUsage.serverAuth]),
  ];
}

async function issue(
  subject: string,
  issuer: Issuer | null,
  extensions: object[],
  { fromMs = Date.now() - dayMs, untilMs = Date.now() + 90 * dayMs }: Wish = {},
): Promise<Issuer> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const shared = {
    notBefore: new Date(fromMs),
    notAfter: new Date(untilMs),
    signingAlgorithm: algorithm,
    extensions: extensions as BasicConstraintsExtension[],
  };
  const certificate =
    issuer === null
      ? await X509CertificateGenerator.createSelfSigned({ ...shared, name: subject, keys })
      : await X509CertificateGenerator.create({
          ...shared,
          subject,
          issuer: issuer.certificate.subject,
          publicKey: keys.publicKey,
          signingKey: issuer.keys.privateKey,
        });
  return { certificate, keys };
}
