import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import type { GraphicsFacts } from '../../server/core/graphics.ts';
import { violations } from './axe.ts';
import { ownersPassword, startConsole, type ConsoleUnderTest } from './harness.ts';
import { canPlayOffice, networks, playNetwork } from './office-network.ts';

const pathOf = (link: string): string => new URL(link).pathname + new URL(link).hash;
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name });
const settingValue = async (server: ConsoleUnderTest, name: string): Promise<unknown> =>
  z.object({ value: z.unknown() }).parse(await server.admin('GET', `/settings/${name}`)).value;

async function startNew(...args: Parameters<typeof startConsole>): Promise<ConsoleUnderTest> {
  const server = await startConsole(...args);
  onTestFinished(() => server.stop());
  return server;
}

describe.runIf(canPlayOffice)('the first run', () => {
  it('is three screens: owner, model, office; without internet nothing is missing but a calm line', async () => {
    const server = await startNew({}, playNetwork(networks.wifi));
    const page = await server.open(pathOf(server.setupLink), { signedIn: false });
    await heading(page, 'Set up Inglenook').waitFor();
    expect(await page.getByRole('list', { name: 'Steps of the set-up' }).innerText()).toMatch(
      /1\s*You\s*2\s*Model\s*3\s*Office/,
    );
    await page.getByLabel('Name of your office').fill('Meyer Architects');
    const password = page.getByLabel('New password');
    await password.fill('passwordpassword');
    await page.getByText('easy to guess').waitFor();
    await password.fill(ownersPassword);
    await page.getByText('Good.', { exact: true }).waitFor();
    await page.keyboard.press('Enter');

    await heading(page, 'What this computer can do').waitFor();
    // The token is in no address any more.
    expect(page.url()).toBe(`${server.url}/console/setup/model`);
    await page
      .getByText('never goes online, as you have set it. Everything here works without it.')
      .waitFor();
    await page.getByText('Hello from the fake.').waitFor();
    await page.getByText('test model, not for work').waitFor();
    await page.getByText('16.0 GB of memory are free and no graphics card can be used').waitFor();
    // A reload stays where one was.
    await page.reload();
    await heading(page, 'What this computer can do').waitFor();
    await page.getByRole('button', { name: 'Continue' }).click();

    await heading(page, 'Let your office in').waitFor();
    await page.getByText('If a firewall is on').waitFor();
    await page.getByRole('switch', { name: 'Let my office in' }).press('Space');
    await page.getByText('Waiting for the first request from another device').waitFor();
    expect(await page.getByLabel('Address in the office', { exact: true }).inputValue()).toMatch(
      /^http:\/\/127\.0\.0\.2:\d+$/,
    );
    await page.getByRole('link', { name: 'Finish and open Home' }).click();
    await heading(page, 'Home').waitFor();
    expect(await settingValue(server, 'office.name')).toBe('Meyer Architects');
    expect(await settingValue(server, 'setup.stage')).toBe('begun');
    const list = page.getByRole('region', { name: 'What is left of the set-up' });
    await expect.poll(() => list.getByText('The office is let in (done)').count()).toBe(1);
    await list.getByText('Somebody is invited (to do)').waitFor();
  });

  it('can be left after the first screen, and Home’s list leads back to each later step', async () => {
    const server = await startNew({}, playNetwork(networks.wifi));
    const page = await server.open(pathOf(server.setupLink), { signedIn: false });
    await page.getByLabel('New password').fill(ownersPassword);
    await page.getByRole('button', { name: 'Set password and open the console' }).click();
    await heading(page, 'Home').waitFor();
    await page.getByRole('link', { name: 'Choose a model' }).click();
    await heading(page, 'What this computer can do').waitFor();
    await page.getByRole('link', { name: 'Do the rest later' }).click();
    await page.getByRole('link', { name: 'To the switch' }).click();
    await heading(page, 'Let your office in').waitFor();
    await page.getByRole('link', { name: 'Back' }).click();
    await heading(page, 'What this computer can do').waitFor();
    await page.goto(`${server.url}/console/`);
    await page.getByRole('button', { name: 'Hide this list' }).click();
    await page.getByText('What is left of the set-up').waitFor({ state: 'detached' });
    await page.reload();
    await heading(page, 'Home').waitFor();
    await page.getByText('No request has failed in the last 7 days.').waitFor();
    expect(await page.getByText('What is left of the set-up').count()).toBe(0);
  });

  it('says which port is free where another program has ours, and takes it', async () => {
    const network = playNetwork(networks.wifi);
    const server = await startNew({}, network);
    const page = await server.open('/console/setup/office');
    const other = createServer();
    const { port } = new URL(server.url);
    await new Promise<void>((resolve) => void other.listen(Number(port), '127.0.0.2', resolve));
    onTestFinished(() => void other.close());
    await page.getByRole('switch', { name: 'Let my office in' }).press('Space');
    await page.getByText(`Another program on this computer has port ${port}`).waitFor();
    await page.getByRole('button', { name: /^Use port \d+$/ }).click();
    await page.getByText('Waiting for the first request from another device').waitFor();
    const address = await page.getByLabel('Address in the office', { exact: true }).inputValue();
    expect(Number(new URL(address).port)).toBeGreaterThan(Number(port));
    expect((await fetch(`${address}/healthz`)).status).toBe(200);
  });
});

