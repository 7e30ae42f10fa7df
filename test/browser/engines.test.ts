import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ollamaState } from '../../server/wire/ollama.ts';
import { startFakeOllama, type FakeOllama, type FakeOllamaOptions } from '../fakes/fake-ollama.ts';
import { startFakeUpstream, type FakeUpstream, type FakeUpstreamOptions } from '../fakes/fake-upstream.ts';
import { startConsole, type ConsoleUnderTest } from './harness.ts';

const path = '/console/models/engines';
const rowOf = (page: Page, name: string): Locator =>
  page.getByRole('listitem').filter({ has: page.getByRole('heading', { level: 3, name, exact: true }) });

describe('other servers', () => {
  let server: ConsoleUnderTest;
  beforeAll(async () => {
    server = await startConsole();
  });
  afterAll(() => server.stop());

  async function fakeUpstream(options: FakeUpstreamOptions = {}): Promise<FakeUpstream> {
    const fake = await startFakeUpstream(options);
    onTestFinished(async () => await fake.close());
    return fake;
  }

  it('one is added with its key, its models are found, and it answers a real request', async () => {
    const fake = await fakeUpstream({ models: ['qwen3-32b', 'embedder'], apiKey: 'their-secret-key' });
    const { key } = await server.createKey({ name: 'Anna’s laptop' });
    const page = await server.open(path);
    await page.getByText('No other server yet.').waitFor();
    await page.getByRole('button', { name: 'Add a server' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a server' });
    await dialog.getByLabel('What answers there').selectOption('vLLM');
    await dialog.getByLabel('Address', { exact: true }).fill(`localhost:${fake.port}`);
    // Where no scheme is typed, http is meant; a name comes with the address.
    await dialog.getByLabel('Name', { exact: true }).focus();
    expect(await dialog.getByLabel('Address', { exact: true }).inputValue()).toBe(
      `http://localhost:${fake.port}`,
    );
    expect(await dialog.getByLabel('Name', { exact: true }).inputValue()).toBe('localhost');
    await dialog.getByLabel('Name', { exact: true }).fill('gpu-box');
    await dialog.getByLabel('Key', { exact: true }).fill('their-secret-key');
    await dialog.getByRole('button', { name: 'Add a server' }).click();
    await page.getByText('gpu-box answers and has 2 models.').waitFor();

    const row = rowOf(page, 'gpu-box');
    await row.getByText('Answers', { exact: true }).waitFor();
    await row.getByText('a key is kept').waitFor();
    await row.getByRole('button', { name: 'Its 2 models' }).click();
    await row.getByText('qwen3-32b', { exact: true }).waitFor();
    await row.getByText('embedder', { exact: true }).waitFor();
    expect(await page.content()).not.toContain('their-secret-key');

    const answer = await server.chat(key, { model: 'qwen3-32b' });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('there');
    expect(fake.seen.map(({ path: asked }) => asked)).toEqual(['/v1/chat/completions']);

    // Its models are its own; those of this computer stay a list of their own.
    await page.getByRole('link', { name: 'On this computer' }).click();
    await page.getByRole('heading', { level: 2, name: 'fake-model' }).waitFor();
    expect(await page.getByText('qwen3-32b').count()).toBe(0);
  });

  it('a wrong address is kept with the sentence, put right in the same dialog, and removed again', async () => {
    const page = await server.open(path, { expectedErrors: /status of 400/ });
    await page.getByRole('button', { name: 'Add a server' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a server' });
    const add = dialog.getByRole('button', { name: 'Add a server' });
    await add.click();
    await dialog.getByText('Enter an address such as').waitFor();
    await dialog.getByLabel('Address', { exact: true }).fill('http://169.254.169.254/v1');
    await dialog.getByLabel('Name', { exact: true }).fill('second');
    await add.click();
    await dialog.getByText('Nothing is sent to this address').waitFor();

    // Nothing is sent there: it is outside, and nobody has said that requests may leave.
    await dialog.getByLabel('Address', { exact: true }).fill('https://8.8.8.8/v1');
    await add.click();
    await dialog.getByText('This address lies outside the office.').waitFor();

    const gone = await startFakeUpstream();
    await gone.close();
    await dialog.getByLabel('Address', { exact: true }).fill(gone.url);
    await add.click();
    await dialog.getByText('second is saved, but does not answer yet.').waitFor();
    await dialog
      .getByText(/^second cannot be reached\. Is it running/)
      .first()
      .waitFor();

    const fake = await fakeUpstream({ models: ['second-model'] });
    await dialog.getByLabel('Address', { exact: true }).fill(fake.url);
    await dialog.getByRole('button', { name: 'Save and test' }).click();
    await page.getByText('second answers and has 1 model.').waitFor();
    const row = rowOf(page, 'second');
    await row.getByText('Answers', { exact: true }).waitFor();

    await row.getByRole('button', { name: 'Remove second' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove server' }).click();
    await row.waitFor({ state: 'detached' });
  });

  it('one that only fails is left alone until a time, says so, and what left for it is counted', async () => {
    const fake = await fakeUpstream({ models: ['far-model'] });
    const { key } = await server.createKey({ name: 'may go out', mayLeave: true });
    await server.admin('POST', '/upstreams', { name: 'far', url: fake.url, mayLeave: true });
    const page = await server.open(path);
    const row = rowOf(page, 'far');
    await row.getByText('outside the office').waitFor();
    await (await server.chat(key, { model: 'far-model' })).text();
    await row.getByText('1 request with 11 tokens has left the office for it').waitFor();
    await row.getByText('may go out 1').waitFor();

    fake.mode = 'busy';
    expect((await server.chat(key, { model: 'far-model' })).ok).toBe(false);
    await page.reload();
    const pause = row.getByText(/far-model has only failed here, so nothing is sent to it until/);
    await pause.waitFor();
    // The owner need not wait for that time: where a test succeeds it is asked again at once.
    await row.getByRole('button', { name: 'Test far' }).click();
    await pause.waitFor({ state: 'detached' });

    await fake.close();
    await row.getByRole('button', { name: 'Test far' }).click();
    await row.getByText('Does not answer', { exact: true }).waitFor();
  });

  it('an edit sends only what was changed, and a new address does not take the key along', async () => {
    const fake = await fakeUpstream({ models: ['kept-model'], apiKey: 'sk-kept' });
    const other = await fakeUpstream({ models: ['kept-model'] });
    await server.admin('POST', '/upstreams', {
      name: 'kept',
      url: fake.url,
      kind: 'vllm',
      apiKey: 'sk-kept',
    });
    const page = await server.open(path);
    const row = rowOf(page, 'kept');
    const open = row.getByRole('button', { name: 'Settings of kept' });
    const dialog = page.getByRole('dialog', { name: 'Settings of kept' });
    await open.click();
    await dialog.getByText('A key is kept.').waitFor();
    await dialog.getByRole('button', { name: 'More options' }).click();
    await dialog.getByLabel('Answers at once').fill('3');
    await dialog.getByRole('button', { name: 'Save and test' }).click();
    await dialog.waitFor({ state: 'detached' });
    await row.getByText('a key is kept').waitFor();
    expect(await server.admin('GET', '/upstreams')).toContainEqual(
      expect.objectContaining({ name: 'kept', slots: 3, hasKey: true, kind: 'vllm', state: 'ready' }),
    );
    await open.click();
    await dialog.getByLabel('Address', { exact: true }).fill(other.url);
    await dialog.getByText('is not sent to the new one').waitFor();
    await dialog.getByRole('button', { name: 'Save and test' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await server.admin('GET', '/upstreams')).toContainEqual(
      expect.objectContaining({ name: 'kept', slots: 3, hasKey: false, url: other.url }),
    );
  });
});

describe('Ollama', () => {
  async function startWith(
    options: FakeOllamaOptions,
    folder?: string,
  ): Promise<{ readonly server: ConsoleUnderTest; readonly fake: FakeOllama }> {
    const fake = await startFakeOllama(options);
    const host = fake.address;
    const ollama = folder === undefined ? { host } : { host, folder };
    const server = await startConsole({}, {}, { ollama, offline: false });
    onTestFinished(async () => {
      await server.stop();
      await fake.close();
    });
    return { server, fake };
  }
  const panel = (page: Page): Locator => page.getByRole('region', { name: 'Ollama on this computer' });

  it('somebody’s own is found, used as it is, fetches a model with progress, loads and unloads it', async () => {
    const held = new Map<number, PromiseWithResolvers<void>>();
    for (const index of [1, 2, 3]) held.set(index, Promise.withResolvers<void>());
    const { server, fake } = await startWith({
      models: [{ name: 'llama3.2:3b' }],
      pull: [
        { status: 'pulling manifest' },
        { status: 'pulling aaa', digest: 'sha256:a', total: 4_000_000_000, completed: 1_000_000_000 },
        { status: 'pulling aaa', digest: 'sha256:a', total: 4_000_000_000, completed: 3_000_000_000 },
        { status: 'success' },
      ],
      beforePullLine: (index) => held.get(index)?.promise,
    });
    const page = await server.open(path);
    await panel(page).getByText('Ollama 0.17.4 is running on this computer').waitFor();
    await panel(page).getByText('Not in use').waitFor();
    await panel(page).getByRole('button', { name: 'Use the one that runs' }).click();
    await panel(page).getByText('In use', { exact: true }).waitFor();
    await panel(page).getByText('llama3.2:3b', { exact: true }).waitFor();

    await panel(page).getByRole('button', { name: 'Fetch model' }).click();
    await panel(page).getByText('Enter the name of a model.').waitFor();
    await panel(page).getByLabel('Name of the model').fill('qwen3:4b');
    await panel(page).getByRole('button', { name: 'Fetch model' }).click();
    await panel(page).getByText('pulling manifest').waitFor();
    held.get(1)?.resolve();
    await panel(page).getByText('25%').waitFor();
    await panel(page).getByText('1.0 GB of 4.0 GB').waitFor();
    held.get(2)?.resolve();
    await panel(page).getByText('75%').waitFor();
    held.get(3)?.resolve();
    await panel(page).getByText('Fetched', { exact: true }).waitFor();
    await panel(page).getByRole('button', { name: 'Take qwen3:4b off the list' }).click();
    await panel(page).getByText('Fetched', { exact: true }).waitFor({ state: 'detached' });

    await panel(page).getByRole('button', { name: 'Load qwen3:4b' }).click();
    await panel(page).getByText('Ready', { exact: true }).waitFor();
    expect([...fake.loaded.keys()]).toEqual(['qwen3:4b']);
    await panel(page).getByRole('button', { name: 'Unload qwen3:4b' }).click();
    await panel(page).getByText('Ready', { exact: true }).waitFor({ state: 'detached' });
    expect([...fake.loaded.keys()]).toEqual([]);

    await panel(page).getByRole('button', { name: 'Stop using it' }).click();
    await panel(page).getByText('Not in use').waitFor();
  });

  it('a fetch is given up, and one that fails says why', async () => {
    const hold = Promise.withResolvers<void>();
    const { server, fake } = await startWith({
      pull: [{ status: 'pulling manifest' }, { error: 'pull model manifest: file does not exist' }],
      beforePullLine: () => hold.promise,
    });
    await server.admin('PATCH', '/ollama', { use: 'theirs' });
    const page = await server.open(path);
    const name = panel(page).getByLabel('Name of the model');
    await name.fill('large:70b');
    await name.press('Enter');
    await panel(page).getByText('Being fetched').waitFor();
    const left = fake.nextLeft();
    await panel(page).getByRole('button', { name: 'Stop fetching large:70b' }).click();
    await panel(page).getByText('Given up; what has come stays').waitFor();
    await left;

    hold.resolve();
    await name.fill('no-such-model');
    await name.press('Enter');
    await panel(page).getByText('Failed', { exact: true }).waitFor();
    await panel(page)
      .getByText(/file does not exist/)
      .waitFor();
  });

  it('ours is started with the owner’s settings, and stopped', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'inglenook-ollama-'));
    onTestFinished(async () => await rm(folder, { recursive: true, force: true }));
    const program = join(folder, 'ollama');
    const script = resolve('test/fakes/fake-ollama.ts');
    await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`);
    await chmod(program, 0o755);
    const { server, fake } = await startWith({}, folder);
    await fake.close();
    const page = await server.open(path);
    await panel(page).getByText('Installed, but not running.').waitFor();
    await panel(page).getByRole('button', { name: 'Settings' }).click();
    const dialog = page.getByRole('dialog', { name: 'Settings of Ollama' });
    await dialog.getByLabel('Answers at once').fill('99');
    await dialog.getByRole('button', { name: 'Save settings' }).click();
    await dialog.getByText('Enter a whole number from 1 to 64.').waitFor();
    await dialog.getByLabel('Answers at once').fill('6');
    await dialog.getByLabel('Models kept loaded').fill('3');
    await dialog.getByLabel('Minutes a model stays without a request').fill('7');
    await dialog.getByRole('button', { name: 'Save settings' }).click();
    await page.getByText('The settings of Ollama have been saved.').waitFor();

    await panel(page).getByRole('button', { name: 'Start Ollama' }).click();
    await panel(page).getByText('In use', { exact: true }).waitFor({ timeout: 20_000 });
    // The program's version is what it was started with.
    await panel(page)
      .getByText(/^0\.17\.4-6-3-7m/)
      .waitFor();
    await panel(page).getByText('7 minutes').waitFor();
    await panel(page).getByRole('button', { name: 'Stop Ollama' }).click();
    await panel(page).getByText('Not in use').waitFor();
    const state = ollamaState.parse(await server.admin('GET', '/ollama'));
    expect([state.state, state.settings.use]).toEqual(['off', 'none']);
  });

  it('one that ends as soon as it is started is told with its last words', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'inglenook-ollama-'));
    onTestFinished(async () => await rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'ollama'), '#!/bin/sh\necho "no such library" >&2\nexit 3\n');
    await chmod(join(folder, 'ollama'), 0o755);
    const { server, fake } = await startWith({}, folder);
    await fake.close();
    const page = await server.open(path);
    await panel(page).getByRole('button', { name: 'Start Ollama' }).click();
    await panel(page).getByText('Not usable').waitFor();
    await panel(page)
      .getByText(/no such library/)
      .first()
      .waitFor();
    await panel(page).getByRole('button', { name: 'Start Ollama' }).waitFor();
  });
});
