import { X509Certificate } from 'node:crypto';
import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Network } from '../../../server/lan/addresses.ts';
import { prepareRestore } from '../../../server/store/backup/restore.ts';
import { httpsState, type HttpsState } from '../../../server/wire/https.ts';
import type { LanState } from '../../../server/wire/lan.ts';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import { createManualTime } from '../../fakes/manual-time.ts';
import { temporaryFolder } from './certificates.ts';
import { chained, handedOut } from './own-pairs.ts';

/**
 * On Linux all of 127.0.0.0/8 is this computer's, so 127.0.0.2 can play the office address and 127.0.0.3 another
 * device, without a packet leaving. It asks by the desk's name in the office, since whoever asks 127.0.0.2 by its number
 * is at this computer.
 */
const deskName = 'desk.office.example';
const isLinux = process.platform === 'linux';
const networkWith = (address: string): Network => ({
  addresses: [{ address, adapter: 'wlan0', kind: 'network' }],
  routes: [],
});

type Wish = {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};
type Answer = {
  readonly status: number;
  readonly location: string | undefined;
  readonly text: string;
  readonly code: string | undefined;
};

type Office = ComposedServer & {
  readonly ca: string;
  readonly state: () => Promise<HttpsState>;
  /** As another device would, at the office's address. */
  readonly from: (scheme: 'http' | 'https', wish?: Wish) => Promise<Answer>;
};

async function openOffice(options: Parameters<typeof startComposed>[0] = {}): Promise<Office> {
  const server = await startComposed({ readNetwork: async () => networkWith('127.0.0.2'), ...options });
  await server.admin('PUT', '/lan', { on: true });
  await server.admin('PUT', '/https', { officeDomain: 'office.example', publicNames: [deskName] });
  const ca = await (await fetch(`${server.address}/.well-known/inglenook-ca.pem`)).text();
  return {
    ...server,
    ca,
    state: async () => httpsState.parse(await server.admin('GET', '/https')),
    from: (scheme, wish = {}) => ask(server.port, scheme, { ca, ...wish }),
  };
}

function ask(port: number, scheme: 'http' | 'https', wish: Wish & { readonly ca: string }): Promise<Answer> {
  const { method = 'GET', path = '/healthz', body, ca } = wish;
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const options = {
    host: '127.0.0.2',
    localAddress: '127.0.0.3',
    port,
    method,
    path,
    agent: false,
    headers: {
      host: wish.host ?? `${deskName}:${port}`,
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...wish.headers,
    },
  } as const;
  return new Promise((resolve, reject) => {
    const asked = scheme === 'http' ? plainRequest(options) : secureRequest({ ...options, ca });
    asked.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        const isJson = response.headers['content-type']?.includes('json') === true;
        const parsed = (isJson && text !== '' ? JSON.parse(text) : {}) as { error?: { code?: string } };
        const { statusCode: status = 0, headers } = response;
        resolve({ status, location: headers.location, text, code: parsed.error?.code });
      });
    });
    asked.on('error', reject);
    asked.end(payload);
  });
}

const page = { accept: 'text/html,application/xhtml+xml' };