describe('a model for real work', () => {
  let server: ConsoleUnderTest;
  beforeAll(async () => {
    server = await startConsole({ machine: { freeBytes: 32e9, gpuFreeBytes: null } });
  });
  afterAll(() => server.stop());

  it('is offered with size and time, and its download begins behind “Continue”, unless one takes the tick away', async () => {
    const page = await server.open('/console/setup/model', { expectedErrors: /507/ });
    const wishes: unknown[] = [];
    // From here on there is an internet: the harness never lets one in.
    await page.route('**/api/internet', (route) =>
      route.fulfill({ json: { state: 'reachable', source: 'https://hub.invalid', isForced: false } }),
    );
    await page.route('**/api/downloads', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      wishes.push(route.request().postDataJSON());
      const error = { message: 'The disk is full.', type: 'x', param: null, code: 'no_space' };
      return route.fulfill({ status: 507, json: { error } });
    });
    await page.reload();
    const wish = page.getByRole('checkbox', { name: /^Download .+ in the background$/ });
    await wish.waitFor();
    await page.getByText(/^\d+\.\d GB, about \d+ min on a line of 100 Mbit\/s\. By/).waitFor();
    await page.getByRole('button', { name: 'Continue' }).click();
    // What goes wrong holds nobody up.
    await page.getByText('The disk is full.', { exact: true }).waitFor();
    expect(wishes).toEqual([{ uri: expect.stringMatching(/^hf:/), forOffice: true }]);
    await wish.uncheck();
    await page.getByRole('button', { name: 'Continue' }).click();
    await heading(page, 'Let your office in').waitFor();
    expect(wishes).toHaveLength(1);
  });

  it('is not held up by a network without a way out, and asks again when told to', async () => {
    const page = await server.open('/console/setup/model');
    let state = 'unreachable';
    await page.route('**/api/internet', (route) =>
      route.fulfill({ json: { state, source: 'https://hub.invalid', isForced: false } }),
    );
    await page.reload();
    await page.getByText('No internet. Everything here works without it.').waitFor();
    for (const name of ['Use a model from', 'Let another server', 'Name a mirror']) {
      await page.getByRole('link', { name: new RegExp(name) }).waitFor();
    }
    state = 'reachable';
    await page.getByRole('button', { name: 'Check again' }).click();
    await page.getByRole('checkbox', { name: /^Download/ }).waitFor();
  });
});

describe('a backup in place of a first set-up', () => {
  it('is checked, put in place by a restart, and its password signs in', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'inglenook-wizard-'));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    const file = join(dir, 'office.age');
    const passphrase = 'a passphrase nobody guesses';
    const old = await startNew();
    await old.open('/console/');
    await old.admin('POST', '/keys', { name: 'Anna’s laptop' });
    await old.admin('POST', '/backups', { file, passphrase });

    const server = await startNew();
    const page = await server.open(pathOf(server.setupLink), { signedIn: false, expectedErrors: /400|ERR_/ });
    await page.getByRole('button', { name: 'Restore from a backup' }).click();
    await heading(page, 'Restore from a backup').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Restore this backup' }).click();
    await page.getByText('Choose the backup file, or enter its path.').waitFor();
    await page.getByRole('button', { name: 'More options' }).click();
    await page.getByLabel('Backup file').fill(file);
    await page.getByLabel('Passphrase of the backup').fill('another passphrase');
    await page.getByRole('button', { name: 'Restore this backup' }).click();
    await page.getByText('The passphrase is not the one this backup was made with.').waitFor();
    await page.getByLabel('Passphrase of the backup').fill(passphrase);
    await page.getByRole('button', { name: 'Restore this backup' }).click();
    // This server has nobody who could start it again, which is said with what to do.
    await page.getByText('Start Inglenook again by hand now').waitFor();
    await page.getByText(/^office\.age, made on .+ at /).waitFor();
  });

  it('goes on by itself where the server starts again: the page waits and then leads to signing in', async () => {
    const server = await startNew();
    const page = await server.open(pathOf(server.setupLink), {
      signedIn: false,
      expectedErrors: /ERR_FAILED/,
    });
    let isBack = false;
    const madeAt = new Date().toISOString();
    const prepared = {
      file: 'a.age',
      madeAt,
      version: '0.1.0',
      computer: 'desk-1',
      preparedAt: madeAt,
      keepIn: 'x',
      contents: null,
    };
    await page.route('**/api/setup/restore', (route) =>
      route.fulfill({ json: { prepared, restarts: true } }),
    );
    await page.getByRole('button', { name: 'Restore from a backup' }).click();
    await page.getByRole('button', { name: 'More options' }).click();
    await page.getByLabel('Backup file').fill('/media/a.age');
    await page.getByLabel('Passphrase of the backup').fill('a passphrase nobody guesses');
    await page.route('**/api/session', (route) =>
      isBack
        ? route.fulfill({ json: { signedIn: false, needsSetup: false, csrfToken: null, via: null } })
        : route.abort(),
    );
    await page.getByRole('button', { name: 'Restore this backup' }).click();
    await page.getByText('Inglenook starts again with it').waitFor();
    await page.getByRole('progressbar', { name: 'Starting again' }).waitFor();
    isBack = true;
    await page.getByText('Sign in with the password that held when it was made.').waitFor();
    await page.getByRole('link', { name: 'Go to sign-in' }).click();
    await heading(page, 'Sign in').waitFor();
  });
});

