import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createConnectionCaps, type ConnectionLimits } from '../../../server/edge/connections.ts';
import { createManualTime } from '../../fakes/manual-time.ts';

const usual: ConnectionLimits = {
  connectionsPerAddress: 64,
  connectionsBeforeKey: 16,
  connectionsOffice: 2048,
  connectionsLoopback: 4096,
  connectionsReserved: 16,
};

/** Only what the caps look at; `attacks-connection.test.ts` and the slow tests have real ones. */
class PeerSocket extends EventEmitter {
  static port = 1024;
  readonly remotePort = (PeerSocket.port += 1);
  readonly localAddress = '127.0.0.1';
  readonly localPort = 11500;
  readonly remoteAddress: string;
  destroyed = false;
  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }
  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

function start(limits: Partial<ConnectionLimits> = {}, proxies: readonly string[] = []) {
  const time = createManualTime();
  const caps = createConnectionCaps({
    limits: () => ({ ...usual, ...limits }),
    isTrustedProxy: (address) => proxies.includes(address),
    monotonicMs: time.clock.monotonicMs,
  });
  const knock = (address: string) => {
    const socket = new PeerSocket(address);
    return { socket, isIn: caps.admit(socket as unknown as Socket) };
  };
  const flood = (address: string, count: number) => Array.from({ length: count }, () => knock(address));
  const admitted = (knocks: readonly { readonly isIn: boolean }[]) =>
    knocks.filter(({ isIn }) => isIn).length;
  return { time, caps, knock, flood, admitted };
}

describe('one address', () => {
  it('attack 14: has 16 connections before somebody there has shown a key, 64 afterwards', () => {
    const { caps, flood, admitted, knock } = start();
    expect(admitted(flood('192.168.1.5', 20))).toBe(16);
    caps.authenticated('192.168.1.5');
    expect(admitted(flood('192.168.1.5', 100))).toBe(48);
    expect(caps.counts()).toEqual({ loopback: 0, office: 64, strangers: 0, refused: 56 });
    expect(knock('192.168.1.6').isIn).toBe(true);
    expect(knock('127.0.0.1').isIn).toBe(true);
  });

  it('gets a place back with each connection that closes', () => {
    const { flood, knock, caps } = start();
    const [first] = flood('192.168.1.5', 16);
    expect(knock('192.168.1.5').isIn).toBe(false);
    first?.socket.emit('close');
    first?.socket.emit('close');
    expect([knock('192.168.1.5').isIn, knock('192.168.1.5').isIn]).toEqual([true, false]);
    expect(caps.counts().strangers).toBe(16);
  });

  it('is one whether written as IPv4 or inside IPv6; an IPv6 network of 64 bits is one too', () => {
    const { flood, knock, admitted } = start();
    flood('192.168.1.5', 8);
    expect(admitted(flood('::ffff:192.168.1.5', 10))).toBe(8);
    for (let index = 1; index <= 16; index += 1) knock(`2001:db8:1:2::${index.toString(16)}`);
    expect(knock('2001:db8:1:2::99').isIn).toBe(false);
    expect(knock('2001:db8:1:3::1').isIn).toBe(true);
    flood('fe80::1%eth0', 16);
    expect(knock('fe80::2%eth0').isIn).toBe(true);
  });

  it('is a stranger again an hour after the last key', () => {
    const { caps, flood, admitted, time } = start();
    caps.authenticated('192.168.1.5');
    time.advance(59 * 60_000);
    caps.authenticated('192.168.1.5');
    time.advance(59 * 60_000);
    expect(admitted(flood('192.168.1.5', 40))).toBe(40);
    time.advance(60_000);
    expect(admitted(flood('192.168.1.5', 1))).toBe(0);
  });

  it('counts at once by another number', () => {
    const limits = { connectionsPerAddress: 64, connectionsBeforeKey: 4 };
    const { caps, flood, admitted } = start(limits);
    expect(admitted(flood('192.168.1.5', 10))).toBe(4);
    limits.connectionsBeforeKey = 6;
    caps.authenticated('192.168.1.9');
    expect(admitted(flood('192.168.1.9', 100))).toBe(64);
  });
});

describe('all other computers', () => {
  it('strangers have at most half of the places, those who work here can always come in', () => {
    const { caps, knock, admitted, flood } = start({ connectionsOffice: 100 });
    caps.authenticated('192.168.1.5');
    const strangers = Array.from({ length: 80 }, (_, index) => knock(`10.1.${index}.1`));
    expect(admitted(strangers)).toBe(50);
    expect(admitted(flood('192.168.1.5', 70))).toBe(50);
    expect(caps.counts()).toMatchObject({ office: 100, strangers: 50 });
    expect(knock('127.0.0.1').isIn).toBe(true);
  });

  it('a trusted proxy speaks for many: only the number of all counts for it', () => {
    const { flood, admitted } = start({ connectionsOffice: 100 }, ['192.168.1.2']);
    expect(admitted(flood('192.168.1.2', 120))).toBe(100);
  });

  it('nothing is kept of those who have gone', () => {
    const { caps, knock } = start();
    for (let index = 0; index < 30_000; index += 1) {
      knock(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`).socket.emit('close');
    }
    expect(caps.counts()).toMatchObject({ office: 0, strangers: 0, refused: 0 });
  });
});

describe('this computer', () => {
  const small = { connectionsLoopback: 64, connectionsReserved: 16 };

  it('its last 16 places are kept for the console', () => {
    const { caps, flood } = start(small);
    const usualOnes = flood('127.0.0.1', 48);
    const last = flood('::1', 16);
    expect(usualOnes.some(({ socket }) => caps.isReserved(socket))).toBe(false);
    expect(last.every(({ socket }) => caps.isReserved(socket))).toBe(true);
  });

  it('in these places who asks for nothing gives way to the next; who is answered stays', () => {
    const { caps, flood, knock } = start(small);
    flood('127.0.0.1', 48);
    const last = flood('127.0.0.1', 16);
    const [first, second] = last;
    if (first === undefined || second === undefined) throw new Error('no places');
    const done = caps.answering(first.socket);
    expect(knock('127.0.0.1').isIn).toBe(true);
    expect([first.socket.destroyed, second.socket.destroyed]).toEqual([false, true]);
    done();
    expect(knock('127.0.0.1').isIn).toBe(true);
    expect(first.socket.destroyed).toBe(true);
    expect(caps.counts().loopback).toBe(64);
  });

  it('when all of them are answered the next is refused', () => {
    const { caps, flood, knock } = start(small);
    flood('127.0.0.1', 48);
    for (const { socket } of flood('127.0.0.1', 16)) caps.answering(socket);
    expect(knock('127.0.0.1').isIn).toBe(false);
  });
});

it('a socket that closed before it was looked at is refused and not counted', () => {
  const { caps } = start();
  expect(caps.admit(new EventEmitter() as unknown as Socket)).toBe(false);
  expect(caps.counts()).toMatchObject({ loopback: 0, office: 0, refused: 0 });
});
