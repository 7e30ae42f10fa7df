import { X509Certificate } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import {
  getAuthority,
  getLeaf,
  setAuthority,
  setLeaf,
  type StoredAuthority,
} from '../store/https-settings.ts';
import type { Store } from '../store/open.ts';
import type { Identity } from './own-names.ts';
import { factsOf, folded, type CertificateFacts, type Pair } from './pair.ts';
import { alwaysPermittedNames, permitsAddress, permitsName } from './permitted.ts';

/** Our own authority and the certificate it has made for this computer, kept over restarts and made anew in time. */
export type Authority = {
  /** Null until `follow` has succeeded once. */
  readonly current: () => Current | null;
  /**
   * Makes what is missing, ends soon, or does not fit who we are by now. One call after the other.
   * @returns whether anything is another than before
   * @throws where it cannot be made or kept; what was there before is served on
   */
  readonly follow: (identity: Identity, permittedNames: readonly string[]) => Promise<boolean>;
  /** A new authority, which every device has to be told to trust. */
  readonly replace: (identity: Identity, permittedNames: readonly string[]) => Promise<void>;
};

export type Current = {
  readonly authority: StoredAuthority;
  readonly authorityCertificate: X509Certificate;
  readonly leaf: Pair;
  /** Of the leaf. */
  readonly facts: CertificateFacts;
};

export type AuthorityServices = {
  readonly store: Store;
  readonly serverSecret: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** "Inglenook on desk-1" */
  readonly name: string;
};

const dayMs = 24 * 60 * 60_000;
const renewBeforeMs = 30 * dayMs;

export function openAuthority(services: AuthorityServices): Authority {
  const { store, serverSecret, clock, log } = services;
  let current: Current | null = null;

  async function follow(identity: Identity, permittedNames: readonly string[]): Promise<boolean> {
    const nowMs = clock.nowMs();
    const kept = current?.authority ?? getAuthority(store, serverSecret);
    if (kept === null || endsSoon(kept, nowMs)) {
      if (kept !== null)
        log.warn('The certificate authority has come to its end; devices must trust a new one.');
      await replace(identity, permittedNames);
      return true;
    }
    const leaf = current?.leaf ?? getLeaf(store, serverSecret);
    const wanted = coveredBy(kept, identity);
    if (leaf === null || !suits(leaf, kept, { wanted, nowMs })) current = await renewed(kept, identity, leaf);
    else if (current === null) current = describe(kept, leaf);
    else return false;
    return true;
  }

  async function replace(identity: Identity, permittedNames: readonly string[]): Promise<void> {
    const { makeAuthority } = await import('./issue.ts');
    const names = [...new Set([...alwaysPermittedNames, ...permittedNames])];
    const pair = await makeAuthority({ name: services.name, permittedNames: names, nowMs: clock.nowMs() });
    const authority = { ...pair, permittedNames: names };
    const next = await renewed(authority, identity, null);
    setAuthority(store, authority, serverSecret);
    current = next;
    const { fingerprint } = factsOf(next.authorityCertificate);
    log.info('A certificate authority was made for this computer.', { fingerprint, permittedNames: names });
  }

  async function renewed(
    authority: StoredAuthority,
    identity: Identity,
    before: Pair | null,
  ): Promise<Current> {
    const { issueLeaf } = await import('./issue.ts');
    const nowMs = clock.nowMs();
    const keepsKey = before !== null && vouchedBy(before, authority) && !endsSoon(before, nowMs);
    const wish = { ...coveredBy(authority, identity), nowMs, ...(keepsKey ? { key: before.key } : {}) };
    const leaf = await issueLeaf(authority, wish);
    setLeaf(store, leaf, serverSecret);
    const next = describe(authority, leaf);
    const { names, addresses, validUntilMs } = next.facts;
    log.info('A certificate was made for this computer.', {
      names,
      addresses,
      validUntil: new Date(validUntilMs).toISOString(),
    });
    return next;
  }

  return { current: () => current, follow, replace };
}

function describe(authority: StoredAuthority, leaf: Pair): Current {
  return {
    authority,
    authorityCertificate: new X509Certificate(authority.certificate),
    leaf,
    facts: factsOf(new X509Certificate(leaf.certificate)),
  };
}

/** A single name too many would make clients refuse the whole certificate. */
function coveredBy({ permittedNames }: StoredAuthority, { names, addresses }: Identity): Identity {
  return {
    names: names.filter((name) => permitsName(permittedNames, name)),
    addresses: addresses.filter(permitsAddress),
  };
}

function suits(
  leaf: Pair,
  authority: StoredAuthority,
  { wanted, nowMs }: { readonly wanted: Identity; readonly nowMs: number },
): boolean {
  const facts = factsOf(new X509Certificate(leaf.certificate));
  return (
    vouchedBy(leaf, authority) &&
    !endsSoon(leaf, nowMs) &&
    facts.validFromMs <= nowMs &&
    isSame(facts.names, wanted.names) &&
    isSame(facts.addresses, wanted.addresses.map(folded))
  );
}

function endsSoon({ certificate }: Pair, nowMs: number): boolean {
  return factsOf(new X509Certificate(certificate)).validUntilMs - nowMs < renewBeforeMs;
}

function vouchedBy(leaf: Pair, authority: StoredAuthority): boolean {
  const issuer = new X509Certificate(authority.certificate);
  const certificate = new X509Certificate(leaf.certificate);
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.toSorted().join() === others.toSorted().join();
}
