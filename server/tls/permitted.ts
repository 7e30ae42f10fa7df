import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * What our certificate authority may vouch for (RFC 5280 §4.2.1.10): names and addresses that nobody on the internet has.
 * The same list is written into its certificate, where every client enforces it, and asked here, since one name too many
 * makes clients refuse the whole certificate.
 */

/** Together with everything below them; besides, each authority has the computer's own name and the office's domain. */
export const alwaysPermittedNames: readonly string[] = ['local', 'localhost'];

/** RFC 1918, loopback, link-local, RFC 6598 (Tailscale's), and unique local and link-local IPv6 addresses. */
export const permittedRanges: readonly string[] = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '100.64.0.0/10',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
];

const ranges = new BlockList();
for (const range of permittedRanges) {
  const [address = '', prefix = ''] = range.split('/');
  ranges.addSubnet(address, Number(prefix), isIPv4(address) ? 'ipv4' : 'ipv6');
}

/** Whether an authority permitting `names` may vouch for this name. */
export function permitsName(names: readonly string[], name: string): boolean {
  return names.some((permitted) => name === permitted || name.endsWith(`.${permitted}`));
}

export function permitsAddress(address: string): boolean {
  if (isIPv4(address)) return ranges.check(address, 'ipv4');
  return isIPv6(address) && ranges.check(address, 'ipv6');
}
