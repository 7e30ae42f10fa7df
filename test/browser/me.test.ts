import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { CreatedKey } from '../../server/wire/admin.ts';
import { lanState } from '../../server/wire/lan.ts';
import { createAbleModel } from '../fakes/able-model.ts';
import { startComposed, type ComposedServer } from '../fakes/composed.ts';
import { checked } from '../unit/checks/checked.ts';
import { violations } from './axe.ts';
import { launchChromium } from './chromium.ts';
import { canPlayOffice, deskName, networks, phoneOf } from './office-network.ts';
import { computer, openTheOffice, phone, press, title, visit, type VisitOptions } from './pair-harness.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

type Keyed = { readonly server: ComposedServer; readonly key: CreatedKey };

async function startWithKey(
  request: Readonly<Record<string, unknown>> = {},
  options: Parameters<typeof startComposed>[0] = {},
): Promise<Keyed> {
  const server = await startComposed(options);
  const key = (await server.admin('POST', '/keys', { name: 'Anna’s laptop', ...request })) as CreatedKey;
  return { server, key };
}

const refusals = /status of (401|403|429)/;

/** The page with the key pasted. */
async function openPage({ server, key }: Keyed, options: VisitOptions = {}, path = '/me'): Promise<Page> {
  const page = await visit(browser, `${server.address}${path}`, { expectedErrors: refusals, ...options });
  await page.locator('#key').fill(key.key);
  await page.locator('button[type=submit]').click();
  await page.locator('.columns').waitFor();
  return page;
}

const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

const stored = (page: Page): Promise<unknown> =>
  page.evaluate('JSON.stringify([{ ...sessionStorage }, { ...localStorage }])');

