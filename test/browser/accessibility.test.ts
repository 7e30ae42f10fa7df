import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createdPairing, pairingList } from '../../server/wire/pairing.ts';
import { startFakeOllama, type FakeOllama } from '../fakes/fake-ollama.ts';
import { startFakeUpstream, type FakeUpstream } from '../fakes/fake-upstream.ts';
import { violations } from './axe.ts';
import { startConsole, type ConsoleUnderTest } from './harness.ts';
import { monthClock, monthClockScript, seedMonth } from './month-of-requests.ts';
import { canPlayOffice, networks, playNetwork } from './office-network.ts';

let server: ConsoleUnderTest;
let upstream: FakeUpstream;
let ollama: FakeOllama;
const network = playNetwork(canPlayOffice ? networks.many : networks.none);
beforeAll(async () => {
  upstream = await startFakeUpstream({ models: ['large-one', 'larger-one'] });
  ollama = await startFakeOllama({ pull: [{ status: 'pulling manifest' }] });
  server = await startConsole(
    { models: ['fake-model', 'broken-model', 'big-model'] },
    { ...network, clock: monthClock },
    { ollama: { host: ollama.address }, seed: seedMonth },
  );
  await server.admin('PUT', '/lan', { on: true });
  network.pass(60_000);
  const { key } = await server.createKey({ name: 'Anna’s laptop', person: 'Anna', models: ['fake-model'] });
  const guest = { name: 'Guest', team: 'Support', expiresAt: '2999-01-01T00:00:00Z' };
  await server.createKey({ ...guest, limits: { budgets: [{ unit: 'money', amount: 5, period: 'month' }] } });
  await server.admin('PUT', '/teams/Support', {
    limits: { budgets: [{ unit: 'tokens', amount: 1000, period: 'day' }] },
  });
  await (await server.chat(key)).text();
  await (await server.chat(key, { model: 'nobody-knows-this' })).text();
  await (await server.chat('sk-ink_wrong')).text();
  server.engine.show('broken-model', { state: 'failed', reason: 'The file is damaged. Copy it again.' });
  await server.admin('PUT', '/aliases/gpt-4o-mini', { model: 'not-there-yet', fallback: ['fake-model'] });
  await server.admin('PUT', '/aliases/careful', {
    model: 'fake-model',
    shares: ['fake-model', 'big-model'].map((model) => ({ model, weight: 1 })),
    settings: { temperature: 0.2, systemPrompt: 'Answer in one sentence.' },
  });
  await server.admin('POST', '/upstreams', { name: 'gpu-box', url: upstream.url, kind: 'vllm' });
  await server.admin('POST', '/upstreams', { name: 'broken-box', url: 'http://127.0.0.1:9/v1' });
  await server.admin('PATCH', '/ollama', { use: 'theirs' });
  // It ends at once, and says why.
  await server.admin('POST', '/ollama/pulls', { model: 'no-such-model' });
  await server.admin('PUT', '/exports/office-db', {
    kind: 'postgres',
    url: 'postgres://ink@127.0.0.1:9/office',
  });
  await server.admin('POST', '/exports/office-db/test');
  await server.admin('PUT', '/exports/traces', { kind: 'otlp', url: 'http://127.0.0.1:9' });
  await server.admin('PATCH', '/keys/Guest', { trace: true });
  await someoneAsks('Jonas');
  server.engine.show('big-model', { state: 'loading', progressPercent: 42, source: 'added', ...troubled });
});
afterAll(async () => {
  await server.stop();
  await Promise.all([upstream.close(), ollama.close()]);
});

/** Everything a model can have to say about itself. */
const troubled = {
  waitingFor: 'memory',
  memory: { estimatedBytes: 5_400_000_000, measuredBytes: null },
  attempts: [
    {
      backend: 'cuda',
      gpuShare: 1,
      slots: 4,
      contextTokens: 16_384,
      reason: 'The GPU’s memory was too small.',
      cause: 'cudaMalloc failed: out of memory',
    },
  ],
  crashes: 2,
  lastCrash: 'The engine broke off (SIGSEGV).',
} as const;

/** A device that waits for the owner's word: it is asked about on every page. */
async function someoneAsks(person: string): Promise<void> {
  const { ticket } = createdPairing.parse(await server.admin('POST', '/pairings', { person }));
  await fetch(`${server.url}/pair/redeem`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ticket, device: 'Firefox on Windows' }),
  });
}

type Step = (page: Page) => Promise<void>;
const click =
  (name: string): Step =>
  (page) =>
    page.getByRole('button', { name }).first().click();

