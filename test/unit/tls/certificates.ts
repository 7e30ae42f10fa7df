import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import { systemTimers, type Clock, type Timers } from '../../../server/core/clock.ts';
import type { FrontOptions } from '../../../server/http/front.ts';
import { listenOnLoopback } from '../../../server/http/listen.ts';
import { openStore, type Store } from '../../../server/store/open.ts';
import { createHttps, type Https, type HttpsServices } from '../../../server/tls/https.ts';
import { issueLeaf, makeAuthority } from '../../../server/tls/issue.ts';
import type { Pair } from '../../../server/tls/pair.ts';

export const nowMs = Date.parse('2026-11-23T12:00:00Z');
export const dayMs = 24 * 60 * 60_000;

type Options = {
  readonly store?: Store;
  readonly clock?: Clock;
  readonly timers?: Timers;
  readonly secret?: string;
  readonly hostname?: string;
  readonly addresses?: readonly string[];
  readonly onChange?: () => void;
};

/** The real https, begun, with its log. Times are real unless given, since clients look at the real clock. */
export async function begunHttps(options: Options = {}): Promise<{
  readonly https: Https;
  readonly store: Store;
  readonly logged: string[];
}> {
  const store = options.store ?? openStore(':memory:');
  const logged: string[] = [];
  const note = (message: string): void => void logged.push(message);
  const services: HttpsServices = {
    store,
    serverSecret: options.secret ?? 'secret',
    clock: options.clock ?? { nowMs: () => Date.now(), monotonicMs: () => performance.now() },
    timers: options.timers ?? systemTimers,
    log: { debug: note, info: note, warn: note, error: note },
    hostname: options.hostname ?? 'desk-1',
    name: 'Inglenook on desk-1',
    readAddresses: async () => options.addresses ?? ['192.168.1.20'],
    onChange: options.onChange ?? (() => {}),
  };
  const https = createHttps(services);
  await https.begin();
  onTestFinished(async () => https.stop());
  return { https, store, logged };
}

/** An authority with what it was asked to sign, whatever that be: as somebody with its stolen key would. */
export async function signed(
  names: readonly string[],
  addresses: readonly string[] = [],
): Promise<{ readonly authority: Pair; readonly leaf: Pair }> {
  const authority = await makeAuthority({
    name: 'Inglenook on desk-1',
    permittedNames: ['local', 'localhost', 'desk-1'],
    nowMs: Date.now(),
  });
  return { authority, leaf: await issueLeaf(authority, { names, addresses, nowMs: Date.now() }) };
}

/** Serves one pair by the real listener. */
export async function served({ certificate, key }: Pair, issuer = ''): Promise<number> {
  const certificates = {
    usual: () => ({ cert: certificate + issuer, key }),
    forName: () => null,
    onChange: () => () => {},
  };
  return await listening((_request, response) => response.end('hello'), { certificates });
}

export async function listening(handler: RequestListener, options: FrontOptions): Promise<number> {
  const listener = await listenOnLoopback(handler, 0, options);
  onTestFinished(async () => {
    listener.closeNow();
    await listener.close();
  });
  return listener.port;
}

/** Shakes hands and tells whom it met; rejects where the certificate is refused. */
export async function met(port: number, ca: string, servername?: string): Promise<PeerCertificate> {
  const socket = await shaken(port, ca, servername);
  const certificate = socket.getPeerCertificate();
  socket.destroy();
  return certificate;
}

export async function shaken(port: number, ca: string, servername?: string): Promise<TLSSocket> {
  const options = { host: '127.0.0.1', port, ca, ...(servername === undefined ? {} : { servername }) };
  const socket = connect(options);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

export type Answer = { readonly status: number; readonly location: string | null; readonly text: string };

/** One request on a connection of its own. */
export function ask(options: RequestOptions, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ agent: false, ...options }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode, headers } = response;
        resolve({ status: statusCode ?? 0, location: headers.location ?? null, text });
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'inglenook-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
