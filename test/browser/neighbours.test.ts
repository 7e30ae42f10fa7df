import { afterAll, beforeAll, expect, it } from 'vitest';
import { startMdnsPeer } from '../fakes/mdns-peer.ts';
import { violations } from './axe.ts';
import { startConsole, type ConsoleUnderTest } from './harness.ts';
import { canPlayOffice, networks, playNetwork } from './office-network.ts';

let server: ConsoleUnderTest;
const network = playNetwork(canPlayOffice ? networks.wifi : networks.none);
beforeAll(async () => {
  server = await startConsole({}, network);
});
afterAll(() => server.stop());

it.runIf(canPlayOffice)(
  'another Inglenook on the network is offered, and added only with a key that its owner gives',
  async () => {
    const peer = await startMdnsPeer(5353, '127.0.0.2');
    const full = 'Inglenook on desk-2._http._tcp.local';
    // Nothing is sent to this address: the key is never typed in.
    peer.claim(['_inglenook._sub._http._tcp.local'], [{ name: '', type: 'PTR', ttl: 120, data: full }]);
    const said = setInterval(() => {
      // It listens for a while by the test's own time.
      network.pass(2_000);
      peer.say([
        { name: '_inglenook._sub._http._tcp.local', type: 'PTR', ttl: 120, data: full },
        { name: full, type: 'SRV', ttl: 120, data: { port: 11500, target: 'desk-2.local' } },
        { name: full, type: 'TXT', ttl: 120, data: ['api=/v1', 'id=12ab34cd', 'tls=0'] },
        { name: 'desk-2.local', type: 'A', ttl: 120, data: '192.168.7.30' },
      ]);
    }, 300);
    try {
      const page = await server.open('/console/models/engines');
      const row = page
        .getByRole('listitem')
        .filter({ has: page.getByRole('heading', { level: 3, name: 'Inglenook on desk-2' }) });
      await row.getByText('http://192.168.7.30:11500/v1').waitFor();
      await row.getByRole('button', { name: 'Add Inglenook on desk-2' }).click();
      const dialog = page.getByRole('dialog', { name: 'Add a server' });
      expect(await dialog.getByLabel('What answers there').inputValue()).toBe('inglenook');
      expect(await dialog.getByLabel('Address', { exact: true }).inputValue()).toBe(
        'http://192.168.7.30:11500/v1',
      );
      expect(await dialog.getByLabel('Name', { exact: true }).inputValue()).toBe('desk-2');
      await dialog.getByRole('button', { name: 'Add a server' }).click();
      await dialog.getByText('Another Inglenook answers with a key only.').waitFor();
      expect(await server.admin('GET', '/upstreams')).toEqual([]);
    } finally {
      clearInterval(said);
    }
  },
);

it('without a network the panel says so, and the rest of the page works', async () => {
  network.now = networks.none;
  const page = await server.open('/console/models/engines');
  await page.getByRole('region', { name: 'Inglenooks nearby' }).getByText('in no network').waitFor();
  await page.getByText('No other server yet.').waitFor();
});

for (const colorScheme of ['light', 'dark'] as const) {
  it(`has no accessibility violations, and says it in German (${colorScheme})`, async () => {
    network.now = networks.none;
    const page = await server.open('/console/models/engines', { colorScheme, locale: 'de-DE' });
    await page.getByText('Dieser Rechner ist gerade in keinem Netz.').waitFor();
    expect(await violations(page)).toEqual([]);
  });
}