/** Everything in the dialog that lies in a fold, with something in each list. */
const openFolds: Step = async (page) => {
  const dialog = page.getByRole('dialog');
  const closed = dialog.locator('button[aria-expanded=false]');
  while ((await closed.count()) > 0) await closed.first().click();
  for (const name of ['Add a budget', 'Limit a model', 'Add a label']) {
    for (const button of await dialog.getByRole('button', { name }).all()) await button.click();
  }
};

const chooseOfTeam =
  (item: string): Step =>
  async (page) => {
    await page.getByRole('button', { name: 'More for the team Support' }).click();
    await page.getByRole('button', { name: item }).click();
  };

/** Only five can be open, so the one before is taken back first. */
const invite: Step = async (page) => {
  for (const { id, state } of pairingList.parse(await server.admin('GET', '/pairings'))) {
    if (state === 'open') await server.admin('DELETE', `/pairings/${id}`);
  }
  await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('Anna');
  await page.keyboard.press('Enter');
  await page.getByText('Waiting for the device…').waitFor();
};

/** Every page and every dialog, with how it is opened. */
const views: readonly { name: string; path: string; signedIn?: boolean; steps?: readonly Step[] }[] = [
  { name: 'sign-in', path: '/console/sign-in', signedIn: false },
  { name: 'set-up with a used link', path: '/console/setup#used', signedIn: false },
  { name: 'Home', path: '/console/' },
  { name: 'Models', path: '/console/models' },
  { name: 'settings of a model', path: '/console/models', steps: [click('Settings of fake-model')] },
  { name: 'Get a model', path: '/console/models/get' },
  { name: 'add a file', path: '/console/models/get', steps: [click('Add a file')] },
  { name: 'Downloads', path: '/console/models/downloads' },
  { name: 'download settings', path: '/console/models/downloads', steps: [click('Download settings')] },
  { name: 'remove a model', path: '/console/models', steps: [click('Remove big-model')] },
  { name: 'Names', path: '/console/models/names' },
  {
    name: 'add a name',
    path: '/console/models/names',
    steps: [click('Add a name'), click('More options'), click('Add one that steps in')],
  },
  { name: 'change a name', path: '/console/models/names', steps: [click('Change gpt-4o-mini')] },
  {
    name: 'point an unknown name',
    path: '/console/models/names',
    steps: [click('Choose a model for nobody-knows')],
  },
  { name: 'remove a name', path: '/console/models/names', steps: [click('Remove gpt-4o-mini')] },
  { name: 'Other engines', path: '/console/models/engines' },
  { name: 'settings of Ollama', path: '/console/models/engines', steps: [click('Settings')] },
  {
    name: 'add a server',
    path: '/console/models/engines',
    steps: [click('Add a server'), click('More options')],
  },
  { name: 'change a server', path: '/console/models/engines', steps: [click('Settings of gpu-box')] },
  { name: 'remove a server', path: '/console/models/engines', steps: [click('Remove gpu-box')] },
  { name: 'People', path: '/console/people' },
  { name: 'add a person', path: '/console/people', steps: [click('Add a person'), click('More options')] },
  { name: 'an invitation', path: '/console/people', steps: [click('Add a person'), invite] },
  {
    name: 'create a key',
    path: '/console/people',
    steps: [click('Key for a script'), click('More options')],
  },
  {
    name: 'revoke a device',
    path: '/console/people',
    steps: [click('More for Guest'), click('Revoke key')],
  },
  { name: 'limits of a device', path: '/console/people', steps: [click('Limits of Guest'), openFolds] },
  { name: 'a team', path: '/console/people', steps: [click('Limits of the team Support'), openFolds] },
  { name: 'a new team', path: '/console/people', steps: [click('Add a team')] },
  { name: 'dissolve a team', path: '/console/people', steps: [chooseOfTeam('Dissolve team')] },
  { name: 'prices', path: '/console/people', steps: [click('Prices'), click('Price for a model')] },
  { name: 'Connect', path: '/console/connect' },
  { name: 'a guide', path: '/console/connect/continue' },
  { name: 'a guide with a new key', path: '/console/connect/cline', steps: [click('With a new key')] },
  { name: 'a guide that says no', path: '/console/connect/cursor' },
  { name: 'Log', path: '/console/log' },
  { name: 'request details', path: '/console/log', steps: [click('show details')] },
  { name: 'preferences', path: '/console/log', steps: [click('Theme, language, sign out')] },
  { name: 'Usage', path: '/console/usage?period=30d' },
  { name: 'Usage as tables', path: '/console/usage?period=30d&as=table' },
  { name: 'Usage of other days', path: '/console/usage?period=custom' },
  { name: 'Usage of an empty time', path: '/console/usage?period=custom&from=2026-01-01&to=2026-01-02' },
  { name: 'assumptions', path: '/console/usage', steps: [click('Assumptions')] },
  {
    name: 'prices and electricity',
    path: '/console/usage',
    steps: [click('Prices and electricity'), openFolds],
  },
  { name: 'export a time', path: '/console/usage', steps: [click('Export')] },
  { name: 'Settings, privacy', path: '/console/settings' },
  { name: 'keep everybody’s prompts', path: '/console/settings', steps: [click('Keep everybody’s prompts')] },
  { name: 'how long', path: '/console/settings', steps: [click('Change how long is kept: Audit')] },
  { name: 'delete older data', path: '/console/settings', steps: [click('Delete older data now')] },
  { name: 'erase a person', path: '/console/settings', steps: [click('Erase everything')] },
  { name: 'Settings, network', path: '/console/settings/network' },
  { name: 'limits of addresses', path: '/console/settings/network', steps: [click('Change the limits')] },
  { name: 'a certificate', path: '/console/settings/network', steps: [click('Give a certificate')] },
  {
    name: 'a new authority',
    path: '/console/settings/network',
    steps: [click('More options'), click('Make a new authority')],
  },
  { name: 'Settings, security', path: '/console/settings/security' },
  { name: 'a token for a script', path: '/console/settings/security', steps: [click('Make a token')] },
  { name: 'the second step', path: '/console/settings/security', steps: [click('Set up the second step')] },
  { name: 'Settings, backup', path: '/console/settings/backup' },
  { name: 'make a backup', path: '/console/settings/backup', steps: [click('Make a backup')] },
  { name: 'daily backup', path: '/console/settings/backup', steps: [click('Set it up')] },
  { name: 'Settings, exports', path: '/console/settings/exports' },
  { name: 'add an export', path: '/console/settings/exports', steps: [click('Add an export')] },
  { name: 'prompts of an export', path: '/console/settings/exports', steps: [click('Settings of traces')] },
  { name: 'Settings, audit', path: '/console/settings/audit' },
  { name: 'a row of the audit', path: '/console/settings/audit', steps: [click('show details')] },
  { name: 'nothing found', path: '/console/nothing-here' },
];

