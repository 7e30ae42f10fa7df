import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createFormatter } from '../../renderer/format.ts';
import { modelList, type WireModel } from '../../server/wire/admin.ts';
import { catalogue, downloadList, type WireDownload } from '../../server/wire/downloads.ts';
import { startFileServer, type FileServer } from '../fakes/file-server.ts';
import { ggufBytes, usualEntries } from '../fakes/gguf-file.ts';
import { violations } from './axe.ts';
import { startRealConsole, type HouseUnderTest } from './harness.ts';
import { networks, playNetwork } from './office-network.ts';

// The real engine, which is asked to load nothing, and real downloads from a server of this computer.
let root: string;
let house: HouseUnderTest;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'inglenook-get-'));
  const ollamaDir = join(root, 'ollama');
  house = await startRealConsole(playNetwork(networks.none), { offline: false, ollamaDir });
  // The tests must not depend on how full this computer's disk is, nor reach a hub.
  await setting('downloads.leaveFreeGb', 0);
  await setting('downloads.connections', 1);
});
afterAll(async () => {
  await house.stop();
  await rm(root, { recursive: true, force: true });
});

const setting = (name: string, value: unknown): Promise<unknown> =>
  house.admin('PUT', `/settings/${name}`, { value });

const pulled = async (): Promise<WireModel[]> =>
  modelList.parse(await house.admin('GET', '/models')).filter(({ source }) => source === 'pulled');

const listed = async (uri: string): Promise<WireDownload | undefined> =>
  downloadList.parse(await house.admin('GET', '/downloads')).find((download) => download.uri === uri);

const rowOf = (page: Page, name: string): Locator =>
  page.getByRole('listitem').filter({ has: page.getByRole('heading', { name }) });

const megabyte = 1_000_000;
const chatModel = ggufBytes({
  entries: {
    ...usualEntries,
    'tokenizer.chat_template': '{{ messages }}{{ tools }}',
    'llama.block_count': 4,
    'llama.embedding_length': 64,
    'llama.attention.head_count': 4,
  },
  dataBytes: 6 * megabyte,
});

/** More than a look at the header takes (1 MiB), and a third of the whole. */
const heldBytes = 2 * megabyte;

/** Serves the model, and sends no more than that of it until it is released. */
async function serveModel(name: string): Promise<{ server: FileServer; uri: string; release: () => void }> {
  const path = `/m/${name}.gguf`;
  const server = await startFileServer({ [path]: chatModel });
  let release = (): void => {};
  const until = new Promise<void>((resolve) => (release = resolve));
  let isHeld = true;
  // A first look asks for a few bytes only, and gets them.
  server.fault = ({ range }) =>
    isHeld && (range?.to ?? chatModel.length) - (range?.from ?? 0) > heldBytes
      ? { holdAfter: heldBytes, until }
      : null;
  return {
    server,
    uri: server.origin + path,
    release: () => {
      isHeld = false;
      release();
    },
  };
}

