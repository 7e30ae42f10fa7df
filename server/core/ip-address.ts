import { BlockList, isIP } from 'node:net';

/** Makes the test of an address: against single ones and CIDR ranges of either kind. With null every address passes. */
export function compileAddresses(ranges: readonly string[] | null): (address: string) => boolean {
  if (ranges === null) return () => true;
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', prefix] = range.split('/');
    const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(network, family);
    else list.addSubnet(network, Number(prefix), family);
  }
  return (address) => {
    const plain = plainAddress(address);
    const version = isIP(plain);
    return version !== 0 && list.check(plain, version === 6 ? 'ipv6' : 'ipv4');
  };
}

/** As sockets name it, without the interface of a link-local address; an IPv4 address inside IPv6 as itself. */
export function plainAddress(address: string): string {
  const end = address.indexOf('%');
  const plain = end < 0 ? address : address.slice(0, end);
  return plain.startsWith(':') ? plain.replace(/^::ffff:(?=\d+\.)/i, '') : plain;
}

/**
 * An address as others have written it (`X-Forwarded-For`), in the form sockets have: IPv6 shortened and in lower case,
 * IPv4 inside IPv6 as itself, without port, brackets and interface.
 * @returns null for what is no address
 */
export function readAddress(text: string): string | null {
  const trimmed = text.trim();
  const withoutPort = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(trimmed) ?? /^([\d.]+):\d{1,5}$/.exec(trimmed);
  const plain = plainAddress(withoutPort?.[1] ?? trimmed);
  const version = isIP(plain);
  if (version !== 6) return version === 4 ? plain : null;
  const short = new URL(`http://[${plain}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short);
  if (mapped === null) return short;
  const [high = 0, low = 0] = mapped.slice(1).map((part) => Number.parseInt(part, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** Of this computer, whichever way it is written by a socket. */
export function isLoopbackAddress(address: string): boolean {
  const plain = plainAddress(address);
  return plain === '::1' || /^127(\.\d{1,3}){3}$/.test(plain);
}

/**
 * By what limits count: an IPv4 address by itself; of IPv6 the first 64 bits, since one computer has all addresses of such
 * a network to choose from (RFC 4291 §2.5.1, RFC 8981). Link-local ones share theirs, so each counts by itself.
 */
export function addressGroup(address: string): string {
  const plain = plainAddress(address);
  if (!plain.includes(':') || plain === '::1' || /^fe[89ab]/i.test(plain)) return plain;
  const [head = '', tail] = plain.split('::');
  const parts = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const left = parts(head);
  const right = tail === undefined ? [] : parts(tail);
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  const [a = '0', b = '0', c = '0', d = '0'] = [...left, ...zeros, ...right];
  return `${[a, b, c, d].join(':')}::/64`;
}
