import type { SecureContext, SecureContextOptions } from 'node:tls';
import type { Clock, Timers } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { withoutUndefined } from '../core/without-undefined.ts';
import { getHttpsSettings, setHttpsSettings, type HttpsSettings } from '../store/https-settings.ts';
import type { Store } from '../store/open.ts';
import {
  authorityPath,
  type SetCertificateRequest,
  type SetHttpsRequest,
  type TrustFacts,
} from '../wire/https.ts';
import { openAuthority, type Current } from './authority.ts';
import { openOwnCertificate, type OwnState } from './own-certificate.ts';
import { hostNamesOf, identityOf, type Identity } from './own-names.ts';
import { pinOf } from './pair.ts';
import { permitsName } from './permitted.ts';
import { chooseServed } from './served.ts';

/** https as a whole: the owner's switches, the certificates, and what listeners serve. */
export type Https = {
  /** Loads or makes what is needed; to be awaited before the server listens. Never rejects: without certificates there is plain http. */
  readonly begin: () => Promise<void>;
  readonly settings: () => HttpsSettings;
  readonly authority: () => Current | null;
  readonly own: () => OwnState | null;
  /** Own names that our authority may not vouch for. */
  readonly notCovered: () => readonly string[];
  /** A sentence for the owner while something is wrong. */
  readonly problem: () => string | null;
  /** What is served to who asks for an address, and what is wrong: for `doctor` and the security report. */
  readonly brief: () => HttpsBrief;
  /** What an encrypted connection is met with. */
  readonly served: ServedCertificates;
  /** Whether a Host header names a tunnel, a proxy, or this computer in the office's own DNS. */
  readonly isOwnName: (hostname: string) => boolean;
  /** Whether somebody under this name comes from outside of the office: by a public name that is not in its domain. */
  readonly isOutsideName: (hostname: string) => boolean;
  /** `f=` of the QR code; null without https. */
  readonly pin: () => string | null;
  /** For announcements: see `AdvertisedTls` in `lan/`. */
  readonly announced: () => { readonly isOn: boolean; readonly fingerprint: string | null };
  /** What a device must do to trust us at this address; null over plain http, and where it trusts the certificate anyway. */
  readonly trustFor: (address: string) => TrustFacts | null;
  /** Addresses or names have changed: the certificate follows. Never rejects. */
  readonly follow: (network: NetworkNames) => Promise<void>;
  /** @throws AppError 409 where `only` is asked for and no certificate can be served */
  readonly change: (change: SetHttpsRequest) => Promise<void>;
  /** @throws AppError 400 with the reason; the one before stays */
  readonly setOwn: (request: SetCertificateRequest) => Promise<void>;
  readonly removeOwn: () => void;
  /** A new authority in place of the one there is. Every device has to be told to trust it. */
  readonly replaceAuthority: () => Promise<void>;
  /** Resolves when what was begun has ended. */
  readonly stop: () => Promise<void>;
};

export type NetworkNames = { readonly addresses: readonly string[]; readonly names: readonly string[] };

export type HttpsBrief = {
  readonly isOn: boolean;
  /** Sentences for the owner. */
  readonly problems: readonly string[];
  readonly validUntilMs: number | null;
  readonly issuer: string | null;
  readonly addresses: readonly string[];
};

/** What a listener asks for; see `http/listen.ts`. */
export type ServedCertificates = {
  /** For whoever asks for no name, or one that no other certificate has; null while there is none. */
  readonly usual: () => SecureContextOptions | null;
  /** For who asks for a name that the owner's own certificate covers; null for the usual one. */
  readonly forName: (servername: string) => SecureContext | null;
  /** Calls back when `usual` has become another. Returns the way to stop listening. */
  readonly onChange: (listener: () => void) => () => void;
};

export type HttpsServices = {
  readonly store: Store;
  readonly serverSecret: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  /** As the system tells it. */
  readonly hostname: string;
  /** "Inglenook on desk-1" */
  readonly name: string;
  readonly readAddresses: () => Promise<readonly string[]>;
  /** Switches or certificates are others than before. */
  readonly onChange: () => void;
};

/** Often enough for a file that was renewed; ends are seen by the same look. */
const lookEveryMs = 10_000;

