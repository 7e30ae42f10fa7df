import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { DoctorFindings } from '../../server/wire/doctor.ts';
import { makeTwoHosts, serverAddress, whyNoHosts, type Shell, type TwoHosts } from '../fakes/two-hosts.ts';
import { readQr } from '../fakes/read-qr.ts';
import { temporaryDir } from './running-server.ts';

const root = new URL('../..', import.meta.url).pathname;
const port = 11500;
/** What the issue promises for a change of the network. */
const within = { timeout: 15_000, interval: 500 };

type OnHost = {
  readonly lan: () => Record<string, unknown>;
  readonly api: (path: string) => unknown;
  /** SIGTERM, as npm start passes it on. */
  readonly stop: () => Promise<void>;
};

/** The real server in the one host, with the office let in. */
async function startOnHost(hosts: TwoHosts): Promise<OnHost> {
  const dataDir = temporaryDir();
  const child = hosts.onServer(process.execPath, [join(root, 'server/main.ts')], {
    ...process.env,
    INGLENOOK_DATA_DIR: dataDir,
    INGLENOOK_PORT: String(port),
    INGLENOOK_LAN: '1',
  });
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    if (child.exitCode === null) child.kill();
    await exited;
  };
  onTestFinished(stop);
  let errors = '';
  child.stderr?.on('data', (bytes: Buffer) => (errors += bytes.toString()));
  await Promise.race([
    once(child.stdout!, 'data'),
    exited.then(() => Promise.reject(new Error(`it ended: ${errors}`))),
  ]);
  const token = readFileSync(join(dataDir, 'admin.token'), 'utf8').trim();
  const api = (path: string): unknown =>
    JSON.parse(
      hosts.runOnServer(
        'curl',
        '-s',
        '-H',
        `Authorization: Bearer ${token}`,
        `http://127.0.0.1:${port}/api${path}`,
      ),
    );
  return { api, lan: () => api('/lan') as Record<string, unknown>, stop };
}

async function announced(server: OnHost): Promise<void> {
  await vi.waitFor(() => expect(server.lan()).toMatchObject({ mdnsName: expect.any(String) }), within);
}

/** What avahi-resolve tells of a name, from the teammate's computer. */
async function resolved(avahi: Shell, name: string): Promise<string> {
  return (await avahi.run(`timeout 3 avahi-resolve -n ${name}`)).split(/\s+/u)[1] ?? '';
}

function askByHttps(hosts: TwoHosts, authority: string, address: string): string {
  return hosts.runOnTeammate('curl', '-s', '--cacert', authority, `https://${address}:${port}/healthz`);
}

function doctorOf(server: OnHost, id: string): unknown {
  return (server.api('/doctor') as DoctorFindings).checks.find((check) => check.id === id);
}