describe('the key', () => {
  it('attack 76: is pasted once, kept in the tab alone, and leaves with it', async () => {
    const keyed = await startWithKey();
    const page = await openPage(keyed);
    await title(page, 'Your page');
    await page.getByText('Anna’s laptop at “Inglenook on').waitFor();
    expect(JSON.parse(String(await stored(page)))).toEqual([
      { 'inglenook-own-key': expect.stringContaining(keyed.key.key) },
      {},
    ]);
    await page.reload();
    await page.locator('.columns').waitFor();
    expect(page.url()).toBe(`${keyed.server.address}/me`);
    const other = await page.context().newPage();
    await other.goto(`${keyed.server.address}/me`);
    await other.locator('#key').waitFor();
  });

  it('attack 76: stays on the device where that is asked for, until it is forgotten there, in all tabs', async () => {
    const keyed = await startWithKey();
    const page = await visit(browser, `${keyed.server.address}/me`);
    // As it was copied from a file of settings.
    await page.getByLabel('Key', { exact: true }).fill(`  "${keyed.key.key}" `);
    await page.getByLabel('Keep it on this device').check();
    await press(page, 'Open');
    await page.locator('.columns').waitFor();
    const other = await page.context().newPage();
    await other.goto(`${keyed.server.address}/me`);
    await other.locator('.columns').waitFor();
    await press(page, 'Forget the key here');
    await page.locator('#key').waitFor();
    await other.locator('#key').waitFor();
    expect(await stored(page)).toBe('[{},{}]');
    expect(await page.content()).not.toContain(keyed.key.key);
  });

  it('can be kept, or not be kept any more, later', async () => {
    const page = await openPage(await startWithKey());
    const box = page.getByLabel('Keep the key on this device');
    expect(await box.isChecked()).toBe(false);
    await box.check();
    expect(await stored(page)).toMatch(/^\[\{\},\{"inglenook-own-key"/);
    await box.uncheck();
    expect(await stored(page)).toMatch(/^\[\{"inglenook-own-key".*\},\{\}\]$/);
  });

  it('that cannot be one is told before anybody is asked', async () => {
    const { server } = await startWithKey();
    const page = await visit(browser, `${server.address}/me`);
    await press(page, 'Open');
    await page.getByText('Paste your key.').waitFor();
    await page.locator('#key').fill('sk-ink_tooshort');
    await press(page, 'Open');
    await page.getByText('That is no key of an Inglenook').waitFor();
    expect(await page.evaluate('document.activeElement.id')).toBe('key');
  });

  it('attack 75: is never taken from the address, nor left in it', async () => {
    const { server, key } = await startWithKey();
    const page = await visit(browser, `${server.address}/me?key=${key.key}#${key.key}`);
    await page.locator('#key').waitFor();
    expect(page.url()).toBe(`${server.address}/me`);
    expect(await page.locator('#key').inputValue()).toBe('');
    expect(await stored(page)).toBe('[{},{}]');
    expect(await page.evaluate('history.length')).toBe(2);
  });

  it('comes along from the pairing page, with the tools’ settings', async () => {
    const office = await openTheOffice();
    const { url } = await office.invite({ person: 'Anna', device: 'laptop', autoApprove: true });
    const page = await visit(browser, url, computer);
    await press(page, /^On this device/);
    await press(page, 'Ask to be let in');
    await title(page, 'You are in');
    await press(page, 'Take the key to your page');
    await page.locator('.columns').waitFor();
    expect(page.url()).toBe(`${office.server.address}/me`);
    await page.getByText('Anna, laptop at “Inglenook on').waitFor();
    const tools = panel(page, 'Settings for your tools');
    await tools.getByRole('radio', { name: /^Another tool/ }).check();
    const key = await tools.getByLabel('Key', { exact: true }).inputValue();
    expect(key).toMatch(/^sk-ink_/);
    await tools.getByRole('radio', { name: /^curl/ }).check();
    await tools.getByText(key).first().waitFor();
    expect(await tools.innerText()).not.toContain('<your key>');
  });
});

describe('a key that opens nothing', () => {
  it('is told plainly, with whom to ask, and opens again when it is let go on', async () => {
    const keyed = await startWithKey();
    await keyed.server.admin('PUT', '/settings/office.contact', { value: 'Eva, room 12' });
    const page = await openPage(keyed);
    await panel(page, 'Whom to ask').getByText('Eva, room 12').waitFor();
    await keyed.server.admin('PATCH', `/keys/${keyed.key.id}`, { paused: true });
    await page.reload();
    await title(page, 'This key is paused');
    await page.getByText('Whom to ask: Eva, room 12').waitFor();
    expect(await violations(page)).toEqual([]);
    await keyed.server.admin('PATCH', `/keys/${keyed.key.id}`, { paused: false });
    await press(page, 'Try again');
    await page.locator('.columns').waitFor();
  });

  it('is told while the page is open, in German as well, and may be exchanged for another', async () => {
    const keyed = await startWithKey();
    const page = await openPage(keyed, { locale: 'de-DE' });
    await title(page, 'Ihre Seite');
    await keyed.server.admin('DELETE', `/keys/${keyed.key.id}`);
    // Coming back to the page asks at once.
    await page.evaluate('dispatchEvent(new Event("online"))');
    await title(page, 'Dieser Schlüssel öffnet nichts');
    await press(page, 'Anderen Schlüssel benutzen');
    await page.locator('#key').waitFor();
    expect(await stored(page)).not.toContain('sk-ink_');
  });
});

describe('the page', () => {
  it('shows use, limits, models and what becomes of prompts, and nothing of others', async () => {
    const keyed = await startWithKey({
      team: 'Support',
      limits: { requestsPerMinute: 30, budgets: [{ unit: 'tokens', amount: 1000, period: 'day' }] },
    });
    const { server, key } = keyed;
    await server.admin('PUT', '/teams/Support', { limits: { maxParallel: 4 } });
    await server.admin('POST', '/keys', { name: 'Nightly report', person: 'Jonas' });
    await chat(server, key.key);
    const page = await openPage(keyed, computer);
    const usage = panel(page, 'What you have used');
    expect(await usage.innerText()).toMatch(/Today\s+Requests\s+1\s+Tokens in\s+12\s+Tokens out\s+5/);
    const limits = panel(page, 'What is left');
    await limits.getByText('983 of 1,000 tokens left today').waitFor();
    await limits.getByText(/^Begins anew on /).waitFor();
    await limits.getByText('Shared by the team Support').waitFor();
    expect(await limits.getByRole('meter').getAttribute('value')).toBe('983');
    await panel(page, 'What you may ask').getByText('fake-model', { exact: true }).waitFor();
    await panel(page, 'What you write').getByText('are not kept', { exact: false }).waitFor();
    await panel(page, 'Now').getByText('It is up and answers at once.').waitFor();
    expect(await page.locator('body').innerText()).not.toMatch(/Nightly|Jonas|\{\{|undefined|NaN/);
  });

  it('shows for which tools the model is good, by a check that was kept, and what it lacks for others', async () => {
    const withEngine = createAbleModel({ contextTokens: 16_384, fails: 'responses' });
    const keyed = await startWithKey({}, { withEngine });
    await keyed.server.admin('PUT', '/aliases/office-code', { model: 'fake-model' });
    const before = await openPage(keyed);
    await panel(before, 'What you may ask').getByText('fake-model', { exact: true }).waitFor();
    expect(await before.locator('.badges').count()).toBe(0);
    await checked(keyed.server);

    const page = await openPage(keyed);
    // As good by the name that leads to it as by its own.
    const model = panel(page, 'What you may ask').getByRole('listitem').filter({ hasText: 'office-code' });
    await model.getByText(/^Tools that work with it: \d+ of \d+/).click();
    const badges = await model.locator('.badges li').allInnerTexts();
    expect(badges).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^Aider: Works\.\s*$/),
        'Claude Code: Does not work. Needs 32,000 tokens of context, has 16,000.',
        'n8n: Does not work. Responses API: failed.',
      ]),
    );
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
      expect(await violations(page), colorScheme).toEqual([]);
    }
    await press(page, 'Deutsch');
    const german = panel(page, 'Was Sie fragen dürfen')
      .getByRole('listitem')
      .filter({ hasText: 'office-code' });
    await german.locator('summary').click();
    await german.getByText('Claude Code: Geht nicht. Braucht 32.000 Tokens Kontext, hat 16.000.').waitFor();
  });

  it('says that prompts are kept, and what the owner says of it', async () => {
    const keyed = await startWithKey();
    await keyed.server.admin('PUT', '/settings/tracing.notice', { value: 'We <b>learn</b> together.' });
    await keyed.server.admin('PUT', '/settings/tracing.office', { value: 'all' });
    const page = await openPage(keyed);
    const prompts = panel(page, 'What you write');
    await prompts.getByText('By a policy of this office').waitFor();
    await prompts.getByText('We <b>learn</b> together.').waitFor();
  });

  it('keeps the numbers while the server is away, says so, and follows when it is back', async () => {
    const page = await openPage(await startWithKey(), { expectedErrors: /ERR_|status of/ });
    await page.route('**/me/state', (route) => route.abort());
    await page.evaluate('dispatchEvent(new Event("online"))');
    await page.getByText('The server has not answered since').waitFor();
    await panel(page, 'What you have used').getByText('Requests').first().waitFor();
    expect(await violations(page)).toEqual([]);
    await page.unroute('**/me/state');
    await page.evaluate('dispatchEvent(new Event("online"))');
    await expect.poll(() => page.locator('.trouble').textContent()).toBe('');
  });
});

