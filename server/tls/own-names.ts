import { isIP } from 'node:net';

/** What a certificate of ours is to be valid for. Sorted and without repetition, so that two can be compared. */
export type Identity = { readonly names: readonly string[]; readonly addresses: readonly string[] };

export type Surroundings = {
  /** As the system tells it, with or without a domain. */
  readonly hostname: string;
  /** Every IP address of this computer that others could be told. */
  readonly addresses: readonly string[];
  /** What it is announced as by mDNS; null while it is not. */
  readonly mdnsName: string | null;
  /** `office.example`, under which the computer has names in the office's own DNS; null for none. */
  readonly officeDomain: string | null;
  /** Names under which a tunnel or reverse proxy leads here. */
  readonly publicNames: readonly string[];
};

/** Every name and address somebody may rightly call this computer by. */
export function identityOf(surroundings: Surroundings): Identity {
  const { addresses, mdnsName, officeDomain, publicNames } = surroundings;
  const own = hostNamesOf(surroundings.hostname);
  const [short] = own;
  const inDomain =
    officeDomain === null
      ? []
      : [
          officeDomain,
          ...['inglenook', short].map((name) => (name === undefined ? '' : `${name}.${officeDomain}`)),
        ];
  const mdns = ['inglenook.local', mdnsName ?? '', short === undefined ? '' : `${short}.local`];
  return {
    names: sorted(['localhost', ...mdns, ...own, ...inDomain, ...publicNames].filter(isDnsName)),
    addresses: sorted(['127.0.0.1', '::1', ...addresses].filter((address) => isIP(address) !== 0)),
  };
}

/** `desk-1`, and `desk-1.office.example` where the system tells it with its domain. What no DNS name can be is left out. */
export function hostNamesOf(hostname: string): readonly string[] {
  const whole = hostname.toLowerCase().replace(/\.+$/, '');
  const short = whole.split('.')[0] ?? '';
  return [...new Set([short, whole])].filter((name) => isDnsName(name) && name !== 'localhost');
}

/** RFC 1123 §2.1, lower case. An IP address is none. */
function isDnsName(text: string): boolean {
  const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
  return text.length <= 253 && isIP(text) === 0 && text.split('.').every((part) => label.test(part));
}

function sorted(texts: readonly string[]): string[] {
  return [...new Set(texts)].toSorted();
}