describe.runIf(isLinux)('https in the office', () => {
  test('is spoken beside http, by a certificate that whoever has our authority accepts', async () => {
    const office = await openOffice();
    expect((await office.from('https')).status).toBe(200);
    expect((await office.from('http')).status).toBe(200);
    expect(await office.state()).toMatchObject({
      on: true,
      only: false,
      address: `https://127.0.0.2:${office.port}`,
      problem: null,
      leaf: { addresses: expect.arrayContaining(['127.0.0.2', '127.0.0.1', '::1']) },
    });
  });

  test('the authority is there for everybody, with the fingerprint the owner sees', async () => {
    const office = await openOffice();
    await office.admin('PUT', '/https', { only: true });
    const { status, text } = await office.from('http', { path: '/.well-known/inglenook-ca.pem' });
    expect(status).toBe(200);
    expect(new X509Certificate(text).fingerprint256).toBe(
      (await office.state()).authority?.certificate.fingerprint,
    );
    expect(text).not.toContain('PRIVATE');
    expect(
      (await office.from('https', { method: 'POST', path: '/.well-known/inglenook-ca.pem' })).status,
    ).toBe(405);
  });

  test('attack 9: where it is the only one, http leads a browser there, tells tools why not, and redirects no POST', async () => {
    const office = await openOffice();
    await office.admin('PUT', '/settings/https.only', { value: true });
    const here = `https://${deskName}:${office.port}`;
    expect(await office.admin('GET', '/security-report?format=json')).toMatchObject({
      access: {
        transport: 'https',
        adminOnThisComputerOnly: true,
        certificate: { issuer: expect.any(String) },
      },
    });
    expect(await office.from('http', { path: '/pair?x=1', headers: page })).toMatchObject({
      status: 308,
      location: `${here}/pair?x=1`,
    });
    for (const wish of [
      { path: '/v1/models' },
      { path: '/v1/chat/completions', method: 'POST', body: {} },
      { path: '/pair/redeem', method: 'POST', body: {}, headers: page },
    ]) {
      expect(await office.from('http', wish)).toMatchObject({
        status: 403,
        code: 'https_needed',
        location: undefined,
      });
    }
    expect((await office.from('https', { path: '/v1/models' })).status).toBe(401);
    // This computer is not overheard, and its scripts go on.
    expect((await fetch(`${office.address}/healthz`)).status).toBe(200);
  });

  test('addresses, QR code, guides and notices follow the switch', async () => {
    const office = await openOffice();
    const lan = async () => (await office.admin('GET', '/lan')) as LanState;
    const before = await lan();
    expect(before).toMatchObject({ plain: true, address: `http://127.0.0.2:${office.port}` });
    expect(await office.admin('GET', '/connect')).toMatchObject({ plain: true, trust: null });

    await office.admin('PUT', '/https', { only: true });
    await expect.poll(async () => (await lan()).qrSvg).not.toBe(before.qrSvg);
    expect(await lan()).toMatchObject({ plain: false, address: `https://127.0.0.2:${office.port}` });
    expect(await office.admin('GET', '/connect')).toMatchObject({
      plain: false,
      baseUrl: `https://127.0.0.2:${office.port}/v1`,
      trust: {
        caUrl: `http://127.0.0.2:${office.port}/.well-known/inglenook-ca.pem`,
        fingerprint: (await office.state()).authority?.certificate.fingerprint,
      },
    });
    const { url } = (await office.admin('POST', '/pairings', {})) as { url: string };
    expect(url).toMatch(
      new RegExp(
        `^https://127\\.0\\.0\\.2:\\d+/pair#t=[\\w-]{22}&f=${(await office.state()).authority?.pin}`,
      ),
    );
  });

  test('who pairs by https is told how to trust us, and who pairs by http is not', async () => {
    const office = await openOffice();
    for (const scheme of ['https', 'http'] as const) {
      const { ticket } = (await office.admin('POST', '/pairings', { autoApprove: true })) as {
        ticket: string;
      };
      const answer = await office.from(scheme, {
        method: 'POST',
        path: '/pair/redeem',
        body: { ticket, device: scheme },
      });
      const redeemed = JSON.parse(answer.text) as { baseUrl: string; plain: boolean; trust: object | null };
      expect(redeemed).toMatchObject({
        baseUrl: `${scheme}://${deskName}:${office.port}/v1`,
        plain: scheme === 'http',
      });
      expect(redeemed.trust === null).toBe(scheme === 'http');
    }
  });
});

