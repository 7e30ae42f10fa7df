import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ownerState, type OwnerState } from '../../server/wire/owner.ts';
import type { GraphicsFacts } from '../../server/core/graphics.ts';
import { violations } from './axe.ts';
import { startConsole, type ConsoleUnderTest } from './harness.ts';

const facts: GraphicsFacts = {
  platform: 'linux',
  backend: 'vulkan',
  supported: ['cuda', 'vulkan', 'cpu'],
  parts: ['cuda', 'vulkan', 'cpu'],
  devices: ['NVIDIA GeForce RTX 4090', 'NVIDIA RTX A4000'],
  memory: null,
  failures: [],
  nvidia: { tool: 'ok', driver: '535.183.01', cuda: '12.2', words: '' },
  cards: [
    {
      name: 'NVIDIA GeForce RTX 4090',
      vendor: 'nvidia',
      kernelDriver: 'nvidia',
      totalBytes: 24e9,
      freeBytes: 3e9,
      holders: [
        { pid: 4711, program: '/usr/bin/node', bytes: 6e9 },
        { pid: 815, program: '/opt/game/game.bin', bytes: 15e9 },
      ],
    },
    {
      name: 'NVIDIA RTX A4000',
      vendor: 'nvidia',
      kernelDriver: 'nvidia',
      totalBytes: 16e9,
      freeBytes: 16e9,
      holders: [],
    },
  ],
};

let server: ConsoleUnderTest;
beforeAll(async () => {
  const graphics = { facts, claims: [{ model: 'fake-model', pid: 4711, bytes: 6e9 }] };
  server = await startConsole({ graphics }, { inhibitor: null });
});
afterAll(() => server.stop());
afterEach(async () => {
  await server.admin('DELETE', '/pauses/gpu');
  await server.admin('DELETE', '/pauses/all');
});

const owner = async (): Promise<OwnerState> => ownerState.parse(await server.admin('GET', '/owner'));
const panel = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true });
/** In the card of the models: what is taken back is their memory. */
const ways = (page: Page): Locator =>
  panel(page, 'Models in memory').getByRole('group', { name: 'Your computer' });
const themes = ['light', 'dark'] as const;

describe('“I need my GPU” on Home', () => {
  it('takes the computer back for an hour, says how long yet, and gives it back at a click', async () => {
    const page = await server.open('/console/');
    await ways(page).getByRole('button', { name: 'I need my GPU' }).click();
    const dialog = page.getByRole('dialog', { name: 'I need my GPU' });
    await dialog.getByLabel('1 hour').waitFor();
    await dialog.getByRole('button', { name: 'I need my GPU' }).click();
    await dialog.waitFor({ state: 'detached' });
    const banner = page.getByRole('status').filter({ hasText: 'You have your GPU' });
    await banner.getByText(/\((59|60):\d\d left\)/).waitFor();
    expect((await owner()).pauses.gpu?.until).not.toBeNull();
    const { key } = await server.createKey({ name: 'desk' });
    expect((await server.chat(key)).status).toBe(503);

    await banner.getByRole('button', { name: 'Back now' }).click();
    await banner.waitFor({ state: 'detached' });
    expect((await server.chat(key)).status).toBe(200);
  });

  it('pauses for a time of the owner’s own, at once, and until it is ended', async () => {
    const page = await server.open('/console/');
    await ways(page).getByRole('button', { name: 'Pause serving' }).click();
    const dialog = page.getByRole('dialog', { name: 'Pause serving' });
    await dialog.getByLabel('Another time').check();
    await dialog.getByRole('textbox', { name: 'Minutes' }).fill('5');
    await dialog.getByRole('switch', { name: 'At once' }).click();
    await dialog.getByRole('button', { name: 'Pause serving' }).click();
    await page.getByText('Serving is paused: nobody is answered.').waitFor();
    const { since, until, drainUntil } = (await owner()).pauses.all ?? {};
    expect(Date.parse(until ?? '') - Date.parse(since ?? '')).toBe(300_000);
    expect(drainUntil).toBe(since);

    await ways(page).getByRole('button', { name: 'Change the pause' }).click();
    await dialog.getByLabel('Until I say so').check();
    await dialog.getByRole('button', { name: 'Pause serving' }).click();
    await page.getByText('Until you say so.').waitFor();
    expect((await owner()).pauses.all?.until).toBeNull();
  });

  it('shows what was taken back elsewhere, without a reload', async () => {
    const page = await server.open('/console/');
    await ways(page).waitFor();
    await server.admin('PUT', '/pauses/gpu', { seconds: 7200 });
    await page.getByText(/You have your GPU/).waitFor();
    await page.getByText(/\((1 h 59|2 h 00) min left\)/).waitFor();
    await server.admin('DELETE', '/pauses/gpu');
    await page.getByText(/You have your GPU/).waitFor({ state: 'detached' });
  });

  it.each(themes)(
    'has nothing for axe to find, nor has its dialog, in the %s theme, in German',
    async (colorScheme) => {
      await server.admin('PUT', '/pauses/gpu', { seconds: 1800 });
      await server.admin('PUT', '/pauses/all', {});
      const page = await server.open('/console/', { colorScheme, locale: 'de-DE' });
      await page.getByText('Sie haben Ihre GPU: Die Modelle dieses Rechners antworten niemandem.').waitFor();
      await page.getByRole('button', { name: 'Jetzt zurückgeben' }).waitFor();
      expect(await violations(page)).toEqual([]);
      await page.getByRole('button', { name: 'Ende für die GPU ändern' }).click();
      await page.getByRole('dialog').getByLabel('Eine andere Zeit').check();
      await page.getByRole('dialog').getByRole('textbox', { name: 'Minuten' }).waitFor();
      expect(await violations(page)).toEqual([]);
    },
  );
});