export function createHttps(services: HttpsServices): Https {
  const { store, serverSecret, clock, timers, log } = services;
  const authority = openAuthority({ store, serverSecret, clock, log, name: services.name });
  let network: NetworkNames = { addresses: [], names: [] };
  let problem: string | null = null;
  let stopLooking = (): void => {};
  const listeners = new Set<() => void>();
  // One change after the other: addresses, the clock and the owner may come at the same moment.
  let turn: Promise<void> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => (turn = turn.then(work, work));

  const settings = (): HttpsSettings => getHttpsSettings(store);
  const identity = (): Identity => {
    const { officeDomain, publicNames } = settings();
    const { addresses, names } = network;
    const mdnsName = names.find((name) => /^inglenook(-\d+)?\.local$/.test(name)) ?? null;
    return identityOf({ hostname: services.hostname, addresses, mdnsName, officeDomain, publicNames });
  };
  const ownCertificate = openOwnCertificate({ store, serverSecret, clock, log, identity });
  const choice = chooseServed({
    current: authority.current,
    own: () => ownCertificate.state()?.served ?? null,
    addresses: () => network.addresses,
  });
  const permittedNames = (): string[] => {
    const { officeDomain } = settings();
    return [...hostNamesOf(services.hostname), ...(officeDomain === null ? [] : [officeDomain])];
  };
  const changed = (): void => {
    for (const listener of listeners) listener();
    services.onChange();
  };

  /** Never rejects: what was served before is served on, and the owner is told. */
  async function followNow(): Promise<void> {
    try {
      const isAnother = await authority.follow(identity(), permittedNames());
      const wasWrong = problem !== null;
      problem = null;
      if (isAnother || wasWrong) changed();
    } catch (error) {
      if (problem === null) log.error('A certificate could not be made.', { error });
      problem =
        'A certificate for this computer could not be made. Plain http works on; the server’s log says why, and it is tried again.';
    }
  }
  async function look(): Promise<void> {
    if (await ownCertificate.look()) changed();
    await followNow();
  }

  function requireCertificate(only: boolean | undefined): void {
    if (only !== true || choice.usual() !== null) return;
    throw new AppError(
      'There is no certificate yet that https could be spoken with, so plain http stays on. The server’s log says why.',
      { status: 409, code: 'no_certificate' },
    );
  }

  return {
    begin: () =>
      inTurn(async () => {
        try {
          network = { addresses: await services.readAddresses(), names: [] };
        } catch (error) {
          log.warn('The addresses of this computer could not be read.', { error });
        }
        await look();
        stopLooking = timers.every(lookEveryMs, () => void inTurn(look));
      }),
    settings,
    authority: authority.current,
    own: ownCertificate.state,
    notCovered: () => {
      const permitted = authority.current()?.authority.permittedNames ?? [];
      return identity().names.filter((name) => !permitsName(permitted, name));
    },
    problem: () => problem,
    brief: () => {
      const facts = choice.ownForAddresses()?.facts ?? authority.current()?.facts ?? null;
      return {
        isOn: choice.usual() !== null,
        problems: [problem, ownCertificate.state()?.problem ?? null].filter((one) => one !== null),
        validUntilMs: facts?.validUntilMs ?? null,
        issuer: facts?.issuer ?? null,
        addresses: facts?.addresses ?? [],
      };
    },
    served: {
      usual: choice.usual,
      forName: choice.forName,
      onChange: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    isOwnName: (hostname) => {
      const { publicNames, officeDomain } = settings();
      if (publicNames.length === 0 && officeDomain === null) return false;
      return publicNames.includes(hostname) || (officeDomain !== null && identity().names.includes(hostname));
    },
    isOutsideName: (hostname) => {
      const { publicNames, officeDomain } = settings();
      return publicNames.includes(hostname) && !isWithin(hostname, officeDomain);
    },
    pin: () => {
      const current = authority.current();
      return current === null ? null : pinOf(current.authorityCertificate);
    },
    announced: () => {
      const current = authority.current();
      return {
        isOn: choice.usual() !== null,
        fingerprint:
          current?.authorityCertificate.fingerprint256.replaceAll(':', '').slice(0, 16).toLowerCase() ?? null,
      };
    },
    trustFor: (address) => {
      const { protocol, hostname, host } = new URL(address);
      const current = authority.current();
      if (protocol !== 'https:' || current === null || choice.servesOwn(hostname)) return null;
      // By plain http: whoever could exchange it there is found out by the fingerprint.
      const caUrl = `http://${host}${authorityPath}`;
      return { caUrl, fingerprint: current.authorityCertificate.fingerprint256 };
    },
    follow: (now) =>
      inTurn(async () => {
        network = now;
        await followNow();
      }),
    change: (change) =>
      inTurn(async () => {
        requireCertificate(change.only);
        const before = settings();
        const { only, networkConsole, publicNames, officeDomain } = {
          ...before,
          ...withoutUndefined(change),
        };
        setHttpsSettings(store, {
          only,
          networkConsole,
          publicNames: [...new Set(publicNames)],
          officeDomain,
        });
        log.info('https was set.', { only, networkConsole, publicNames, officeDomain });
        if (officeDomain !== before.officeDomain) await authority.replace(identity(), permittedNames());
        else await followNow();
        changed();
      }),
    setOwn: (request) =>
      inTurn(async () => {
        await ownCertificate.set(request);
        log.info('An own certificate was accepted.', { names: ownCertificate.state()?.served?.facts.names });
        changed();
      }),
    removeOwn: () => {
      ownCertificate.remove();
      log.info('The own certificate is not served any more.');
      changed();
    },
    replaceAuthority: () =>
      inTurn(async () => {
        await authority.replace(identity(), permittedNames());
        changed();
      }),
    stop: async () => {
      stopLooking();
      await turn.catch(() => undefined);
    },
  };
}

function isWithin(name: string, domain: string | null): boolean {
  return domain !== null && (name === domain || name.endsWith(`.${domain}`));
}
