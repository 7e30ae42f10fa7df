import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { Current } from './authority.ts';
import type { CheckedPair } from './check-pair.ts';
import type { Pair } from './pair.ts';

type Sources = {
  readonly current: () => Current | null;
  readonly own: () => CheckedPair | null;
  /** Of this computer, as others know it. */
  readonly addresses: () => readonly string[];
};

/** Who is met with which certificate. */
export type Choice = {
  /** For whoever asks for no name, as who goes to an address does, or for one that nobody else's certificate has. */
  readonly usual: () => SecureContextOptions | null;
  /** The owner's certificate where it covers the name that is asked for; null for the usual one. */
  readonly forName: (servername: string) => SecureContext | null;
  /** The owner's, where it is the usual one. */
  readonly ownForAddresses: () => CheckedPair | null;
  /** Whether who asks for this name or address is met with the owner's. */
  readonly servesOwn: (hostname: string) => boolean;
};

export function chooseServed({ current, own, addresses }: Sources): Choice {
  let made: { readonly pair: Pair; readonly context: SecureContext } | null = null;

  function forName(servername: string): SecureContext | null {
    const pair = own()?.pair;
    if (pair === undefined || !coversName(pair, servername)) return null;
    if (made?.pair !== pair) made = { pair, context: createSecureContext(contextOf(pair)) };
    return made.context;
  }
  function ownForAddresses(): CheckedPair | null {
    const served = own();
    if (served === null) return null;
    return current() === null || coversAnAddress(served.pair, addresses()) ? served : null;
  }
  return {
    usual: () => {
      const chosen = ownForAddresses();
      if (chosen !== null) return contextOf(chosen.pair);
      const ours = current();
      if (ours === null) return null;
      // With the authority itself, which TLS would let us leave out: clients that pin it must see it.
      const { leaf, authority } = ours;
      return contextOf({ certificate: leaf.certificate + authority.certificate, key: leaf.key });
    },
    forName,
    ownForAddresses,
    servesOwn: (hostname) => {
      const isAddress = isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
      return isAddress ? ownForAddresses() !== null : forName(hostname) !== null;
    },
  };
}

function contextOf({ certificate, key }: Pair): SecureContextOptions {
  return { cert: certificate, key, minVersion: 'TLSv1.2' };
}

function coversName({ certificate }: Pair, name: string): boolean {
  return new X509Certificate(certificate).checkHost(name, { subject: 'never' }) !== undefined;
}

function coversAnAddress({ certificate }: Pair, addresses: readonly string[]): boolean {
  const own = new X509Certificate(certificate);
  return addresses.some((address) => own.checkIP(address) !== undefined);
}
