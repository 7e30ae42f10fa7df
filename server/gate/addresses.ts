import { BlockList, isIP } from 'node:net';

/** Makes the test of a key's addresses: single ones and CIDR ranges of either kind. Without any, everybody may. */
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
function plainAddress(address: string): string {
  const [plain = ''] = address.split('%');
  return plain.replace(/^::ffff:(?=\d+\.)/i, '');
}