it('looks at a model where it is, fetches it with a pause in between, and deletes it with its file', async () => {
  const { uri, release } = await serveModel('Office-Chat-Q4_K_M');
  const page = await house.open('/console/models/get');
  await page.getByLabel('Name or address of the model').fill(uri);
  await page.keyboard.press('Enter');
  const seen = page.getByRole('article', { name: 'Office-Chat-Q4_K_M.gguf' });
  await seen.waitFor();
  expect(await seen.locator('dl').first().innerText()).toMatch(
    /Download\s+6 MB\s+Parts\s+1 file\s+Kind\s+llama · Q4_K_M\s+Conversation\s+up to 2,048 tokens\s+Uses tools\s+yes/,
  );
  // 2 × 2,048 tokens × 4 layers × 64 wide × keys and values of 2 bytes.
  await seen.getByText('Conversations of 2 people × 2,048 tokens').waitFor();
  expect(await seen.locator('dl').last().innerText()).toMatch(/2,048 tokens\s+4 MB/);
  await seen.getByText('The source gives no checksum').waitFor();
  expect(await violations(page)).toEqual([]);
  expect(await listed(uri)).toBeUndefined();

  await seen.getByRole('button', { name: 'Download Office-Chat-Q4_K_M.gguf' }).click();
  await seen.getByRole('link', { name: 'See downloads' }).click();
  const row = rowOf(page, 'Office-Chat-Q4_K_M.gguf');
  await row.getByText(/^2 MB of 6 MB · /).waitFor();
  await row.getByText('33%').waitFor();
  await page.getByRole('link', { name: 'Downloads 1' }).waitFor();
  await row.getByRole('button', { name: 'Pause' }).click();
  await row.getByText('Paused').waitFor();
  await page.getByText('2 MB of 6 MB', { exact: true }).waitFor();
  expect(await violations(page)).toEqual([]);

  release();
  await row.getByRole('button', { name: 'Resume' }).click();
  await row.getByText('Ready').waitFor();
  await row.getByRole('link', { name: 'See models' }).click();

  const [model] = await pulled();
  expect(model).toMatchObject({ id: 'office-chat', state: 'off' });
  const card = rowOf(page, 'office-chat');
  await card.getByText('downloaded', { exact: true }).waitFor();
  // Of what was downloaded the header is known, so the sum can be made for any choice.
  await card.getByRole('button', { name: 'Settings of office-chat' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('My own choice').check();
  await dialog.getByLabel('People at once', { exact: true }).fill('8');
  await dialog.getByLabel('Longest conversation in tokens').fill('2048');
  expect(await dialog.locator('dl').innerText()).toMatch(/8 people × 2,048 tokens\s+17 MB/);
  await page.keyboard.press('Escape');

  await house.admin('PUT', '/aliases/mine', { model: 'office-chat' });
  await card.getByRole('button', { name: 'Remove office-chat' }).click();
  await page.getByText('its file goes with it: 6 MB').waitFor();
  expect(existsSync(model?.path ?? '')).toBe(true);
  await page.getByRole('button', { name: 'Delete model and file' }).click();
  await page.getByText('office-chat was deleted, and 6 MB of the disk are free again.').waitFor();
  await page.getByText('The name mine leads nowhere now.').waitFor();
  await card.waitFor({ state: 'detached' });
  expect([existsSync(model?.path ?? ''), await pulled()]).toEqual([false, []]);
});

it('says why a download does not go on, and what can be done', async () => {
  const { server, uri } = await serveModel('Slow-Q8_0');
  const page = await house.open('/console/models/downloads');
  // Each connection breaks off before anything new has come.
  server.fault = () => ({ status: 503 });
  await house.admin('POST', '/downloads', { uri });
  const row = page.getByRole('listitem').filter({ hasText: uri });
  await row.getByText('Stalled').waitFor();
  await row.getByText('The source has a problem of its own.').waitFor();
  await row.getByText(/^Trying again in \d+ s/).waitFor();

  // The disk guard, with the sentence that names the numbers.
  server.fault = () => null;
  await setting('downloads.leaveFreeGb', 1_000_000);
  await row.getByRole('button', { name: /^Try now/ }).click();
  await row.getByText('Not enough disk').waitFor();
  await row.getByText('Not enough room on the disk').waitFor();
  await setting('downloads.leaveFreeGb', 0);

  server.fault = () => ({ status: 404 });
  await row.getByRole('button', { name: /^Try now/ }).click();
  await row.getByText('Failed').waitFor();
  await row.getByText('The source has no such file. Check the name.').waitFor();
  await row.getByText(/^Given up .*, after \d+ tr(y|ies)\.$/).waitFor();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
    expect(await violations(page), colorScheme).toEqual([]);
  }
  await row.getByRole('button', { name: /^Take .* off the list$/ }).click();
  await row.waitFor({ state: 'detached' });
});

it('asks what becomes of the part when a download is cancelled', async () => {
  const { uri, release } = await serveModel('Given-Up-Q8_0');
  await house.admin('POST', '/downloads', { uri });
  const page = await house.open('/console/models/downloads', { locale: 'de-DE', viewport: narrow });
  const row = rowOf(page, 'Given-Up-Q8_0.gguf');
  await row.getByText(/^2 MB von 6 MB/).waitFor();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(narrow.width);
  await row.getByRole('button', { name: /abbrechen$/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Given-Up-Q8_0.gguf abbrechen?' });
  await dialog.getByText('2 MB sind schon hier.').waitFor();
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Abbrechen, Teil behalten' }).click();
  await row.getByText('Abgebrochen').waitFor();
  expect((await listed(uri))?.doneBytes).toBe(heldBytes);

  release();
  await row.getByRole('button', { name: /noch einmal versuchen$/ }).click();
  await row.getByText('Fertig').waitFor();
});

const narrow = { width: 320, height: 900 };

it('lists well-known models by what they are for, with the sum for this computer', async () => {
  const page = await house.open('/console/models/get');
  const format = createFormatter('en', ['en-GB']);
  const { models, recommended } = catalogue.parse(await house.admin('GET', '/catalogue'));
  const panel = page.getByRole('region', { name: 'Well-known models' });
  for (const [tab, purpose] of [
    ['Coding agents', 'code'],
    ['Search in files', 'embeddings'],
  ] as const) {
    await panel.getByRole('tab', { name: tab }).click();
    const own = models.filter((model) => model.purposes.includes(purpose));
    const names = await panel.getByRole('heading', { level: 3 }).allInnerTexts();
    expect(names.toSorted()).toEqual(own.map(({ name }) => name).toSorted());
    const advised = recommended.find((each) => each.purpose === purpose);
    const model = own.find(({ id }) => id === advised?.modelId);
    if (model === undefined) await panel.getByText('of memory are free. Close other programs').waitFor();
    else {
      expect(names[0]).toBe(model.name);
      await panel.getByText(`Take ${model.name} on this computer, for `).waitFor();
    }
  }
  const nomic = rowOf(page, 'Nomic Embed Text v1.5');
  const { fit } = models.find(({ id }) => id === 'nomic-embed-text-v1.5') ?? {};
  expect(await nomic.locator('dl').first().innerText()).toMatch(
    /Download\s+146 MB\s+Licence\s+Apache-2\.0\s+Publisher\s+Nomic AI\s+File made by\s+nomic-ai\s+Conversation\s+up to 2,048 tokens/,
  );
  await nomic.getByRole('button', { name: 'Show the sum' }).click();
  await nomic.getByText(format.fileSize(fit?.neededBytes ?? 0), { exact: true }).waitFor();
  expect(await violations(page)).toEqual([]);
});

it('downloads from the list, through the hub that is set, with a token that is never shown again', async () => {
  const server = await startFileServer();
  const page = await house.open('/console/models/downloads');
  await page.getByRole('button', { name: 'Download settings' }).click();
  const dialog = page.getByRole('dialog', { name: 'Download settings' });
  const save = dialog.getByRole('button', { name: 'Save settings' });
  await dialog.getByLabel('Address of the model hub').fill(server.origin);
  await dialog.getByRole('textbox', { name: 'Access token for the hub' }).fill('hf_secret');
  await save.click();
  await page.getByText('The download settings have been saved.').waitFor();
  await page.getByRole('button', { name: 'Download settings' }).click();
  await dialog.getByText('One is set. Type another to replace it.').waitFor();
  expect(await dialog.getByRole('textbox', { name: 'Access token for the hub' }).inputValue()).toBe('');
  await page.keyboard.press('Escape');

  await page.getByRole('link', { name: 'Get a model' }).first().click();
  await page.getByRole('tab', { name: 'Search in files' }).click();
  const row = rowOf(page, 'Nomic Embed Text v1.5');
  await row.getByRole('button', { name: /^Download Nomic/ }).click();
  // The hub of this test has nothing.
  const download = 'hf:nomic-ai/nomic-embed-text-v1.5-GGUF:Q8_0';
  await expect.poll(async () => (await listed(download))?.state).toBe('failed');
  expect(server.asked[0]?.authorization).toBe('Bearer hf_secret');
  await row.getByRole('button', { name: /^Download Nomic/ }).waitFor();
});

it('uses what other programs have, and folders, where they lie', async () => {
  const digest = 'a'.repeat(64);
  const manifests = join(root, 'ollama', 'manifests', 'registry.ollama.ai', 'library', 'llama3.2');
  const layers = [{ mediaType: 'application/vnd.ollama.image.model', digest: `sha256:${digest}` }];
  await mkdir(manifests, { recursive: true });
  await mkdir(join(root, 'ollama', 'blobs'));
  await writeFile(join(manifests, '3b'), JSON.stringify({ layers }));
  await writeFile(join(root, 'ollama', 'blobs', `sha256-${digest}`), ggufBytes());

  const page = await house.open('/console/models/get', { expectedErrors: /status of 400/ });
  const found = page.getByRole('listitem').filter({ hasText: 'llama3.2:3b' });
  await found.getByRole('button', { name: 'Use llama3.2:3b' }).click();
  await found.getByText(/^In use here as llama3\.2/).waitFor();

  const folder = join(root, 'shelf');
  await mkdir(folder);
  await writeFile(join(folder, 'Shelf-Model.gguf'), ggufBytes());
  const panel = page.getByRole('region', { name: 'Folders' });
  const path = panel.getByLabel('Path of a folder on this computer');
  await path.fill('/nowhere/at/all');
  await page.keyboard.press('Enter');
  await panel.getByText('There is no folder with this path on this computer.').first().waitFor();
  await path.fill(folder);
  await page.keyboard.press('Enter');
  await panel.getByText('1 model: shelf-model').waitFor();
  await panel.getByRole('button', { name: `Forget the folder ${folder}` }).click();
  await panel.getByText('1 model: shelf-model').waitFor({ state: 'detached' });
  expect(existsSync(join(folder, 'Shelf-Model.gguf'))).toBe(true);
});

it('pauses all downloads, changes their turns, and lets them go on', async () => {
  const first = await serveModel('First-Q8_0');
  const second = await serveModel('Second-Q8_0');
  await setting('downloads.paused', true);
  await house.admin('POST', '/downloads', { uri: first.uri });
  await house.admin('POST', '/downloads', { uri: second.uri });
  const page = await house.open('/console/models/downloads');
  await page.getByText('What is here stays.').waitFor();
  const row = rowOf(page, second.uri.split('/').at(-1) ?? '');
  await row.getByText('Waits: all downloads are paused by you.').waitFor();
  expect(await violations(page)).toEqual([]);
  await row.getByRole('button', { name: /: earlier$/ }).click();
  const order = async (): Promise<string[]> =>
    downloadList
      .parse(await house.admin('GET', '/downloads'))
      .filter(({ endedMs }) => endedMs === null)
      .map(({ uri }) => uri);
  await expect.poll(order).toEqual([second.uri, first.uri]);
  await expect
    .poll(() => page.getByRole('heading', { level: 2, name: /(First|Second)-Q8_0/ }).allInnerTexts())
    .toEqual(['Second-Q8_0.gguf', 'First-Q8_0.gguf']);
  first.release();
  second.release();
  await page.getByRole('button', { name: 'Let downloads go on' }).click();
  await expect.poll(order).toEqual([]);
  await page.getByRole('button', { name: 'Pause all downloads' }).waitFor({ state: 'detached' });
});

it('keeps downloads to certain hours and to a part of the line', async () => {
  const page = await house.open('/console/models/downloads');
  await page.getByRole('button', { name: 'Download settings' }).click();
  const dialog = page.getByRole('dialog', { name: 'Download settings' });
  await dialog.getByLabel('At most, in MB per second').fill('2.5');
  await dialog.getByRole('switch', { name: /^Only at certain hours/ }).press('Space');
  await dialog.getByLabel('From', { exact: true }).fill('21:30');
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Save settings' }).click();
  await page.getByText('The download settings have been saved.').waitFor();
  const value = async (name: string): Promise<unknown> =>
    ((await house.admin('GET', `/settings/${name}`)) as { readonly value: unknown }).value;
  expect(await value('downloads.hours')).toBe('21:30-06:00');
  expect(await value('downloads.mostMegabytesPerSecond')).toBe(2.5);
  await setting('downloads.hours', null);
  await setting('downloads.mostMegabytesPerSecond', null);
});

it('searches the hub, and says three different things where there is nothing to show', async () => {
  const page = await house.open('/console/models/get', { expectedErrors: /Failed to load resource/ });
  const panel = page.getByRole('region', { name: 'Search the model hub' });
  const words = panel.getByLabel('Words');
  await panel.getByRole('button', { name: 'Search' }).click();
  await panel.getByText('Enter a word or two.').waitFor();
  const answers = [
    [{ state: 'found', models: [] }, 'The model hub has no GGUF model for “qwen3”.'],
    [{ state: 'no-internet', source: 'https://hub.invalid', reason: '' }, 'No internet.'],
    [
      {
        state: 'source-down',
        source: 'https://hub.invalid',
        reason: 'The source has trouble of its own (503).',
      },
      'hub.invalid has trouble, or does not answer.',
    ],
  ] as const;
  for (const [answer, sentence] of answers) {
    await page.route('**/api/models/search?*', (route) => route.fulfill({ json: answer }));
    await words.fill('qwen3');
    await panel.getByRole('button', { name: 'Search' }).click();
    await panel.getByText(sentence).waitFor();
    await page.unroute('**/api/models/search?*');
  }
  const repo = 'bartowski/Qwen3-8B-GGUF';
  const found = {
    repo,
    madeFrom: 'Qwen/Qwen3-8B',
    licence: 'apache-2.0',
    downloads: 12_345,
    likes: 6,
    isGated: true,
  };
  await page.route('**/api/models/search?*', (route) =>
    route.fulfill({ json: { state: 'found', models: [found] } }),
  );
  await panel.getByRole('button', { name: 'Search' }).click();
  await panel.getByText('from Qwen/Qwen3-8B · file by bartowski · apache-2.0').waitFor();
  await panel.getByText('conditions to accept').waitFor();
  expect(await violations(page)).toEqual([]);
  // What is chosen is looked at before it is fetched.
  await page.route('**/api/models/inspect?*', (route) => route.abort());
  await panel.getByRole('button', { name: `Look at it: ${repo}` }).click();
  expect(await page.getByLabel('Name or address of the model').inputValue()).toBe(`hf:${repo}`);
});