const screens = [
  { viewport: { width: 1440, height: 900 } },
  // Taller than a phone: what the bar at the bottom covers until one scrolls would count as too small to be hit.
  { viewport: { width: 390, height: 3200 }, hasTouch: true, isMobile: true },
] as const;

describe.each(screens)('at $viewport.width px', (screen) => {
  it.each(views)('$name has no violation, light or dark', async ({ path, signedIn = true, steps = [] }) => {
    const page = await server.open(path, { ...screen, signedIn, initScript: monthClockScript });
    await page.getByRole('heading', { level: 1 }).waitFor();
    await expect.poll(() => page.locator('[aria-busy=true]').count()).toBe(0);
    for (const step of steps) await step(page);
    if (steps.length > 0) await page.locator('[role=dialog]').first().waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
      expect(await violations(page), colorScheme).toEqual([]);
    }
    expect(await page.getByRole('heading', { level: 1, includeHidden: true }).count()).toBe(1);
  });
});

/** From the narrowest phone up, in the language with the longest words: nothing may run out of the page sideways. */
describe('in German', () => {
  const paths = [
    '/console/',
    '/console/models',
    '/console/models/get',
    '/console/models/downloads',
    '/console/models/names',
    '/console/models/engines',
    '/console/people',
    '/console/log',
    '/console/connect',
    '/console/connect/continue',
    '/console/usage?period=30d',
    '/console/usage?period=custom&as=table',
    '/console/settings',
    '/console/settings/network',
    '/console/settings/security',
    '/console/settings/backup',
    '/console/settings/exports',
    '/console/settings/audit',
  ];
  it.each(paths)('%s fits at 320, 700 and 1024 px', async (path) => {
    const page = await server.open(path, {
      viewport: { width: 320, height: 700 },
      locale: 'de-DE',
      initScript: monthClockScript,
    });
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.getByText('bittet um Einlass von').waitFor();
    await expect.poll(() => page.locator('[aria-busy=true]').count()).toBe(0);
    for (const width of [320, 700, 1024]) {
      await page.setViewportSize({ width, height: 700 });
      await expect.poll(() => page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    }
  });
});

it('gives fingers 44 pixels', async () => {
  const page = await server.open('/console/people', {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  const buttons = page.getByRole('button');
  await page
    .getByRole('button', { name: /^Limits of/ })
    .first()
    .waitFor();
  const sizes = await Promise.all((await buttons.all()).map((button) => button.boundingBox()));
  const links = await Promise.all((await page.locator('nav a').all()).map((link) => link.boundingBox()));
  expect(sizes.length).toBeGreaterThan(2);
  for (const size of [...sizes, ...links]) expect(size?.height).toBeGreaterThanOrEqual(44);
});
