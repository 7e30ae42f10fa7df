import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Where the server may go for somebody else: addresses of models, of images in messages (security.md §4). */

/** An address that nothing is fetched from. The caller tells it in its own words. */
export class EgressRefused extends Error {
  override readonly name = 'EgressRefused';
  constructor() {
    super('This leads to an address that Inglenook does not fetch from.');
  }
}

/** Why an address is none of the web, or none that anything is asked of. */
export type AddressFault = 'no-address' | 'not-web' | 'credentials' | 'refused';

/**
 * The one way in which an address that somebody gives is read: WHATWG's, which also makes the connection, so that what was
 * checked is what is asked (security.md §4; CVE-2026-24779). It folds `127.1`, `0x7f000001`, full-width digits and `\\`.
 * Names are judged when they are looked up: see `guardedLookup`.
 */
export function readWebAddress(text: string): URL | AddressFault {
  const url = URL.parse(text);
  if (url === null) return 'no-address';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'not-web';
  if (url.username !== '' || url.password !== '') return 'credentials';
  return classOfHost(url) === 'refused' ? 'refused' : url;
}

/** Link-local, where clouds keep their credentials, multicast and the unspecified: nobody fetches anything there. */
const refused = new BlockList();
refused.addSubnet('169.254.0.0', 16, 'ipv4');
refused.addAddress('100.100.100.200', 'ipv4');
refused.addAddress('168.63.129.16', 'ipv4');
refused.addSubnet('0.0.0.0', 8, 'ipv4');
refused.addSubnet('224.0.0.0', 3, 'ipv4');
// Protocol assignments (RFC 6890 §2.2.2); Oracle's cloud keeps credentials at 192.0.0.192.
refused.addSubnet('192.0.0.0', 24, 'ipv4');
refused.addSubnet('fe80::', 10, 'ipv6');
refused.addSubnet('ff00::', 8, 'ipv6');
refused.addAddress('fd00:ec2::254', 'ipv6');
refused.addAddress('::', 'ipv6');
// Discard (RFC 6666), Teredo (RFC 4380) and translation at somebody's own place (RFC 8215): where these lead, the number
// does not tell for certain.
refused.addSubnet('100::', 64, 'ipv6');
refused.addSubnet('2001::', 32, 'ipv6');
refused.addSubnet('64:ff9b:1::', 48, 'ipv6');

const ofTheHouse = new BlockList();
ofTheHouse.addSubnet('10.0.0.0', 8, 'ipv4');
ofTheHouse.addSubnet('172.16.0.0', 12, 'ipv4');
ofTheHouse.addSubnet('192.168.0.0', 16, 'ipv4');
ofTheHouse.addSubnet('127.0.0.0', 8, 'ipv4');
ofTheHouse.addSubnet('100.64.0.0', 10, 'ipv4');
ofTheHouse.addAddress('::1', 'ipv6');
ofTheHouse.addSubnet('fc00::', 7, 'ipv6');
// Site-local, given up by RFC 3879 and still in use here and there.
ofTheHouse.addSubnet('fec0::', 10, 'ipv6');

export type AddressClass = 'public' | 'private' | 'refused';

/** An IPv4 address inside an IPv6 one (mapped, compatible, NAT64 or 6to4) is judged as what it is. */
export function classOfAddress(address: string): AddressClass {
  const plain = embeddedIpv4(address) ?? address.replace(/%.*$/, '');
  const family = isIP(plain);
  if (family === 0) return 'refused';
  const kind = family === 4 ? 'ipv4' : 'ipv6';
  if (refused.check(plain, kind)) return 'refused';
  return ofTheHouse.check(plain, kind) ? 'private' : 'public';
}

function embeddedIpv4(address: string): string | null {
  if (isIP(address) !== 6) return null;
  // `URL` writes every spelling of an IPv6 address in the one shortest form, in hexadecimal.
  const shortest = new URL(`http://[${address.replace(/%.*$/, '')}]/`).hostname.slice(1, -1);
  const match =
    /^(?:::ffff:|::ffff:0:|::|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(shortest) ??
    /^2002:([0-9a-f]{1,4}):([0-9a-f]{1,4}):/.exec(shortest);
  if (match === null) return null;
  const high = Number.parseInt(match[1] ?? '', 16);
  const low = Number.parseInt(match[2] ?? '', 16);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** A number that stands in the address itself never reaches `guardedLookup`. */
export function classOfHost(url: URL): AddressClass | null {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 ? null : classOfAddress(host);
}

/**
 * Where a redirect leads. What came from outside the house may not lead into it, https not to http.
 * @throws EgressRefused
 */
export function requireRedirect(location: string, from: URL, fromClass: AddressClass): URL {
  const url = readWebAddress(URL.parse(location, from.href)?.href ?? '');
  if (typeof url === 'string') throw new EgressRefused();
  const isDowngrade = from.protocol === 'https:' && url.protocol !== 'https:';
  const isIntoTheHouse = classOfHost(url) === 'private' && fromClass === 'public';
  if (isDowngrade || isIntoTheHouse) throw new EgressRefused();
  return url;
}

/** Looks a name up once and lets the connection go only to an address that was checked, so no name can turn later. */
export function guardedLookup(mayBePrivate: boolean, lookup = systemLookup): LookupFunction {
  return lookupWhere((kind) => kind === 'public' || (kind === 'private' && mayBePrivate), lookup);
}

/** The same for what the owner has named as lying in the house: nothing of it goes out, whatever a name server says. */
export function officeLookup(lookup = systemLookup): LookupFunction {
  return lookupWhere((kind) => kind === 'private', lookup);
}

function lookupWhere(mayGoTo: (kind: AddressClass) => boolean, lookup: typeof systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const allowed = addresses.filter(({ address }) => mayGoTo(classOfAddress(address)));
      const [first] = allowed;
      if (first === undefined || allowed.length < addresses.length)
        return callback(new EgressRefused(), '', 0);
      if (options.all === true) (callback as AllCallback)(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

type AllCallback = (error: Error | null, addresses: LookupAddress[]) => void;