// Needs Linux, root, iproute2 and avahi: `npm test` installs them on Debian as root. Elsewhere the same paths are
// tested on loopback, in test/unit/lan.
const missing = whyNoHosts();
describe.skipIf(missing !== null)(
  `two hosts on one network${missing === null ? '' : ` (NOT RUN: ${missing})`}`,
  () => {
    test('attack 72: the office address, not the VPN or the bridge; a request across; found by a real avahi', async () => {
      const hosts = makeTwoHosts();
      const server = await startOnHost(hosts);
      expect(server.lan()).toMatchObject({ phase: 'waiting', address: `http://${serverAddress}:${port}` });

      expect(readQr(String(server.lan()['qrSvg']))).toBe(`http://${serverAddress}:${port}`);

      const health = hosts.runOnTeammate('curl', '-s', `http://${serverAddress}:${port}/healthz`);
      expect(JSON.parse(health)).toMatchObject({ product: 'inglenook' });
      expect(server.lan()).toMatchObject({ phase: 'reached', reachedFrom: '10.77.0.2' });

      for (const path of ['/console/', '/api/status', '/api/keys']) {
        const answer = hosts.runOnTeammate('curl', '-s', '-i', `http://${serverAddress}:${port}${path}`);
        expect([path, answer.split(' ')[1]]).toEqual([path, '403']);
      }
      const avahi = hosts.avahiOnTeammate();
      await announced(server);
      for (const subtype of ['_inglenook', '_openai']) {
        const browsed = await avahi.run(`timeout 8 avahi-browse -rtp ${subtype}._sub._http._tcp`);
        const found = browsed.split('\n').filter((line) => line.startsWith('='));
        expect(found).toHaveLength(1);
        expect(found[0]).toContain(`;inglenook.local;${serverAddress};${port};`);
        for (const word of ['txtvers=1', 'path=/', 'api=/v1', 'tls=', 'id='])
          expect(found[0]).toContain(word);
        expect(browsed).not.toContain('172.17.0.1');
      }
      expect(await resolved(avahi, 'inglenook.local')).toBe(serverAddress);
      expect(doctorOf(server, 'mdns')).toMatchObject({
        state: 'ok',
        sentence: expect.stringContaining(`inglenook.local leads to ${serverAddress}`),
      });
      expect(doctorOf(server, 'last-request')).toMatchObject({
        state: 'ok',
        sentence: expect.stringContaining('10.77.0.2'),
      });
      // By the name, as a teammate's tool would: their resolver is told what avahi has found.
      const byName = hosts.runOnTeammate(
        'curl',
        '-s',
        '--resolve',
        `inglenook.local:${port}:${serverAddress}`,
        `http://inglenook.local:${port}/healthz`,
      );
      expect(JSON.parse(byName)).toMatchObject({ status: 'ok' });
    });

    test('attack 70: another address from the router is followed within 15 s, and the old one is remembered', async () => {
      const hosts = makeTwoHosts();
      const server = await startOnHost(hosts);
      const avahi = hosts.avahiOnTeammate();
      await announced(server);
      expect(await resolved(avahi, 'inglenook.local')).toBe(serverAddress);

      const authority = join(temporaryDir(), 'inglenook-ca.pem');
      hosts.runOnTeammate(
        'curl',
        '-s',
        '-o',
        authority,
        `http://${serverAddress}:${port}/.well-known/inglenook-ca.pem`,
      );
      expect(JSON.parse(askByHttps(hosts, authority, serverAddress))).toMatchObject({ status: 'ok' });

      hosts.moveServer('10.77.0.9');
      // What others remember of the old address is replaced, not outlived: its time to live is two minutes.
      await vi.waitFor(
        async () => expect(await resolved(avahi, 'inglenook.local')).toBe('10.77.0.9'),
        within,
      );
      expect(server.lan()).toMatchObject({
        address: `http://10.77.0.9:${port}`,
        previousAddress: `http://${serverAddress}:${port}`,
        mdnsName: 'inglenook.local',
      });
      const browsed = await avahi.run('timeout 8 avahi-browse -rtp _inglenook._sub._http._tcp');
      expect(browsed).toContain(`;inglenook.local;10.77.0.9;${port};`);
      expect(doctorOf(server, 'address')).toMatchObject({
        state: 'warn',
        sentence: expect.stringContaining(`from ${serverAddress} to 10.77.0.9`),
      });
      // The certificate names the new address, and whoever trusted the authority before trusts it on.
      await vi.waitFor(
        () => expect(JSON.parse(askByHttps(hosts, authority, '10.77.0.9'))).toMatchObject({ status: 'ok' }),
        within,
      );
      expect(doctorOf(server, 'certificate')).toMatchObject({ state: 'ok' });
      const health = hosts.runOnTeammate('curl', '-s', `http://10.77.0.9:${port}/healthz`);
      expect(JSON.parse(health)).toMatchObject({ status: 'ok' });
    });

    test('attack 72: the cable out and in again; goodbye at the end', async () => {
      const hosts = makeTwoHosts();
      const server = await startOnHost(hosts);
      const avahi = hosts.avahiOnTeammate();
      await announced(server);
      hosts.setCable('out');
      await vi.waitFor(
        () => expect(server.lan()).toMatchObject({ phase: 'no-network', mdnsName: null }),
        within,
      );
      hosts.setCable('in');
      await vi.waitFor(() => expect(server.lan()).toMatchObject({ mdnsName: 'inglenook.local' }), within);
      // The teammate's own card was without a line too.
      await vi.waitFor(
        async () => expect(await resolved(avahi, 'inglenook.local')).toBe(serverAddress),
        within,
      );

      await avahi.run('avahi-browse -p _inglenook._sub._http._tcp > /run/events 2>&1 &');
      await vi.waitFor(async () => expect(await avahi.run('cat /run/events')).toContain('+;'), within);
      await server.stop();
      await vi.waitFor(async () => expect(await avahi.run('cat /run/events')).toContain('-;'), within);
      expect(await resolved(avahi, 'inglenook.local')).toBe('');
      await avahi.run('kill %1');
    });

    test('attack 72: both names taken by somebody before: two others are found, and lead to us', async () => {
      const hosts = makeTwoHosts();
      const avahi = hosts.avahiOnTeammate();
      const instance = `Inglenook on ${hostname().split('.')[0]}`;
      await avahi.run('avahi-publish -a -R inglenook.local 10.77.0.2 > /run/address 2>&1 &');
      await avahi.run(`avahi-publish -s '${instance}' _http._tcp 80 > /run/service 2>&1 &`);
      for (const file of ['address', 'service']) {
        await vi.waitFor(
          async () => expect(await avahi.run(`cat /run/${file}`)).toMatch(/^Established/mu),
          within,
        );
      }
      const server = await startOnHost(hosts);
      await vi.waitFor(() => expect(server.lan()).toMatchObject({ mdnsName: 'inglenook-2.local' }), within);
      expect(await resolved(avahi, 'inglenook-2.local')).toBe(serverAddress);
      expect(await resolved(avahi, 'inglenook.local')).toBe('10.77.0.2');
      const browsed = await avahi.run('timeout 8 avahi-browse -rtp _inglenook._sub._http._tcp');
      expect(browsed).toContain(';inglenook-2.local;');
      expect(browsed.replaceAll('\\032', ' ').replaceAll('\\040', '(').replaceAll('\\041', ')')).toContain(
        `${instance} (2)`,
      );
      await avahi.run('kill %1 %2');
    });

    test('a model server without a key beside it is a side door; one on loopback is none', async () => {
      const hosts = makeTwoHosts();
      const server = await startOnHost(hosts);
      expect(doctorOf(server, 'side-doors')).toMatchObject({ state: 'ok' });
      for (const [bind, state] of [
        ['127.0.0.1', 'ok'],
        ['0.0.0.0', 'bad'],
      ] as const) {
        const door = hosts.onServer(
          process.execPath,
          [
            '-e',
            `require('http').createServer((q, r) => r.end('{"models":[]}')).listen(11434, '${bind}', () => console.log('open'))`,
          ],
          process.env,
        );
        const closed = once(door, 'close');
        await once(door.stdout!, 'data');
        expect([bind, doctorOf(server, 'side-doors')]).toEqual([bind, expect.objectContaining({ state })]);
        if (state === 'bad') {
          expect(doctorOf(server, 'side-doors')).toMatchObject({
            sentence: expect.stringContaining(`Ollama (${serverAddress}:11434)`),
          });
        }
        door.kill();
        await closed;
      }
    });

    test('another Inglenook on the network is offered as an upstream', async () => {
      const hosts = makeTwoHosts();
      const avahi = hosts.avahiOnTeammate();
      await avahi.run(
        "avahi-publish -s 'Inglenook on desk-2' --subtype=_inglenook._sub._http._tcp _http._tcp 11500 txtvers=1 api=/v1 tls=0 id=12ab34cd > /run/service 2>&1 &",
      );
      const server = await startOnHost(hosts);
      await vi.waitFor(
        () =>
          expect(server.api('/neighbours')).toMatchObject({
            neighbours: [{ name: 'Inglenook on desk-2', url: 'http://10.77.0.2:11500/v1', upstream: null }],
            problem: null,
          }),
        { ...within, interval: 1_000 },
      );
      await avahi.run('kill %1');
    });
  },
);
