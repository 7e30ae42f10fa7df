import { readFile } from 'node:fs/promises';
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';

/** An IPv4 address of this computer, and what kind of adapter it belongs to. */
export type OwnAddress = {
  readonly address: string;
  readonly adapter: string;
  /** `network`: Wi-Fi or cable. The others lead to programs on this computer or out of the office. */
  readonly kind: 'network' | 'vpn' | 'virtual' | 'self-assigned';
};

/** A default route of the routing table; the lowest metric is the one the system takes. */
export type DefaultRoute = { readonly adapter: string; readonly metric: number };

export type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;

// The names adapters bear on Linux, macOS and Windows.
const vpnNames =
  /^(tun|tap|utun|wg|ppp|ipsec|tailscale|zt|nordlynx|proton|cscotun|gpd)|vpn|wireguard|zerotier/i;
const virtualNames =
  /^(docker|br-|veth|virbr|vmnet|vboxnet|lxc|lxd|cni|flannel|podman|bridge\d|vEthernet|awdl|llw|ap\d)|hyper-v|virtualbox|vmware|\bwsl\b/i;
/** Docker gives its bridges and containers this prefix; Hyper-V, VMware and VirtualBox have their own. */
const virtualMacs = /^(02:42|00:15:5d|00:50:56|00:0c:29|00:05:69|0a:00:27|08:00:27)/i;

/** Every IPv4 address others could be told, in the order the system lists them. */
export function ownAddresses(interfaces: Interfaces): OwnAddress[] {
  return Object.entries(interfaces).flatMap(([adapter, infos]) =>
    (infos ?? [])
      .filter((info) => info.family === 'IPv4' && !info.internal)
      .map((info) => ({ address: info.address, adapter, kind: kindOf(adapter, info) })),
  );
}

function kindOf(adapter: string, info: NetworkInterfaceInfo): OwnAddress['kind'] {
  if (info.address.startsWith('169.254.')) return 'self-assigned';
  if (vpnNames.test(adapter) || info.netmask === '255.255.255.255') return 'vpn';
  // Only Docker's own names and Docker's own MACs together: a virtual machine's one real card has such a MAC too.
  if (virtualNames.test(adapter)) return 'virtual';
  return virtualMacs.test(info.mac) && info.address.startsWith('172.') ? 'virtual' : 'network';
}

/**
 * The address to put on the QR code: of the adapters that lead into the office, the one the routing table would
 * take; with a VPN holding the default route, the best that remains. `wanted`, the owner's own choice, wins
 * while this computer still has it.
 * @returns null without any network
 */
export function chooseAddress(
  addresses: readonly OwnAddress[],
  routes: readonly DefaultRoute[],
  wanted: string | null = null,
): OwnAddress | null {
  const chosen = addresses.find((own) => own.address === wanted);
  if (chosen !== undefined) return chosen;
  const usable = addresses.filter((own) => own.kind === 'network');
  const byRoute = routes
    .toSorted((a, b) => a.metric - b.metric)
    .map((route) => usable.find((own) => own.adapter === route.adapter))
    .find((own) => own !== undefined);
  return byRoute ?? usable.find((own) => isPrivate(own.address)) ?? usable[0] ?? null;
}

/** RFC 1918. */
function isPrivate(address: string): boolean {
  return /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(address);
}

/** The system's default routes; empty where they cannot be read, and the choice is then made by kind alone. */
async function defaultRoutes(): Promise<DefaultRoute[]> {
  if (process.platform !== 'linux') return [];
  const table = await readFile('/proc/net/route', 'utf8').catch(() => '');
  return parseLinuxRoutes(table);
}

/** proc(5), /proc/net/route: adapter, destination, gateway, flags, refcount, use, metric, mask, in columns. */
export function parseLinuxRoutes(table: string): DefaultRoute[] {
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1] === '00000000' && fields[7] === '00000000')
    .map((fields) => ({ adapter: fields[0] ?? '', metric: Number(fields[6]) }));
}

/** This moment's picture of the network. A value, so that tests can have adapters this computer has not. */
export type Network = { readonly addresses: readonly OwnAddress[]; readonly routes: readonly DefaultRoute[] };

export async function readNetwork(): Promise<Network> {
  return { addresses: ownAddresses(networkInterfaces()), routes: await defaultRoutes() };
}
