import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Writable } from 'node:stream';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { compose } from '../../server/compose.ts';
import type { HouseOptions } from '../../server/compose-options.ts';
import { createdKey, type CreatedKey, type CreateKeyRequest } from '../../server/wire/admin.ts';
import type { FakeEngineOptions } from '../fakes/fake-engine.ts';
import { launchChromium } from './chromium.ts';
import { createPlayedEngine, type PlayedEngine } from './played-engine.ts';

const rootDir = resolve(import.meta.dirname, '..', '..');

export const ownersPassword = 'a warm place by the fire';

/** The server with its console, whatever engine is behind. */
export type HouseUnderTest = {
  readonly url: string;
  readonly dataDir: string;
  readonly setupLink: string;
  /** What the app's “Open in browser” opens. */
  readonly ticketUrl: () => string;
  /** The admin API as the owner's script uses it; throws unless 2xx. */
  readonly admin: (method: string, path: string, body?: unknown) => Promise<unknown>;
  readonly createKey: (request: CreateKeyRequest) => Promise<CreatedKey>;
  /** One chat request, as a teammate's tool sends it. */
  readonly chat: (key: string, body?: Record<string, unknown>) => Promise<Response>;
  /** A page in a browser of its own; signed in unless told otherwise. Errors in its console fail the test. */
  readonly open: (path: string, options?: OpenOptions) => Promise<Page>;
  /** A browser of its own, open until `stop`, for tests that only look: one page after another costs far less in it. */
  readonly openToShow: (options?: OpenOptions) => Promise<ShowPage>;
  readonly stop: () => Promise<void>;
};

/** Loads the path anew, with the storage of those before. Errors in the page's console fail the test that shows it. */
export type ShowPage = (path: string) => Promise<Page>;

export type ConsoleUnderTest = HouseUnderTest & { readonly engine: PlayedEngine };

/** What a test may put in the place of this computer's own network and clock. */
export type PlayedWorld = Pick<HouseOptions, 'readNetwork' | 'timers' | 'clock' | 'updates' | 'inhibitor'>;

export type OpenOptions = BrowserContextOptions & {
  readonly signedIn?: boolean;
  /** Runs in the page before anything else. */
  readonly initScript?: string;
  /** What the browser itself reports as an error although the test wants it, such as a 401. */
  readonly expectedErrors?: RegExp;
};

/** The real server and the built console on a port of their own, with a fake engine behind, and Chromium before. */
export async function startConsole(
  engineOptions: FakeEngineOptions = {},
  world: PlayedWorld = {},
  ground: Partial<Ground> = {},
): Promise<ConsoleUnderTest> {
  let engine: PlayedEngine | null = null;
  const house = await openHouse(
    { createEngine: (hooks) => (engine = createPlayedEngine(hooks, engineOptions)), ...world },
    ground,
  );
  if (engine === null) throw new Error('The server has not started as expected.');
  return Object.assign(house, { engine });
}

/** The same with the real engine and the starter model. */
export function startRealConsole(world: PlayedWorld, ground?: Ground): Promise<HouseUnderTest> {
  return openHouse(world, ground);
}

/** Where models may come from; without it, from nowhere outside of this server. */
export type Ground = {
  readonly offline: boolean;
  /** The folder that plays Ollama's. */
  readonly ollamaDir: string | null;
  /** Where somebody's own Ollama listens, and the folder that its program is looked for in. */
  readonly ollama?: { readonly host: string; readonly folder?: string };
  /** Fills the data folder before the server starts on it. */
  readonly seed?: (dataDir: string) => void;
  /** Nobody has named a port, and this is the usual one. */
  readonly usualPort?: number;
  /** Which installer it came by. */
  readonly edition?: 'standard' | 'cuda';
};

/** Nothing listens there, so that no Ollama of this computer is met. */
const nowhere = '127.0.0.1:9';

