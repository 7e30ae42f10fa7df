import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lanState } from '../../server/wire/lan.ts';
import { startConsole, type ConsoleUnderTest } from './harness.ts';
import { canPlayOffice, chatFromElsewhere, networks, playNetwork } from './office-network.ts';

let server: ConsoleUnderTest;
beforeAll(async () => {
  server = await startConsole({ models: ['starter', 'qwen3-8b'] }, playNetwork(networks.wifi));
  server.engine.show('qwen3-8b', { source: 'added', contextTokens: 65_536 });
});
afterAll(() => server.stop());
beforeEach(async () => {
  await server.admin('PUT', '/lan', { on: false });
});

const windows = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36';

it('has a tile per tool, by kind, with the honest word where one cannot reach an office', async () => {
  const page = await server.open('/console/connect');
  await page.getByText('This address works on this computer only.').waitFor();
  await page.getByText('Test model, not for work: only the starter model').waitFor();
  await page.getByText('It is not checked yet, so nobody knows').first().waitFor();
  const tilesOf = async (kind: string): Promise<string[]> =>
    page.getByRole('list', { name: kind, exact: true }).getByRole('listitem').allInnerTexts();
  expect(await tilesOf('Editors')).toEqual([
    'Continue',
    'Cline',
    'Roo Code',
    'Kilo Code',
    'VS Code (Copilot Chat)',
    'JetBrains AI Assistant',
    'Zed',
    'Cursor\ncannot reach an office address',
  ]);
  expect(await tilesOf('Coding agents')).toEqual(['Claude Code', 'Codex', 'OpenCode', 'Aider', 'Goose']);
  expect(await tilesOf('Chat pages')).toEqual(['Open WebUI', 'LibreChat', 'Obsidian Copilot']);
  expect(await tilesOf('Automation')).toEqual(['n8n', 'Home Assistant']);
  expect(await tilesOf('Libraries')).toEqual(['Python', 'TypeScript']);
  expect(await tilesOf('Terminal')).toEqual(['curl']);
});

it('finds a tool by its name or kind, and says what to do with one it does not know', async () => {
  const page = await server.open('/console/connect');
  const tiles = page.getByRole('main').getByRole('listitem');
  const field = page.getByRole('searchbox', { name: 'Find a tool' });
  await field.fill(' CODE ');
  expect(await tiles.locator('a > span:first-of-type').allInnerTexts()).toEqual([
    'Roo Code',
    'Kilo Code',
    'VS Code (Copilot Chat)',
    'Claude Code',
    'Codex',
    'OpenCode',
  ]);
  await field.fill('agent coding');
  expect(await tiles.count()).toBe(5);
  await field.fill('emacs');
  await page.getByRole('status').getByText('No tool here has that name.').waitFor();
  expect(await tiles.count()).toBe(0);
  await field.fill('');
  expect(await tiles.count()).toBe(21);
});

it('says which program was run with it as the steps say, and which was not', async () => {
  const page = await server.open('/console/connect/goose');
  await page.getByText(/^Set up like this, Goose [\d.]+ was run against this server\.$/).waitFor();
  await page.getByRole('link', { name: 'All tools' }).click();
  await page.getByRole('link', { name: 'Zed' }).click();
  await page.getByText('Written by the makers’ documentation; not run by us.').waitFor();
});

