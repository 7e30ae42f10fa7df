import { createHash, X509Certificate } from 'node:crypto';
import { originOf, type Target } from './address.ts';
import { ask, errorCodeOf, exchange, fieldOf, isAboutTrust, type Connection } from './ask.ts';
import { Refused } from './failures.ts';
import type { World } from './world.ts';

/** As in `server/wire/https.ts`, which has schemas with it. */
const authorityPath = '/.well-known/inglenook-ca.pem';

export type Reach = {
  /** What the owner's console shows; null to ask the person. */
  readonly fingerprint: string | null;
  readonly isHttps: boolean;
  /** The certificate that was compared an earlier time. */
  readonly known: string | null;
  readonly yes: boolean;
};

/**
 * A connection to the Inglenook that somebody means: by plain http, or by https once its authority was compared with what
 * the owner's console shows.
 * @throws Refused where nobody answers, it is no Inglenook, or it is another one than was meant
 */
export async function reach(world: World, target: Target, options: Reach): Promise<Connection> {
  const isHttps = target.isHttps || options.isHttps;
  const connection = isHttps
    ? await encrypted(world, target, options)
    : { origin: originOf({ ...target, isHttps: false }), authority: null };
  const health = await ask(connection, { path: '/healthz' });
  if (errorCodeOf(health) === 'https_needed') {
    world.say('It answers by https only.');
    return reach(world, { ...target, isHttps: true }, options);
  }
  if (health.status !== 200 || fieldOf(health.json, 'product') !== 'inglenook') {
    throw new Refused(
      `There is something at ${connection.origin}, but it is no Inglenook. Is the address right?`,
    );
  }
  return connection;
}

async function encrypted(world: World, target: Target, options: Reach): Promise<Connection> {
  const origin = originOf({ ...target, isHttps: true });
  if (options.fingerprint === null && (await isTrustedAlready(origin, options.known))) {
    return { origin, authority: options.known };
  }
  const answer = await ask({ origin, authority: null }, { path: authorityPath, isUnchecked: true });
  const certificate = readCertificate(answer.text, origin);
  await compare(world, certificate, target, options);
  return { origin, authority: certificate.toString() };
}

/** By an authority of the system's, or the one that was compared before. */
async function isTrustedAlready(origin: string, authority: string | null): Promise<boolean> {
  try {
    await exchange({ origin, authority }, { path: '/healthz' });
    return true;
  } catch (error) {
    if (isAboutTrust(error)) return false;
    // Another failure is told by the next question.
    return authority === null;
  }
}

function readCertificate(text: string, origin: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch {
    throw new Refused(
      `${origin} has no certificate authority of its own to compare. Is it an Inglenook, with https on?`,
    );
  }
}

async function compare(
  world: World,
  certificate: X509Certificate,
  { pin }: Target,
  options: Reach,
): Promise<void> {
  const shown = certificate.fingerprint256;
  if (options.fingerprint !== null) {
    if (bare(options.fingerprint) === bare(shown)) return;
    throw new Refused(
      `The fingerprint is another one: ${shown}. Somebody else may be answering in its place, or the owner has made a new authority. Nothing was sent.`,
    );
  }
  if (pin !== null) {
    if (pin === pinOf(certificate)) return;
    throw new Refused(
      'The certificate is not the one of the invitation. Somebody else may be answering. Nothing was sent.',
    );
  }
  world.say(`Its authority has the fingerprint ${shown}`);
  const isSame = options.yes
    ? null
    : await world.confirm('Does the owner’s console show the same, under Network?');
  if (isSame === true) return;
  throw new Refused(
    isSame === false
      ? 'Then it is not the one. Nothing was sent.'
      : 'Nobody has compared it. Give it with --fingerprint, as the owner’s console shows it.',
  );
}

/** As in the link: the first 16 bytes of the SHA-256 of its public key. */
function pinOf({ publicKey }: X509Certificate): string {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest().subarray(0, 16).toString('base64url');
}

function bare(fingerprint: string): string {
  return fingerprint.replaceAll(/[^0-9a-f]/gi, '').toUpperCase();
}