describe('an installer that is not the best for this computer', () => {
  const facts: GraphicsFacts = {
    platform: 'linux',
    backend: 'vulkan',
    supported: ['vulkan', 'cpu'],
    parts: ['vulkan', 'cpu'],
    devices: ['NVIDIA RTX A4000'],
    memory: null,
    failures: [],
    nvidia: { tool: 'ok', driver: '570.1', cuda: '12.8', words: '' },
    cards: [
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
  const none: GraphicsFacts = {
    ...facts,
    backend: 'cpu',
    supported: ['cpu'],
    parts: ['cuda', 'vulkan', 'cpu'],
    devices: [],
    nvidia: { tool: 'missing', driver: null, cuda: null, words: '' },
    cards: [],
  };

  it.each([
    ['standard', facts, 'This is the Standard edition, which has no CUDA', 'Install the CUDA edition'],
    ['cuda', none, 'This is the CUDA edition, and no NVIDIA card was found.', 'take the Standard edition'],
  ] as const)('says so at the first start and on Health: %s', async (edition, found, sentence, fix) => {
    const server = await startConsole({ graphics: { facts: found, claims: [] } }, {}, { edition });
    onTestFinished(() => server.stop());
    const page = await server.open('/console/setup/model');
    await page.getByText(sentence).waitFor();
    await page.getByText(fix).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.goto(`${server.url}/console/health`);
    const row = page.getByRole('listitem').filter({ hasText: sentence });
    await row.getByText(sentence).waitFor();
    // Where nothing has to be done, what could be done is in the fold.
    if (edition === 'cuda') await row.getByRole('button', { name: 'What we looked at' }).click();
    await row.getByText(fix).waitFor();
  });

  it('says nothing where it is the right one', async () => {
    const server = await startConsole({ graphics: { facts: none, claims: [] } }, {}, { edition: 'standard' });
    onTestFinished(() => server.stop());
    const page = await server.open('/console/setup/model');
    await page.getByText('Hello from the fake.').waitFor();
    expect(await page.getByText('edition').count()).toBe(0);
  });
});

describe('the first screen', () => {
  let server: ConsoleUnderTest;
  beforeAll(async () => {
    server = await startConsole();
  });
  afterAll(() => server.stop());

  it.each([
    { width: 1440, height: 900 },
    { width: 390, height: 844 },
  ])('has no violation at $width px, in both themes', async (viewport) => {
    const page = await server.open(pathOf(server.setupLink), { signedIn: false, viewport });
    await page.getByLabel('New password').fill('summer holidays');
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
      expect(await violations(page), colorScheme).toEqual([]);
    }
  });

  it('fits at 320 px in German, and speaks the other language at once', async () => {
    const page = await server.open(pathOf(server.setupLink), {
      signedIn: false,
      locale: 'de-DE',
      viewport: { width: 320, height: 700 },
    });
    await heading(page, 'Inglenook einrichten').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    await page.getByText('English', { exact: true }).click();
    await heading(page, 'Set up Inglenook').waitFor();
  });

  it.each(['/console/setup/model', '/console/setup/office'])(
    '%s fits at 320, 700 and 1024 px in German',
    async (path) => {
      const page = await server.open(path, { viewport: { width: 320, height: 700 }, locale: 'de-DE' });
      await page.getByRole('heading', { level: 1 }).waitFor();
      await expect.poll(() => page.locator('[aria-busy=true]').count()).toBe(0);
      for (const width of [320, 700, 1024]) {
        await page.setViewportSize({ width, height: 700 });
        await expect.poll(() => page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      }
    },
  );
});