describe.runIf(isLinux)('the console from another computer', () => {
  const visit = async (office: Office, scheme: 'http' | 'https', wish: Wish = {}) => {
    const { status, code, location } = await office.from(scheme, { path: '/api/session', ...wish });
    return [status, code ?? location];
  };

  test('is closed until the owner opens it, and then it is open by https alone', async () => {
    const office = await openOffice();
    for (const scheme of ['http', 'https'] as const) {
      expect(await visit(office, scheme)).toEqual([403, 'this_computer_only']);
      expect(await visit(office, scheme, { path: '/console/' })).toEqual([403, 'this_computer_only']);
      expect(await visit(office, scheme, { path: '/' })).toEqual([302, '/pair']);
    }
    await office.admin('PUT', '/settings/https.console', { value: true });
    expect(await visit(office, 'http')).toEqual([403, 'https_needed']);
    expect(await visit(office, 'http', { path: '/console/', headers: page })).toEqual([
      308,
      `https://${deskName}:${office.port}/console/`,
    ]);
    expect(await visit(office, 'http', { path: '/' })).toEqual([302, '/pair']);
    expect(await visit(office, 'https')).toEqual([200, undefined]);
    expect(await visit(office, 'https', { path: '/' })).toEqual([302, '/console/']);
  });

  test('while closed lets a token of a script try its luck by https, and nobody try the password', async () => {
    const office = await openOffice();
    const headers = { authorization: 'Bearer adm-ink_wrong' };
    expect(await visit(office, 'http', { path: '/api/keys', headers })).toEqual([403, 'this_computer_only']);
    expect(await visit(office, 'https', { path: '/api/keys', headers })).toEqual([401, 'not_signed_in']);
    expect(await visit(office, 'https', { path: '/console/', headers })).toEqual([403, 'this_computer_only']);
    for (const path of ['/api/session', '/api//session', '/api/setup', '/API/session']) {
      const wish = { method: 'POST', path, headers, body: { password: 'guess', token: 'x' } };
      expect(await visit(office, 'https', wish)).toEqual([403, 'this_computer_only']);
    }
  });

  test('stays closed under a public name, and to who comes by loopback through a tunnel', async () => {
    const office = await openOffice();
    await office.admin('PUT', '/https', { networkConsole: true, publicNames: ['AI.Example.com'] });
    for (const path of ['/api/session', '/console/', '/pair', '/pair/look']) {
      expect(await visit(office, 'http', { path, host: 'ai.example.com' })).toEqual([
        403,
        'not_from_outside',
      ]);
    }
    expect((await office.from('http', { path: '/v1/models', host: 'ai.example.com' })).status).toBe(401);
    expect((await office.from('http', { path: '/v1/models', host: 'other.example.com' })).status).toBe(421);
    const throughTunnel = (headers: Record<string, string>): Promise<number> =>
      new Promise((resolve, reject) => {
        const options = { host: '127.0.0.1', port: office.port, path: '/api/session', headers, agent: false };
        plainRequest(options, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        })
          .on('error', reject)
          .end();
      });
    expect(await throughTunnel({ host: '127.0.0.1' })).toBe(200);
    expect(await throughTunnel({ host: 'ai.example.com' })).toBe(403);
    expect(await throughTunnel({ host: 'localhost', 'x-forwarded-for': '203.0.113.9' })).toBe(403);
  });
});

describe.runIf(isLinux)('attack 70: another address', () => {
  test('is in the certificate within 15 s, without a restart, while a stream goes on', async () => {
    const time = createManualTime(Date.now());
    let address = '127.0.0.2';
    const office = await openOffice({ ...time, readNetwork: async () => networkWith(address) });
    const before = (await office.state()).leaf;
    const stream = await openStream(office);

    address = '127.0.0.4';
    time.advance(5_000);
    await expect.poll(async () => (await office.state()).leaf?.addresses).toContain('127.0.0.4');
    const after = await office.state();
    expect(after.leaf?.fingerprint).not.toBe(before?.fingerprint);
    expect(after.leaf?.addresses).not.toContain('127.0.0.2');
    await expect.poll(async () => met('127.0.0.4', office)).toBe(after.leaf?.fingerprint);
    expect(after.authority?.certificate.fingerprint).toBe(new X509Certificate(office.ca).fingerprint256);
    expect(await stream.rest()).toContain('data: [DONE]');
  });
});

/** An answer that comes by https on loopback, which no change of the network's takes away, and is under way. */
async function openStream(office: Office): Promise<{ readonly rest: () => Promise<string> }> {
  const { key } = (await office.admin('POST', '/keys', { name: 'streamer' })) as { key: string };
  return await new Promise((resolve, reject) => {
    const asked = secureRequest({
      host: '127.0.0.1',
      port: office.port,
      ca: office.ca,
      method: 'POST',
      path: '/v1/chat/completions',
      agent: false,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    });
    asked.on('error', reject);
    asked.on('response', (response) => {
      resolve({
        rest: async () => {
          let text = '';
          response.setEncoding('utf8');
          for await (const chunk of response) text += String(chunk);
          return text;
        },
      });
    });
    asked.end(
      JSON.stringify({ model: 'fake-model', stream: true, messages: [{ role: 'user', content: 'Hi' }] }),
    );
  });
}