describe('office hours in the settings', () => {
  const path = '/console/settings/hours';

  it('are set day by day with two time fields each, breaks and the models to tick', async () => {
    const page = await server.open(path);
    const hours = panel(page, 'Office hours');
    const day = (name: string) => hours.getByRole('group', { name: new RegExp(`^${name}`) });
    const save = hours.getByRole('button', { name: 'Save office hours' });
    async function setDay(name: string, from: string, to: string): Promise<void> {
      await day(name).getByLabel('From').fill(from);
      await day(name).getByLabel('Until').fill(to);
    }
    await day('Monday').getByText('closed').waitFor();
    expect(await save.isDisabled()).toBe(true);
    await day('Monday').getByLabel('From').fill('00:00');
    await save.click();
    await day('Monday').getByText('Enter both times.').waitFor();
    await day('Monday').getByLabel('Until').fill('00:00');
    await hours.getByRole('button', { name: 'Tuesday to Friday like Monday' }).click();
    await setDay('Saturday', '00:00', '00:00');
    await day('Saturday').getByRole('button', { name: 'Add a break: Saturday' }).click();
    await day('Saturday').getByLabel('From').last().fill('12:00');
    await setDay('Sunday', '00:00', '00:00');
    await hours.getByRole('checkbox', { name: 'fake-model' }).check();
    await save.click();
    await hours.getByText('Open all the time.').waitFor();
    await hours.getByText('Loaded beforehand: fake-model.').waitFor();
    await hours.getByText('A server without the app cannot keep this computer awake here.').waitFor();
    expect(await server.admin('GET', '/settings/hours.week')).toMatchObject({
      value: 'Mon-Fri 00:00-24:00; Sat 00:00-12:00,12:00-24:00; Sun 00:00-24:00',
    });
    await page.reload();
    expect(await day('Saturday').getByLabel('Until').last().inputValue()).toBe('00:00');
    expect(await hours.getByRole('checkbox', { name: 'fake-model' }).isChecked()).toBe(true);
    expect(await save.isDisabled()).toBe(true);
    const remove = hours.getByRole('button', { name: /^Take time 1 away/ });
    for (let left = await hours.getByRole('button', { name: /^Take time/ }).count(); left > 0; left -= 1) {
      await remove.first().click();
    }
    await hours.getByRole('button', { name: /^Take time/ }).waitFor({ state: 'detached' });
    await save.click();
    await hours.getByText('Open all the time.').waitFor({ state: 'detached' });
    expect(await server.admin('GET', '/settings/hours.week')).toMatchObject({ value: null });
  });

  it.each(themes)('have nothing for axe to find in the %s theme, in German', async (colorScheme) => {
    const page = await server.open(path, { colorScheme, locale: 'de-DE' });
    await panel(page, 'Bürozeiten')
      .getByRole('group', { name: /^Montag/ })
      .waitFor();
    expect(await violations(page)).toEqual([]);
  });
});

describe('graphics cards beside the engines', () => {
  const path = '/console/models/engines';

  it('stand one by one with who holds their memory, and why nothing better', async () => {
    const page = await server.open(path);
    const cards = panel(page, 'Graphics cards');
    await cards.getByText(/Models are computed on the graphics cards by Vulkan/).waitFor();
    await cards.getByText(/NVIDIA’s driver 535.183.01 is too old: it runs CUDA 12.2/).waitFor();
    await cards.getByText(/Install NVIDIA’s current driver/).waitFor();
    await cards.getByText('fake-model (6.0 GB)').waitFor();
    await cards.getByText('15.0 GB (game.bin)').waitFor();
    expect(await cards.getByRole('heading', { level: 3 }).allInnerTexts()).toEqual(
      facts.cards.map(({ name }) => name),
    );
  });

  it.each(themes)('have nothing for axe to find in the %s theme, in German', async (colorScheme) => {
    const page = await server.open(path, { colorScheme, locale: 'de-DE' });
    await panel(page, 'Grafikkarten')
      .getByText(/ist zu alt/)
      .waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it('are on Health too', async () => {
    const page = await server.open('/console/health');
    await page.getByText(/NVIDIA’s driver 535.183.01 is too old/).waitFor();
  });
});
