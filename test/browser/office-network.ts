import { once } from 'node:events';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import type { Browser } from 'playwright-core';
import type { Timers } from '../../server/core/clock.ts';
import type { Network } from '../../server/lan/addresses.ts';
import { launchChromium } from './chromium.ts';

/**
 * An office network within this computer: on Linux all of 127.0.0.0/8 is its own, so 127.0.0.2 can play the address
 * in the office and 127.0.0.3 another device.
 */
export const canPlayOffice = process.platform === 'linux';

const wifi = { address: '127.0.0.2', adapter: 'wlan0', kind: 'network' } as const;
const cable = { address: '127.0.0.4', adapter: 'eth0', kind: 'network' } as const;
const vpn = { address: '10.8.0.6', adapter: 'tun0', kind: 'vpn' } as const;
const bridge = { address: '172.17.0.1', adapter: 'docker0', kind: 'virtual' } as const;

export const networks = {
  none: { addresses: [], routes: [] },
  wifi: { addresses: [wifi], routes: [] },
  cable: { addresses: [cable], routes: [] },
  many: { addresses: [wifi, cable, vpn, bridge], routes: [{ adapter: 'wlan0', metric: 100 }] },
} as const satisfies Record<string, Network>;

/** What the server sees of the network, and when it looks: both in the test's hand. */
export type PlayedNetwork = {
  now: Network;
  readonly readNetwork: () => Promise<Network>;
  readonly timers: Timers;
  /** Runs what waits for that long or less, once. */
  readonly pass: (ms: number) => void;
};

export function playNetwork(now: Network): PlayedNetwork {
  const waiting = new Set<{ readonly delayMs: number; readonly callback: () => void }>();
  const wait = (delayMs: number, callback: () => void): (() => void) => {
    const entry = { delayMs, callback };
    waiting.add(entry);
    return () => void waiting.delete(entry);
  };
  const network: PlayedNetwork = {
    now,
    readNetwork: async () => network.now,
    timers: { after: wait, every: wait },
    pass: (ms) => {
      // Chosen first: a callback may set the next timer, which is not due yet.
      const due = Array.from(waiting).filter(({ delayMs }) => delayMs <= ms);
      for (const { callback } of due) callback();
    },
  };
  return network;
}

export type FromElsewhere = {
  /** Of the office: `http://127.0.0.2:PORT`. */
  readonly address: string;
  /** The name under which it is known there, where that is not the address. */
  readonly name?: string;
  readonly path?: string;
  readonly key?: string;
  readonly client?: string;
  readonly body?: unknown;
  /** Whose request it is. */
  readonly ip?: string;
};

/** A request as another device in the office sends it. Resolves when the answer has ended. */
export function askFromElsewhere(options: FromElsewhere): Promise<{ status: number; text: string }> {
  const { address, name, path = '/healthz', key, client = 'curl/8.14.1', body, ip = '127.0.0.3' } = options;
  const { hostname, port } = new URL(address);
  const headers = {
    'content-type': 'application/json',
    'user-agent': client,
    ...(name === undefined ? {} : { host: `${name}:${port}` }),
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  };
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const asked = request({ hostname, port, path, method, headers, localAddress: ip, agent: false });
    asked.on('error', reject);
    asked.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** One attempt of a device to get in, by ticket or code. */
export async function redeem(
  address: string,
  body: Readonly<Record<string, string>>,
  ip?: string,
): Promise<{ readonly status: number; readonly key: string | undefined }> {
  const answer = await askFromElsewhere({
    address,
    path: '/pair/redeem',
    body,
    ...(ip === undefined ? {} : { ip }),
  });
  const { key } = JSON.parse(answer.text) as { key?: string };
  return { status: answer.status, key };
}

/** One chat request of another device. */
export async function chatFromElsewhere(address: string, key: string): Promise<number> {
  const body = { model: 'office', messages: [{ role: 'user', content: 'Hello' }] };
  const client = 'Continue/1.3';
  return (await askFromElsewhere({ address, path: '/v1/chat/completions', key, client, body })).status;
}

/** What the office's own DNS calls this computer. */
export const deskName = 'desk.office.example';

/**
 * A browser on another device: what it sends under that name goes by a line that begins at 127.0.0.3. From this computer
 * itself everything would be open anyway.
 */
export async function phoneOf(address: string): Promise<Browser> {
  const { hostname, port } = new URL(address);
  const line = createServer((near) => {
    const far = connect({ host: hostname, port: Number(port), localAddress: '127.0.0.3' });
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
  });
  line.listen(Number(port), '127.0.0.5');
  await once(line, 'listening');
  const browser = await launchChromium({ args: [`--host-resolver-rules=MAP ${deskName} 127.0.0.5`] });
  browser.on('disconnected', () => void line.close());
  return browser;
}