it('leads from the tile to numbered steps with file, snippet and a new key in it, once', async () => {
  const page = await server.open('/console/connect', { userAgent: windows });
  await page.getByRole('link', { name: /^Continue/ }).click();
  await page.getByRole('heading', { level: 1, name: 'Continue' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/console/connect/continue');
  const steps = page.getByRole('region', { name: 'What to do' }).getByRole('listitem');
  expect(await steps.count()).toBe(3);
  const file = steps.getByLabel('File', { exact: true });
  expect(await file.inputValue()).toBe(String.raw`%USERPROFILE%\.continue\config.yaml`);
  await page.getByText('Linux', { exact: true }).click();
  expect(await file.inputValue()).toBe('~/.continue/config.yaml');
  const snippet = steps.getByRole('region', { name: 'Step 2' });
  expect(await snippet.innerText()).toContain('apiKey: <your key>');

  await page.getByRole('button', { name: 'With a new key' }).click();
  const dialog = page.getByRole('dialog', { name: 'New key for this tool' });
  expect(await dialog.getByLabel('Name').inputValue()).toBe('Continue');
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await page.getByText('The new key “Continue” is in the steps below.').waitFor();
  const key = /apiKey: (sk-ink_\w{38})/.exec(await snippet.innerText())?.[1] ?? '';
  expect((await server.chat(key, { model: 'office-code' })).status).toBe(200);

  // The same key is in the other tools' snippets, until the page is left.
  await page.getByRole('link', { name: 'All tools' }).click();
  await page.getByRole('link', { name: /^curl/ }).click();
  await page.getByRole('region', { name: 'Step 1' }).getByText(`Bearer ${key}`).waitFor();
  await page.getByRole('link', { name: 'Home', exact: true }).click();
  await page.getByRole('link', { name: 'Connect', exact: true }).click();
  await page.getByRole('link', { name: /^curl/ }).click();
  await page.getByRole('region', { name: 'Step 1' }).getByText('Bearer <your key>').waitFor();
  expect(await page.content()).not.toContain(key);
});

it('turns green by the tool’s own first request, and says what is wrong with another', async () => {
  const page = await server.open('/console/connect/python');
  const { key: others } = await server.createKey({ name: 'Somebody else' });
  await page.getByRole('button', { name: 'With a new key' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
  await page.getByText('The new key “Python” is in the steps below.').waitFor();
  const program = await page.getByRole('region', { name: 'Step 2' }).innerText();
  const [, baseUrl = ''] = /base_url="([^"]+)"/.exec(program) ?? [];
  const [, key = ''] = /api_key="([^"]+)"/.exec(program) ?? [];
  const [, model = ''] = /model="([^"]+)"/.exec(program) ?? [];
  expect(baseUrl).toBe(`${server.url}/v1`);
  await page.getByText('Waiting for a first request.').waitFor();

  await server.chat('sk-ink_mistyped');
  await page.getByText(/A request came from 127\.0\.0\.1 .*its key is not known here/).waitFor();
  await (await server.chat(key, { model: 'no-such-model' })).text();
  await page.getByText(/A request came from 127\.0\.0\.1 .*was not answered/).waitFor();
  await (await server.chat(others)).text();
  await (await server.chat(key, { model })).text();
  await page.getByText(/First request seen from Python \(.+, 127\.0\.0\.1\)\. It works\./).waitFor();
  await server.chat('sk-ink_mistyped');
  await (await server.chat(others)).text();
  expect(await page.getByText('First request seen from Python').count()).toBe(1);
});

it('takes the test model’s warning away when a better one serves the names, without a reload', async () => {
  const page = await server.open('/console/connect/continue');
  const warning = page.getByText('Test model, not for work: only the starter model');
  await warning.waitFor();
  for (const name of ['office', 'office-code']) {
    await server.admin('PUT', `/aliases/${name}`, { model: 'qwen3-8b' });
  }
  await warning.waitFor({ state: 'detached' });
  await page.getByText('contextLength: 65536').waitFor();
  for (const name of ['office', 'office-code']) {
    await server.admin('PUT', `/aliases/${name}`, { model: 'starter' });
  }
});

describe('Cursor’s page', () => {
  beforeEach(async () => {
    await server.admin('PUT', '/settings/outside.name', { value: null });
  });

  it('says first why it cannot reach the office, and that “Verify” proves nothing', async () => {
    const page = await server.open('/console/connect/cursor');
    await page.getByText('Cursor calls models from its own cloud').waitFor();
    await page.getByText('pass through that cloud').waitFor();
    await page.getByText('it can succeed while chat fails').waitFor();
    await page.getByText('install Continue or Cline from the extensions inside Cursor').waitFor();
    expect(await page.getByText('Waiting for a first request').count()).toBe(0);
  });

  it('opens the door by its public name, makes a key for it, and closes it again', async () => {
    const page = await server.open('/console/connect/cursor');
    const panel = page.getByRole('region', { name: 'Public name' });
    const field = panel.getByLabel('Public https name');
    await field.fill('desk.local');
    await panel.getByRole('button', { name: 'Open the door' }).click();
    await panel.getByText('Names of the office, like .local, are none.').waitFor();
    await field.fill(' https://AI.example.org/v1/ ');
    await panel.getByRole('button', { name: 'Open the door' }).click();
    await panel.getByText('by ai.example.org, with keys that are made for it').waitFor();
    await page.getByText('The public name is ai.example.org.').waitFor();
    expect(await page.locator('input[value="https://ai.example.org/v1"]').count()).toBe(1);

    await page.getByRole('button', { name: 'With a new key' }).click();
    const dialog = page.getByRole('dialog', { name: 'New key for this tool' });
    await dialog.getByText('This key works from the internet, too').waitFor();
    await dialog.getByRole('button', { name: 'Create key' }).click();
    await page.getByText('The new key “Cursor” is in the steps below.').waitFor();
    const kept = (await server.admin('GET', '/keys')) as Record<string, unknown>[];
    expect(kept.find(({ name }) => name === 'Cursor')).toMatchObject({
      outside: true,
      limits: { requestsPerMinute: 20 },
      expiresAt: expect.any(String),
    });

    await panel.getByRole('button', { name: 'Close the door' }).click();
    await field.waitFor();
    expect(await server.admin('GET', '/settings/outside.name')).toMatchObject({ value: null });
  });
});

