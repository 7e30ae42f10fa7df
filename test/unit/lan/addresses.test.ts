import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, test } from 'vitest';
import {
  chooseAddress,
  ownAddresses,
  parseLinuxRoutes,
  type Interfaces,
} from '../../../server/lan/addresses.ts';

function ipv4(address: string, extra: Partial<NetworkInterfaceInfo> = {}): NetworkInterfaceInfo[] {
  const info = {
    address,
    netmask: '255.255.255.0',
    family: 'IPv4',
    mac: '3c:7c:3f:00:00:01',
    internal: false,
    cidr: null,
  };
  return [{ ...info, ...extra } as NetworkInterfaceInfo];
}

const office: Interfaces = {
  lo: ipv4('127.0.0.1', { internal: true }),
  docker0: ipv4('172.17.0.1', { mac: '02:42:aa:bb:cc:dd' }),
  'br-0a1b2c': ipv4('172.18.0.1', { mac: '02:42:aa:bb:cc:de' }),
  tun0: ipv4('10.8.0.6', { netmask: '255.255.255.255' }),
  wlan0: ipv4('192.168.1.20'),
  eth0: ipv4('192.168.7.20'),
};

describe('which address the office is told', () => {
  test.each([
    ['the default route over cable', [{ adapter: 'eth0', metric: 100 }], '192.168.7.20'],
    [
      'two defaults: the lower metric',
      [
        { adapter: 'eth0', metric: 600 },
        { adapter: 'wlan0', metric: 100 },
      ],
      '192.168.1.20',
    ],
    [
      'a VPN has taken the default route',
      [
        { adapter: 'tun0', metric: 50 },
        { adapter: 'eth0', metric: 100 },
      ],
      '192.168.7.20',
    ],
    ['only the VPN has a default route', [{ adapter: 'tun0', metric: 50 }], '192.168.1.20'],
    ['no route is known', [], '192.168.1.20'],
  ])('%s', (_case, routes, address) => {
    expect(chooseAddress(ownAddresses(office), routes)?.address).toBe(address);
  });

  test("the owner's own choice wins while this computer has it", () => {
    const addresses = ownAddresses(office);
    expect(chooseAddress(addresses, [], '10.8.0.6')?.address).toBe('10.8.0.6');
    expect(chooseAddress(addresses, [], '192.168.99.1')?.address).toBe('192.168.1.20');
  });

  test('Windows and macOS names of virtual adapters are known', () => {
    const names = { 'vEthernet (WSL)': ipv4('172.20.0.1'), utun3: ipv4('10.9.0.2'), en0: ipv4('10.0.0.7') };
    expect(ownAddresses(names).map((own) => own.kind)).toEqual(['virtual', 'vpn', 'network']);
  });

  test('a self-assigned address and no network at all give none', () => {
    expect(chooseAddress(ownAddresses({ en0: ipv4('169.254.3.4') }), [])).toBeNull();
    expect(chooseAddress([], [])).toBeNull();
  });
});

test("Linux's table of routes is read for its defaults", () => {
  const table = [
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
    'wlp3s0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0',
    'wlp3s0\t0001A8C0\t00000000\t0001\t0\t0\t600\t00FFFFFF\t0\t0\t0',
    'tun0\t00000000\t00000000\t0001\t0\t0\t0\t00000080\t0\t0\t0',
    '',
  ].join('\n');
  expect(parseLinuxRoutes(table)).toEqual([{ adapter: 'wlp3s0', metric: 600 }]);
});