async function openHouse(
  options: HouseOptions,
  {
    offline = true,
    ollamaDir = null,
    ollama = { host: nowhere },
    seed,
    usualPort,
    edition,
  }: Partial<Ground> = {},
): Promise<HouseUnderTest> {
  if (!existsSync(join(rootDir, 'dist', 'renderer', 'index.html'))) {
    throw new Error(
      'The console is not built. Run npm test, or vite build --config renderer/vite.config.ts.',
    );
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'inglenook-console-'));
  seed?.(dataDir);
  const server = await compose(
    {
      rootDir,
      version: '0.1.0',
      releasedOn: '2026-11-23',
      edition: edition ?? null,
      starterDir: join(rootDir, 'resources', 'models'),
      engineVersion: '3.21.1',
      dataDir,
      port: usualPort ?? 0,
      isUsualPort: usualPort !== undefined,
      lan: false,
      modelsDir: null,
      ollamaDir,
      ollama: {
        host: ollama.host,
        searchPath: ollama.folder === undefined ? [] : [ollama.folder],
        environment: { PATH: process.env['PATH'] ?? '' },
      },
      offline,
    },
    {
      cheapPasswords: true,
      // Nothing leaves this computer unless the test plays a network.
      readNetwork: async () => ({ addresses: [], routes: [] }),
      stderr: new Writable({ write: (_chunk, _encoding, done) => done() }),
      ...options,
    },
  );
  const { setupLink } = server;
  if (setupLink === null) throw new Error('The server has not started as expected.');
  const browser = await launchChromium();
  const token = (await readFile(join(dataDir, 'admin.token'), 'utf8')).trim();
  let signedInState: Awaited<ReturnType<BrowserContext['storageState']>> | null = null;

  const signedIn = async (): Promise<NonNullable<typeof signedInState>> =>
    (signedInState ??= await setPassword(browser, setupLink, server.address));

  async function openTab(options: OpenOptions = {}): Promise<Tab> {
    const { signedIn: isSignedIn = true, initScript, expectedErrors, ...rest } = options;
    const context = await browser.newContext({
      locale: 'en-GB',
      viewport: { width: 1440, height: 900 },
      reducedMotion: 'reduce',
      ...rest,
      ...(isSignedIn ? { storageState: await signedIn() } : {}),
    });
    if (initScript !== undefined) await context.addInitScript(initScript);
    const page = await context.newPage();
    return { page, errors: errorsIn(page, expectedErrors) };
  }

  async function admin(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await send(method, `${server.address}/api${path}`, token, body);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  }

  return {
    url: server.address,
    dataDir,
    setupLink,
    ticketUrl: server.host.ticketUrl,
    admin,
    createKey: async (request) => createdKey.parse(await admin('POST', '/keys', request)),
    chat: (key, body = {}) =>
      send('POST', `${server.address}/v1/chat/completions`, key, {
        model: 'fake-model',
        messages: [{ role: 'user', content: 'Hello' }],
        ...body,
      }),
    async open(path, options) {
      const { page, errors } = await openTab(options);
      onTestFinished(async () => {
        await page.context().close();
        expectNone(errors);
      });
      await page.goto(new URL(path, server.address).href);
      return page;
    },
    async openToShow(options) {
      const { page, errors } = await openTab(options);
      return async (path) => {
        onTestFinished(() => expectNone(errors.splice(0)));
        // What it pointed at on the page before would be pointed at on this one.
        await page.mouse.move(-1, -1);
        await page.goto(new URL(path, server.address).href);
        return page;
      };
    },
    async stop() {
      await browser.close();
      await server.stop(0);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Sets the owner's password through the one-time link, as the owner does, and keeps the cookie. */
async function setPassword(
  browser: Browser,
  setupLink: string,
  address: string,
): ReturnType<BrowserContext['storageState']> {
  const context = await browser.newContext({ locale: 'en-GB' });
  const page = await context.newPage();
  await page.goto(setupLink);
  await page.getByLabel('New password').fill(ownersPassword);
  await page.getByRole('button', { name: 'Set password and open the console' }).click();
  await page.waitForURL(`${address}/console/`);
  const state = await context.storageState();
  await context.close();
  return state;
}

type Tab = { readonly page: Page; readonly errors: string[] };

/** Filled while the page lives. */
function errorsIn(page: Page, expectedErrors: RegExp | undefined): string[] {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !expectedErrors?.test(message.text())) errors.push(message.text());
  });
  return errors;
}

function expectNone(errors: readonly string[]): void {
  expect(errors, 'errors in the browser’s console').toEqual([]);
}

function send(method: string, url: string, bearer: string, body: unknown): Promise<Response> {
  return fetch(url, {
    method,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}
