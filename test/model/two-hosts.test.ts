import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { besideAvahi, canMakeHosts, makeTwoHosts, serverAddress, type TwoHosts } from '../fakes/two-hosts.ts';
import { readQr } from '../fakes/read-qr.ts';
import { temporaryDir } from './running-server.ts';

const root = new URL('../..', import.meta.url).pathname;
const port = 11500;

/** The real server in the one host, with the office let in. */
async function startOnHost(hosts: TwoHosts): Promise<{ lan: () => Record<string, unknown> }> {
  const dataDir = temporaryDir();
  const child = hosts.onServer(process.execPath, [join(root, 'server/main.ts')], {
    ...process.env,
    INGLENOOK_DATA_DIR: dataDir,
    INGLENOOK_PORT: String(port),
    INGLENOOK_LAN: '1',
  });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill();
    await exited;
  });
  await new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()));
  const token = readFileSync(join(dataDir, 'admin.token'), 'utf8').trim();
  const lan = (): Record<string, unknown> =>
    JSON.parse(
      hosts.runOnServer(
        'curl',
        '-s',
        '-H',
        `Authorization: Bearer ${token}`,
        `http://127.0.0.1:${port}/api/lan`,
      ),
    );
  return { lan };
}

// Needs Linux, root, iproute2 and avahi: `npm test` installs them on Debian as root. Elsewhere the same paths are
// tested on loopback, in test/unit/lan.
describe.runIf(canMakeHosts())('two hosts on one network', () => {
  test('the office address, not the VPN or the bridge; a request across; found by a real avahi', async () => {
    const hosts = makeTwoHosts();
    const { lan } = await startOnHost(hosts);
    expect(lan()).toMatchObject({ phase: 'waiting', address: `http://${serverAddress}:${port}` });

    expect(readQr(String(lan()['qrSvg']))).toBe(`http://${serverAddress}:${port}`);

    const health = hosts.runOnTeammate('curl', '-s', `http://${serverAddress}:${port}/healthz`);
    expect(JSON.parse(health)).toMatchObject({ product: 'inglenook' });
    expect(lan()).toMatchObject({ phase: 'reached', reachedFrom: '10.77.0.2' });

    for (const path of ['/console/', '/api/status', '/api/keys']) {
      const answer = hosts.runOnTeammate('curl', '-s', '-i', `http://${serverAddress}:${port}${path}`);
      expect([path, answer.split(' ')[1]]).toEqual([path, '403']);
    }
    const browsed = hosts.runOnTeammate(
      ...besideAvahi(
        'timeout 6 avahi-browse -rtp _inglenook._sub._http._tcp; timeout 6 avahi-browse -rtp _openai._sub._http._tcp; timeout 6 avahi-resolve -n inglenook.local',
      ),
    );
    const found = browsed.split('\n').filter((line) => line.startsWith('='));
    expect(found).toHaveLength(2);
    for (const line of found) expect(line).toContain(`;inglenook.local;${serverAddress};${port};`);
    expect(browsed).toMatch(new RegExp(`inglenook\\.local\\s+${serverAddress.replaceAll('.', '\\.')}`));
    expect(browsed).not.toContain('172.17.0.1');
  });

  test('another address from the router is followed, and the old one is remembered', async () => {
    const hosts = makeTwoHosts();
    const { lan } = await startOnHost(hosts);
    hosts.moveServer('10.77.0.9');
    await vi.waitFor(
      () =>
        expect(lan()).toMatchObject({
          address: `http://10.77.0.9:${port}`,
          previousAddress: `http://${serverAddress}:${port}`,
        }),
      { timeout: 20_000, interval: 500 },
    );
    const health = hosts.runOnTeammate('curl', '-s', `http://10.77.0.9:${port}/healthz`);
    expect(JSON.parse(health)).toMatchObject({ status: 'ok' });
  });
});
