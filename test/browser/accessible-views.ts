import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pairingList } from '../../server/wire/pairing.ts';
import { violations } from './axe.ts';
import { startFullConsole } from './full-console.ts';
import type { ConsoleUnderTest, ShowPage } from './harness.ts';
import { monthClockScript } from './month-of-requests.ts';

type Step = (page: Page, server: ConsoleUnderTest) => Promise<void>;
const click =
  (name: string): Step =>
  (page) =>
    page.getByRole('button', { name }).first().click();

const press =
  (key: string): Step =>
  (page) =>
    page.keyboard.press(key);

const findNoTool: Step = (page) => page.getByRole('searchbox').fill('emacs');

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
const invite: Step = async (page, server) => {
  for (const { id, state } of pairingList.parse(await server.admin('GET', '/pairings'))) {
    if (state === 'open') await server.admin('DELETE', `/pairings/${id}`);
  }
  await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('Anna');
  await page.keyboard.press('Enter');
  await page.getByText('Waiting for the device…').waitFor();
};

type View = {
  readonly name: string;
  readonly path: string;
  readonly signedIn?: boolean;
  readonly steps?: readonly Step[];
  /** The steps open no dialog. */
  readonly staysOnPage?: true;
};

/** Every page and every dialog, with how it is opened. */
const views: readonly View[] = [
  { name: 'sign-in', path: '/console/sign-in', signedIn: false },
  { name: 'set-up with a used link', path: '/console/setup#used', signedIn: false },
  { name: 'set-up, model', path: '/console/setup/model' },
  { name: 'set-up, office', path: '/console/setup/office' },
  { name: 'Home', path: '/console/' },
  { name: 'the palette', path: '/console/', steps: [press('Control+k')] },
  { name: 'the list of keys', path: '/console/', steps: [press('?')] },
  { name: 'Models', path: '/console/models' },
  { name: 'settings of a model', path: '/console/models', steps: [click('Settings of fake-model')] },
  { name: 'load a model anyway', path: '/console/models', steps: [click('Load anyway: broken-model')] },
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
  { name: 'restart the engine', path: '/console/models/engines', steps: [click('Restart engine')] },
  { name: 'settings of Ollama', path: '/console/models/engines', steps: [click('Settings')] },
  {
    name: 'add a server',
    path: '/console/models/engines',
    steps: [click('Add a server'), click('More options')],
  },
  { name: 'change a server', path: '/console/models/engines', steps: [click('Settings of gpu-box')] },
  { name: 'remove a server', path: '/console/models/engines', steps: [click('Remove gpu-box')] },
  { name: 'People', path: '/console/people' },
  { name: 'Let devices in', path: '/console/approve' },
  {
    name: 'add a person',
    path: '/console/people',
    steps: [click('Add a person'), click('More options'), openFolds],
  },
  { name: 'People, at their limit', path: '/console/people?state=atLimit' },
  { name: 'a ticket', path: '/console/people', steps: [click('Ticket for machines'), openFolds] },
  { name: 'revoke a ticket', path: '/console/people', steps: [click('Revoke the ticket Build machines')] },
  {
    name: 'replace a key',
    path: '/console/people',
    steps: [click('More for Guest'), click('Replace key…')],
  },
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
  { name: 'Playground', path: '/console/playground' },
  { name: 'Connect', path: '/console/connect' },
  { name: 'a guide', path: '/console/connect/continue' },
  { name: 'a guide with a new key', path: '/console/connect/cline', steps: [click('With a new key')] },
  { name: 'a guide that says no', path: '/console/connect/cursor' },
  { name: 'a tool that is not known', path: '/console/connect', steps: [findNoTool], staysOnPage: true },
  {
    name: 'the door to the internet',
    path: '/console/connect/cursor',
    steps: [click('Open the door')],
    staysOnPage: true,
  },
  // The rows of a day end above the phone's bar; those of a month would lie partly behind it, at any height.
  { name: 'Log', path: '/console/log?period=today' },
  { name: 'request details', path: '/console/log?period=today', steps: [click('show details')] },
  {
    name: 'details of a refused request',
    path: '/console/log?status=refused',
    steps: [click('show details')],
  },
  { name: 'Log, filtered to nothing', path: '/console/log?period=custom&status=cancelled&client=none' },
  { name: 'export requests', path: '/console/log?period=today', steps: [click('Export')] },
  { name: 'Live', path: '/console/usage/live?failure=busy' },
  { name: 'preferences', path: '/console/log?period=today', steps: [click('Theme, language, sign out')] },
  { name: 'Usage', path: '/console/usage?period=30d' },
  { name: 'Usage as tables', path: '/console/usage?period=30d&as=table' },
  { name: 'Usage by person', path: '/console/usage?period=30d&split=person' },
  { name: 'Usage by model as tables', path: '/console/usage?period=30d&split=model&as=table' },
  { name: 'Usage of one person', path: '/console/usage?period=30d&person=Mira+Vogt&client=continue' },
  { name: 'Usage of other days', path: '/console/usage?period=custom' },
  { name: 'Usage of an empty time', path: '/console/usage?period=custom&from=2026-01-01&to=2026-01-02' },
  { name: 'assumptions', path: '/console/usage', steps: [click('Assumptions')] },
  {
    name: 'prices and electricity',
    path: '/console/usage',
    steps: [click('Prices and electricity'), openFolds],
  },
  { name: 'export a time', path: '/console/usage', steps: [click('Export')] },
  { name: 'Settings, general', path: '/console/settings' },
  { name: 'Settings, routing', path: '/console/settings/routing' },
  { name: 'take the GPU back', path: '/console/', steps: [click('I need my GPU')] },
  { name: 'pause serving', path: '/console/', steps: [click('Pause serving')] },
  { name: 'Health', path: '/console/health' },
  { name: 'a report of the state', path: '/console/health', steps: [click('Copy report')] },
  { name: 'Settings, hours', path: '/console/settings/hours' },
  { name: 'Settings, privacy', path: '/console/settings/privacy' },
  {
    name: 'keep everybody’s prompts',
    path: '/console/settings/privacy',
    steps: [click('Keep everybody’s prompts')],
  },
  { name: 'how long', path: '/console/settings/privacy', steps: [click('Change how long is kept: Audit')] },
  { name: 'delete older data', path: '/console/settings/privacy', steps: [click('Delete older data now')] },
  { name: 'erase a person', path: '/console/settings/privacy', steps: [click('Erase everything')] },
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

/** Asks axe about every view on a screen like this, light and dark. */
export function examineEveryView(screen: BrowserContextOptions): void {
  let server: ConsoleUnderTest;
  let show: Readonly<Record<'owner' | 'stranger', ShowPage>>;
  beforeAll(async () => {
    server = await startFullConsole();
    const options = { ...screen, initScript: monthClockScript };
    show = {
      owner: await server.openToShow(options),
      stranger: await server.openToShow({ ...options, signedIn: false }),
    };
  });
  afterAll(() => server.stop());

  it.each(views)(
    '$name has no violation, light or dark',
    async ({ path, signedIn = true, steps = [], staysOnPage }) => {
      const page = await show[signedIn ? 'owner' : 'stranger'](path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await expect.poll(() => page.locator('[aria-busy=true]').count()).toBe(0);
      for (const step of steps) await step(page, server);
      if (steps.length > 0 && staysOnPage !== true) await page.locator('[role=dialog]').first().waitFor();
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
        expect(await violations(page), colorScheme).toEqual([]);
      }
      expect(await page.getByRole('heading', { level: 1, includeHidden: true }).count()).toBe(1);
    },
  );
}
