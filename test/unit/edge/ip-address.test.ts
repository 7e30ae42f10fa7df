import { expect, it } from 'vitest';
import { compileAddresses } from '../../../server/core/ip-address.ts';

it.each<[readonly string[] | null, string, boolean]>([
  [null, '203.0.113.9', true],
  [['192.168.1.0/24'], '192.168.1.255', true],
  [['192.168.1.0/24'], '192.168.2.0', false],
  [['192.168.1.0/24'], '::ffff:192.168.1.7', true],
  [['192.168.1.7'], '::ffff:c0a8:107', true],
  [['::ffff:192.168.1.7'], '192.168.1.7', true],
  [['::ffff:192.168.1.0/120'], '::ffff:192.168.2.7', false],
  [['192.168.1.0/24'], '::192.168.1.7', false],
  [['10.0.0.5'], '10.0.0.5', true],
  [['10.0.0.5'], '10.0.0.50', false],
  [['0.0.0.0/0'], '127.0.0.1', true],
  [['0.0.0.0/0'], '::1', false],
  [['fe80::/10', '10.0.0.0/8'], 'fe80::1%eth0', true],
  [['2001:db8::/32'], '2001:db8:1::1', true],
  [['2001:db8::/32'], '2001:db9::1', false],
  [['10.0.0.0/8'], '', false],
  [['10.0.0.0/8'], 'not an address', false],
])('%j and %s: %s', (ranges, address, expected) => {
  expect(compileAddresses(ranges)(address)).toBe(expected);
});