it('begins with all tools where the address names one that there is not', async () => {
  const page = await server.open('/console/connect/emacs');
  await page.getByRole('heading', { level: 1, name: 'Connect' }).waitFor();
  await page.getByRole('link', { name: /^Cline/ }).waitFor();
});

describe.runIf(canPlayOffice)('with the office let in', () => {
  it('has the office’s address in every snippet, at once', async () => {
    const page = await server.open('/console/connect/cline');
    const url = page.getByLabel('Step 2', { exact: true });
    expect(await url.inputValue()).toBe(`${server.url}/v1`);
    await server.admin('PUT', '/lan', { on: true });
    const { address } = lanState.parse(await server.admin('GET', '/lan'));
    await expect.poll(() => url.inputValue()).toBe(`${address}/v1`);
    await page.getByText('Not encrypted on your network').waitFor();
    const { key } = await server.createKey({ name: 'Anna’s laptop' });
    expect(await chatFromElsewhere(address ?? '', key)).toBe(200);
    await page.getByText('First request seen from Anna’s laptop (Continue, 127.0.0.3).').waitFor();
  });
});

it('tells of the page that everybody has, and keeps whom it says to ask', async () => {
  const page = await server.open('/console/connect');
  const panel = page.getByRole('region', { name: 'A page for everybody' });
  expect(await panel.getByLabel('Its address', { exact: true }).inputValue()).toBe(`${server.url}/me`);
  await panel.getByLabel('Whom to ask').fill(' Eva, room 12 ');
  await panel.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Everybody’s page now says so.').waitFor();
  expect(await server.admin('GET', '/settings/office.contact')).toMatchObject({ value: 'Eva, room 12' });
  await panel.getByLabel('Whom to ask').fill('');
  await panel.getByRole('button', { name: 'Save' }).click();
  await expect.poll(() => server.admin('GET', '/settings/office.contact')).toMatchObject({ value: null });
});

it('tests a tool from here by its name for the model and the rights of a key, and says in words what failed', async () => {
  await server.admin('PUT', '/aliases/office-code', { model: 'qwen3-8b' });
  await server.admin('POST', '/keys', { name: 'Starter only', models: ['starter'] });
  const page = await server.open('/console/connect/continue', { expectedErrors: /status of 404/ });
  const test = page.getByRole('region', { name: 'Test from here' });
  expect(await test.locator('dl').innerText()).toMatch(/Address\s+http:.*\/v1\s+Model name\s+office-code/);
  await test.getByRole('button', { name: 'Send a test' }).click();
  await test.getByText(/^It works: qwen3-8b has answered in \d.*, the first word after \d/).waitFor();
  expect(await test.locator('blockquote').innerText()).not.toBe('');
  await test.getByRole('combobox', { name: 'With the rights of' }).selectOption('Starter only');
  await test.getByRole('button', { name: 'Send a test' }).click();
  await test
    .getByRole('alert')
    .getByText(/office/)
    .first()
    .waitFor();
  await test.getByText(/^It works/).waitFor({ state: 'detached' });
  const rows = (await server.admin('GET', '/log?limit=2')) as readonly { readonly status: string }[];
  expect(rows.map(({ status }) => status)).toContain('ok');
});

it('has the steps as one text for an agent, with the address, and without a key that is not known', async () => {
  const page = await server.open('/console/connect/continue');
  await page.getByRole('button', { name: 'Paste this into your agent' }).click();
  const text = await page.locator('section[aria-label="Paste this into your agent"]').innerText();
  expect(text).toMatch(/^Set up Continue on this computer/);
  expect(text).toContain('apiBase:');
  expect(text).toContain('<your key>');
  expect(text).toMatch(/\n\n1\. [^]*\n\n2\. /);
});