/** The fingerprint that a new connection is shown. */
function met(host: string, { port, ca }: Office): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = secureRequest(
      { host, port, ca, path: '/healthz', agent: false, headers: { host } },
      (response) => {
        const { fingerprint256 } = (response.socket as import('node:tls').TLSSocket).getPeerCertificate();
        response.resume();
        resolve(fingerprint256);
      },
    );
    asked.on('error', reject);
    asked.end();
  });
}

describe('the admin API', () => {
  test('takes and gives back an own certificate, and never tells its key', async () => {
    const server = await startComposed();
    const handed = await handedOut();
    const pair = chained(handed);
    await expect(server.admin('PUT', '/https/certificate', pair)).rejects.toThrow(
      /400.*certificate_wrong_name/,
    );
    await server.admin('PUT', '/https', { publicNames: ['ai.office.example'] });
    const state = httpsState.parse(await server.admin('PUT', '/https/certificate', pair));
    expect(state.own).toMatchObject({ kind: 'pasted', problem: null, certificate: { subject: 'ai' } });
    expect(JSON.stringify(state)).not.toContain('PRIVATE');
    const audit = JSON.stringify(await server.admin('GET', '/audit'));
    expect(audit).toContain('https.certificate.set');
    expect(audit).not.toMatch(/PRIVATE|BEGIN/);
    expect(httpsState.parse(await server.admin('DELETE', '/https/certificate')).own).toBeNull();
  });

  test('has its authority in the backup, so that devices go on trusting the computer that it is restored on', async () => {
    const server = await startComposed();
    const before = httpsState.parse(await server.admin('GET', '/https'));
    const file = join(temporaryFolder(), 'office.age');
    const passphrase = 'a passphrase of some length';
    await server.admin('POST', '/backups', { file, passphrase });
    await server.stop(0);
    const dataDir = temporaryFolder();
    await prepareRestore(dataDir, { file, passphrase, nowMs: Date.now() });
    const restored = await startComposed({ dataDir });
    const after = httpsState.parse(await restored.admin('GET', '/https'));
    expect(after.authority?.certificate.fingerprint).toBe(before.authority?.certificate.fingerprint);
  });

  test('makes another authority', async () => {
    const server = await startComposed();
    const before = httpsState.parse(await server.admin('GET', '/https'));
    const after = httpsState.parse(await server.admin('POST', '/https/authority'));
    expect(after.authority?.certificate.fingerprint).not.toBe(before.authority?.certificate.fingerprint);
    expect(after.authority?.certificate.subject).not.toBe(before.authority?.certificate.subject);
  });

  test.each([
    ['publicNames', ['https://ai.example.com']],
    ['publicNames', ['192.168.1.1']],
    ['publicNames', ['*.example.com']],
    ['officeDomain', 'com'],
    ['officeDomain', 'exa mple.com'],
    ['only', 'yes'],
  ])('refuses %s %j', async (name, value) => {
    const server = await startComposed();
    await expect(server.admin('PUT', '/https', { [name]: value })).rejects.toThrow(/400/);
  });

  test('has settings by name for scripts', async () => {
    const server = await startComposed();
    await server.admin('PUT', '/settings/https.publicNames', { value: 'ai.example.com, b.example.com' });
    await server.admin('PUT', '/settings/https.officeDomain', { value: 'office.example' });
    expect(httpsState.parse(await server.admin('GET', '/https'))).toMatchObject({
      publicNames: ['ai.example.com', 'b.example.com'],
      officeDomain: 'office.example',
      authority: {
        permittedNames: expect.arrayContaining(['office.example']),
        notCovered: ['ai.example.com', 'b.example.com'],
      },
    });
    await expect(server.admin('PUT', '/settings/https.publicNames', { value: 'a b' })).rejects.toThrow(/400/);
  });

  test('keeps authority and certificate over a restart', async () => {
    const first = await startComposed();
    const before = httpsState.parse(await first.admin('GET', '/https'));
    await first.stop(0);
    const second = await startComposed({ dataDir: first.dataDir });
    const after = httpsState.parse(await second.admin('GET', '/https'));
    expect(after.authority?.certificate.fingerprint).toBe(before.authority?.certificate.fingerprint);
    expect(after.leaf?.fingerprint).toBe(before.leaf?.fingerprint);
  });
});
