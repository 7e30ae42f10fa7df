import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { invalidRequest } from '../../core/errors.ts';
import { DownloadFault } from './download-fault.ts';

/** Link-local, where clouds keep their credentials, multicast and the unspecified: nobody fetches a model there. */
const refused = new BlockList();
refused.addSubnet('169.254.0.0', 16, 'ipv4');
refused.addAddress('100.100.100.200', 'ipv4');
refused.addAddress('168.63.129.16', 'ipv4');
refused.addSubnet('0.0.0.0', 8, 'ipv4');
refused.addSubnet('224.0.0.0', 3, 'ipv4');
refused.addSubnet('fe80::', 10, 'ipv6');
refused.addSubnet('ff00::', 8, 'ipv6');
refused.addAddress('fd00:ec2::254', 'ipv6');
refused.addAddress('::', 'ipv6');

const ofTheHouse = new BlockList();
ofTheHouse.addSubnet('10.0.0.0', 8, 'ipv4');
ofTheHouse.addSubnet('172.16.0.0', 12, 'ipv4');
ofTheHouse.addSubnet('192.168.0.0', 16, 'ipv4');
ofTheHouse.addSubnet('127.0.0.0', 8, 'ipv4');
ofTheHouse.addSubnet('100.64.0.0', 10, 'ipv4');
ofTheHouse.addAddress('::1', 'ipv6');
ofTheHouse.addSubnet('fc00::', 7, 'ipv6');

export type AddressClass = 'public' | 'private' | 'refused';

/** An IPv4 address inside an IPv6 one (mapped, compatible or NAT64) is judged as what it is. */
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
  const match = /^(?:::ffff:|::|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(shortest);
  if (match === null) return null;
  const high = Number.parseInt(match[1] ?? '', 16);
  const low = Number.parseInt(match[2] ?? '', 16);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/**
 * The address of a model as the owner gave it: http or https, without a name and password in it, and not one of the
 * refused numbers. Names are judged when they are looked up.
 * @throws AppError 400
 */
export function requireFetchable(text: string): URL {
  if (!URL.canParse(text)) throw invalidRequest('This is not a whole address of a file.', 'uri');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw invalidRequest('Models are fetched by https or http only.', 'uri');
  }
  if (url.username !== '' || url.password !== '') {
    throw invalidRequest('The address holds a name or password; such addresses are not used.', 'uri');
  }
  if (isRefusedHost(url)) {
    throw invalidRequest('Nothing is fetched from this address: it belongs to no file server.', 'uri');
  }
  url.hash = '';
  return url;
}

/** A number that stands in the address itself never reaches `guardedLookup`. */
function hostClass(url: URL): AddressClass | null {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 ? null : classOfAddress(host);
}

function isRefusedHost(url: URL): boolean {
  return hostClass(url) === 'refused';
}

/**
 * Where a redirect leads. What came from outside the house may not lead into it, https not to http.
 * @throws DownloadFault of kind `stop`
 */
export function requireRedirect(location: string, from: URL, fromClass: AddressClass): URL {
  if (!URL.canParse(location, from.href)) throw ledAstray();
  const url = new URL(location, from);
  const isDowngrade = from.protocol === 'https:' && url.protocol !== 'https:';
  if (!/^https?:$/.test(url.protocol) || isDowngrade || url.username !== '' || url.password !== '') {
    throw ledAstray();
  }
  const target = hostClass(url);
  if (target === 'refused' || (target === 'private' && fromClass === 'public')) throw ledAstray();
  return url;
}

function ledAstray(): DownloadFault {
  return new DownloadFault(
    'stop',
    'The source sends us to an address that Inglenook does not fetch from. Nothing was downloaded from there.',
  );
}

/** Looks a name up once and lets the connection go only to an address that was checked, so no name can turn later. */
export function guardedLookup(mayBePrivate: boolean, lookup = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const allowed = addresses.filter(({ address }) => {
        const kind = classOfAddress(address);
        return kind === 'public' || (kind === 'private' && mayBePrivate);
      });
      const [first] = allowed;
      if (first === undefined || allowed.length < addresses.length) return callback(ledAstray(), '', 0);
      if (options.all === true) (callback as AllCallback)(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

type AllCallback = (error: Error | null, addresses: LookupAddress[]) => void;
