import { edgeAddresses, edgeSetting } from './named-setting.ts';

/** The rules of the edge as settings by name; they count at once. */
export const edgeSettingTable = {
  'edge.allow': edgeAddresses(
    'allow',
    'Addresses and ranges that may come in, separated by commas; empty lets everybody knock. This computer always may.',
  ),
  'edge.trustedProxies': edgeAddresses(
    'trustedProxies',
    'Addresses of your own proxies (nginx, Caddy), whose word on the client’s address and on https is taken. Nobody else’s is.',
  ),
  'edge.connectionsPerAddress': edgeSetting(
    'connectionsPerAddress',
    'So many connections another computer may have open.',
  ),
  'edge.connectionsBeforeKey': edgeSetting(
    'connectionsBeforeKey',
    'So many of them before somebody there has shown a key or signed in.',
  ),
  'edge.connectionsOffice': edgeSetting(
    'connectionsOffice',
    'So many connections all other computers together may have open; strangers at most half of them.',
  ),
  'edge.connectionsLoopback': edgeSetting(
    'connectionsLoopback',
    'So many connections programs on this computer may have open.',
  ),
  'edge.connectionsReserved': edgeSetting(
    'connectionsReserved',
    'So many of those are kept for the console and the command line.',
  ),
  'edge.requestsPerMinute': edgeSetting(
    'requestsPerMinute',
    'So many requests another computer may send within a minute, a sixth of them at once; null for any number.',
  ),
  'edge.streamsPerAddress': edgeSetting(
    'streamsPerAddress',
    'So many answers to another computer may run at the same time; null for any number.',
  ),
  'edge.blockGuessers': edgeSetting(
    'blockGuessers',
    'Whether an address that shows wrong keys, passwords or codes again and again is left outside for a while.',
  ),
};