async function chat(server: ComposedServer, key: string): Promise<void> {
  const answer = await fetch(`${server.address}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'fake-model', messages: [{ role: 'user', content: 'Hi' }] }),
  });
  await answer.text();
}

describe('trying it', () => {
  it('attack 79: streams an answer as text, whatever the model says', async () => {
    const words = [
      '<img src=x onerror=',
      '"document.title=1">',
      '<script>',
      'document.title=2',
      '</script>',
      '\n**bold**',
    ];
    const keyed = await startWithKey({}, { engine: { answer: { words } } });
    const page = await openPage(keyed);
    const trying = panel(page, 'Try it');
    await trying.getByLabel('Your question').fill('Hello?');
    await page.keyboard.press('Enter');
    await trying
      .getByText(/to the first word, 6 tokens/)
      .first()
      .waitFor();
    expect(await trying.locator('.talk li > p').nth(1).textContent()).toBe(words.join(''));
    expect(await trying.locator('img, script, strong:has-text("bold")').count()).toBe(0);
    expect(await page.title()).toBe('Your page – Inglenook');
    const asked = keyed.server.engine.seen.requests.at(-1);
    expect(asked?.messages.at(-1)).toMatchObject({ role: 'user' });
    // It counts as use, within a few seconds.
    await expect
      .poll(() => panel(page, 'What you have used').innerText(), { timeout: 8_000 })
      .toMatch(/Today\s+Requests\s+1/);
  });

  it('can be stopped; the model stops too, and what has come stays', async () => {
    const held = Promise.withResolvers<void>();
    const keyed = await startWithKey(
      {},
      { engine: { beforePart: (index) => (index === 3 ? held.promise : undefined) } },
    );
    const page = await openPage(keyed, phone);
    const trying = panel(page, 'Try it');
    await trying.getByLabel('Your question').fill('Hello?');
    await trying.getByRole('button', { name: 'Ask' }).click();
    await trying.getByText('Hello from').waitFor();
    await trying.getByRole('button', { name: 'Stop' }).click();
    await trying.getByText('Stopped.').first().waitFor();
    await expect.poll(() => keyed.server.engine.seen.cancelled).toBe(1);
    await trying.getByText('Hello from').waitFor();
    held.resolve();
    await trying.getByRole('button', { name: 'Begin anew' }).click();
    expect(await trying.getByText('Hello from').count()).toBe(0);
  });

  it('tells its place in the queue, and what the server refuses', async () => {
    const held = Promise.withResolvers<void>();
    const keyed = await startWithKey(
      { limits: { requestsPerMinute: 1 } },
      { engine: { slots: 1, beforePart: () => held.promise } },
    );
    const other = (await keyed.server.admin('POST', '/keys', { name: 'Other' })) as CreatedKey;
    const running = chat(keyed.server, other.key);
    await expect.poll(() => keyed.server.engine.seen.active).toBe(1);
    const page = await openPage(keyed, { expectedErrors: refusals });
    const trying = panel(page, 'Try it');
    await trying.getByLabel('Your question').fill('Hello?');
    await trying.getByRole('button', { name: 'Ask' }).click();
    await panel(page, 'Now').getByText('Your question waits: place 1 of 1').waitFor();
    held.resolve();
    await running;
    await trying
      .getByText(/to the first word/)
      .first()
      .waitFor();
    await trying.getByLabel('Your question').fill('And now?');
    await trying.getByRole('button', { name: 'Ask' }).click();
    await trying.getByText('The server has refused this:').first().waitFor();
    await trying.locator('.quote').getByText('per minute').waitFor();
    expect(await violations(page)).toEqual([]);
  });
});

const narrow = { ...phone, viewport: { width: 320, height: 640 } } as const;

describe.each([
  ['a phone', phone, 'en-GB'],
  ['the narrowest phone in German', narrow, 'de-DE'],
  ['a computer', computer, 'en-GB'],
] as const)('on %s', (_name, device, locale) => {
  it('axe finds nothing in either theme, and nothing runs out of the page sideways', async () => {
    const keyed = await startWithKey({
      person: 'Anna-Katharina von Hohenlohe-Schillingsfürst',
      limits: {
        requestsPerMinute: 30,
        tokensPerMinute: 100_000,
        maxParallel: 2,
        budgets: [
          { unit: 'tokens', amount: 1_000_000, period: 'month' },
          { unit: 'money', amount: 0.01, period: 'day' },
        ],
      },
      expiresAt: new Date(Date.now() + 2 * 86_400_000).toISOString(),
    });
    await keyed.server.admin('PUT', '/prices/*', { input: 2, output: 8 });
    await keyed.server.admin('PUT', '/settings/tracing.office', { value: 'all' });
    await keyed.server.admin('PUT', '/settings/office.contact', { value: `Eva, ${'x'.repeat(120)}` });
    await chat(keyed.server, keyed.key.key);
    const first = await visit(browser, `${keyed.server.address}/me`, { ...device, locale });
    await first.locator('#key').waitFor();
    await examine(first, 'entrance');
    const page = await openPage(keyed, { ...device, locale });
    await page.locator('.tiles').waitFor();
    await page.locator('#try-question').fill('Hello?');
    await page.locator('#try-question').press('Enter');
    await page.locator('.talk').getByText('Hello from the fake.').waitFor();
    await examine(page, 'page');
  });
});

/** Nothing runs out of the page sideways, axe finds nothing in either theme, and there is one heading of its level. */
async function examine(page: Page, screen: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
    expect(await violations(page), `${screen}, ${colorScheme}`).toEqual([]);
  }
  expect(await page.getByRole('heading', { level: 1 }).count(), screen).toBe(1);
  const width: unknown = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
  expect(width, `${screen}: wider than the window`).toBeLessThanOrEqual(0);
}

it('changes its language without losing key, question or conversation', async () => {
  const page = await openPage(await startWithKey());
  await page.locator('#try-question').fill('Hello?');
  await page.locator('#try-question').press('Enter');
  await page.getByText('Hello from the fake.').waitFor();
  await page.locator('#try-question').fill('Half a sen');
  await press(page, 'Deutsch');
  await title(page, 'Ihre Seite');
  await page.getByText('Hello from the fake.').waitFor();
  expect(await page.locator('#try-question').inputValue()).toBe('Half a sen');
  expect(await page.evaluate('document.documentElement.lang')).toBe('de');
});

describe.runIf(canPlayOffice)('while other devices are answered by https alone', () => {
  it('attack 80: is led from http to https, and no key goes the other way', async () => {
    const readNetwork = async (): Promise<(typeof networks)['wifi']> => networks.wifi;
    const { server, key } = await startWithKey({}, { readNetwork });
    await server.admin('PUT', '/lan', { on: true });
    await server.admin('PUT', '/https', { officeDomain: 'office.example', publicNames: [deskName] });
    const { address } = lanState.parse(await server.admin('GET', '/lan'));
    const elsewhere = await phoneOf(address ?? '');
    onTestFinished(() => elsewhere.close());
    const desk = `${deskName}:${server.port}`;
    const options = { ...phone, ignoreHTTPSErrors: true, expectedErrors: refusals } as const;

    // Opened while http was still allowed, with a key in it.
    const early = await visit(elsewhere, `http://${desk}/me`, options);
    await early.locator('#key').fill(key.key);
    await press(early, 'Open');
    await early.locator('.columns').waitFor();
    await early.getByText('Not encrypted: on this network').waitFor();
    await server.admin('PUT', '/settings/https.only', { value: true });
    await early.evaluate('dispatchEvent(new Event("online"))');
    await title(early, 'Only by https');
    expect(await violations(early)).toEqual([]);

    const page = await visit(elsewhere, `http://${desk}/me`, options);
    await page.locator('#key').waitFor();
    expect(page.url()).toBe(`https://${desk}/me`);
    await page.locator('#key').fill(key.key);
    await press(page, 'Open');
    await page.locator('.columns').waitFor();
    expect(await page.getByText('Not encrypted: on this network').isVisible()).toBe(false);
  });
});
