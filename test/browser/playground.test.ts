import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GenerateRequest } from '../../server/core/generate.ts';
import { logPage } from '../../server/wire/admin.ts';
import { violations } from './axe.ts';
import { ownersPassword, startConsole, type ConsoleUnderTest } from './harness.ts';

const path = '/console/playground';
let server: ConsoleUnderTest;
/** What the model says next, in pieces, and what its pieces wait for. */
let words: readonly string[] = [];
let beforeWord: (index: number, request: GenerateRequest) => void | Promise<void> = () => undefined;
let beforeReady: () => void | Promise<void> = () => undefined;

beforeAll(async () => {
  server = await startConsole({
    models: ['fake-model', 'other-model'],
    answer: ({ model }) => ({ words: model === 'other-model' ? ['The', ' other', '.'] : words }),
    beforePart: (index, request) => beforeWord(index, request),
    beforeReady: () => beforeReady(),
  });
  await server.createKey({ name: 'Anna’s laptop', limits: { requestsPerMinute: 1 } });
});
afterAll(() => server.stop());
beforeEach(() => {
  words = ['Hello', ' from', ' the', ' fake', '.'];
  beforeWord = () => undefined;
  beforeReady = () => undefined;
});

const field = (page: Page): Locator => page.getByRole('textbox', { name: 'Question' });
const answersOf = (page: Page): Locator => page.getByRole('article');
const rows = async () => logPage.parse(await server.admin('GET', '/log?limit=20'));

async function ask(page: Page, question = 'Hello?'): Promise<Locator> {
  const before = await answersOf(page).count();
  await field(page).fill(question);
  await field(page).press('Enter');
  const answer = answersOf(page).nth(before);
  await answer.waitFor();
  return answer;
}

/** Asks, with such an answer, and waits for its end. */
async function askFor(page: Page, text: string): Promise<Locator> {
  words = [text];
  const answer = await ask(page);
  await answer.getByRole('button', { name: /^Ask again: / }).waitFor();
  return answer;
}

async function open(options: Parameters<ConsoleUnderTest['open']>[1] = {}): Promise<Page> {
  const page = await server.open(path, options);
  await field(page).waitFor();
  return page;
}

it('asks the name that tools use, says how fast it was and what answered, and is in the log as its own device', async () => {
  const page = await open();
  expect(await page.getByLabel('Model or name').inputValue()).toBe('office');
  await page.getByText('Test model, not for work: office is served by the starter model.').waitFor();
  const answer = await ask(page);
  await answer.getByText('Hello from the fake.').waitFor();
  await answer
    .getByText(/(ms|s) to first word · (.* tokens\/s · )?5 tokens · answered by fake-model$/)
    .waitFor();
  expect(await field(page).inputValue()).toBe('');
  const [row] = await rows();
  expect(row).toMatchObject({ key: 'Playground', device: 'Playground', model: 'office', status: 'ok' });
  // What was said before is told again.
  await ask(page, 'And then?');
  await expect.poll(() => server.engine.seen.requests.at(-1)?.messages.length).toBe(3);
});

it('streams, and stops with what has come; the question can be asked again', async () => {
  const held = Promise.withResolvers<void>();
  beforeWord = (index) => (index === 3 ? held.promise : undefined);
  const page = await open();
  const cancelled = server.engine.seen.cancelled;
  const answer = await ask(page);
  await answer.getByText('Hello from', { exact: true }).waitFor();
  await field(page).fill('typed meanwhile');
  await page.getByRole('button', { name: 'Stop' }).click();
  await answer.getByText('Stopped. What had come stays.').waitFor();
  expect(await answer.getByText('Hello from', { exact: true }).count()).toBe(1);
  await expect.poll(() => server.engine.seen.cancelled).toBe(cancelled + 1);
  expect(await field(page).inputValue()).toBe('typed meanwhile');
  held.resolve();
  await answer.getByRole('button', { name: 'Ask again: office' }).click();
  await answer.getByText('Hello from the fake.').waitFor();
  expect(await answersOf(page).count()).toBe(1);
});

it('says that the model is being loaded, and stops then too', async () => {
  await server.admin('POST', '/models/fake-model/unload');
  const loaded = Promise.withResolvers<void>();
  beforeReady = () => loaded.promise;
  const page = await open();
  const answer = await ask(page);
  server.engine.show('fake-model', { state: 'loading', progressPercent: 40 });
  await answer.getByText('fake-model is being loaded, 40%…').waitFor();
  await field(page).press('Escape');
  await answer.getByText('Stopped. What had come stays.').waitFor();
  await expect.poll(async () => (await rows())[0]?.status).toBe('cancelled');
  loaded.resolve();
  server.engine.show('fake-model', { state: 'ready', progressPercent: null });
});

it('asks two models side by side, each in a conversation of its own', async () => {
  const page = await open();
  await page.getByRole('switch', { name: 'Two models side by side' }).press('Space');
  await page.getByLabel('Model or name').selectOption('fake-model');
  await page.getByLabel('Second model').selectOption('other-model');
  await ask(page);
  await page.getByRole('article', { name: 'fake-model' }).getByText('Hello from the fake.').waitFor();
  await page.getByRole('article', { name: 'other-model' }).getByText('The other.').waitFor();
  await ask(page, 'More?');
  await expect.poll(() => answersOf(page).count()).toBe(4);
  await page.getByRole('article', { name: 'other-model' }).nth(1).getByText('The other.').waitFor();
  const last = server.engine.seen.requests.filter(({ model }) => model === 'other-model').at(-1);
  expect(JSON.stringify(last?.messages)).toContain('The other.');
  expect(JSON.stringify(last?.messages)).not.toContain('fake');
});

it('asks as a device, within its limits, whose refusal is told in the server’s words', async () => {
  const page = await open({ expectedErrors: /status of 429/ });
  await page.getByLabel('As', { exact: true }).selectOption('Anna’s laptop');
  await (await ask(page)).getByText('Hello from the fake.').waitFor();
  const second = await ask(page, 'Once more');
  await second.getByText('Not answered.').waitFor();
  // In words of the console, and as the server said it in the fold below.
  await second
    .getByText(/Anna’s laptop.* 1 request/)
    .first()
    .waitFor();
  expect((await rows()).slice(0, 2).map(({ key, client, status }) => [key, client, status])).toEqual([
    ['Anna’s laptop', 'Inglenook-Playground', 'refused'],
    ['Anna’s laptop', 'Inglenook-Playground', 'ok'],
  ]);
});

it('is no sign of life of the device whose limits it tries', async () => {
  const { key } = await server.createKey({ name: 'Jonas’ phone' });
  const page = await server.open('/console/connect');
  const waiting = page.getByText('Waiting for a first request.');
  await waiting.waitFor();
  await server.admin('POST', `/playground/chat?as=${encodeURIComponent('Jonas’ phone')}`, {
    model: 'fake-model',
    messages: [{ role: 'user', content: 'Hello' }],
  });
  // The row has come to the page before that of the device itself does.
  expect(await waiting.count()).toBe(1);
  await server.chat(key, { model: 'other-model' });
  await page.getByText(/First request seen from Jonas’ phone/).waitFor();
  expect((await rows()).slice(0, 2).map(({ client }) => client)).toContain('Inglenook-Playground');
});

it('sends what is set under “More options”, and nothing of it where it is empty', async () => {
  const page = await open();
  await ask(page, 'plain');
  await expect.poll(() => server.engine.seen.requests.at(-1)?.messages.length).toBe(1);
  const plain = server.engine.seen.requests.at(-1);
  await page.getByRole('button', { name: 'More options' }).click();
  await page.getByLabel('What the model is told first').fill('Answer like a pirate.');
  await page.getByLabel('Temperature').fill('0.7');
  await page.getByLabel('Longest answer in tokens').fill('2');
  const answer = await ask(page, 'as a pirate');
  await answer.getByText('Cut off: the answer has reached its most tokens.').waitFor();
  const seen = server.engine.seen.requests.at(-1);
  expect([
    plain?.maxTokens,
    plain?.sampling.temperature,
    seen?.maxTokens,
    seen?.sampling.temperature,
  ]).toEqual([null, plain?.sampling.temperature, 2, 0.7]);
  expect(seen?.messages[0]).toMatchObject({ role: 'system' });
});

it('keeps the conversation in the tab: over a reload and other pages, until it is cleared', async () => {
  const page = await open();
  await (await ask(page, 'Do you stay?')).getByText('Hello from the fake.').waitFor();
  await field(page).fill('half a quest');
  await page.getByRole('link', { name: 'Models', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Models' }).waitFor();
  await page.getByRole('link', { name: 'Playground' }).click();
  await page.getByText('Do you stay?').waitFor();
  await page.reload();
  await page.getByText('Do you stay?').waitFor();
  await page.getByText('Hello from the fake.').waitFor();
  expect(await field(page).inputValue()).toBe('half a quest');
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByRole('button', { name: 'Clear the conversation' }).click();
  await expect.poll(() => answersOf(page).count()).toBe(0);
  await page.reload();
  await field(page).waitFor();
  expect(await answersOf(page).count()).toBe(0);
});

it('leaves nothing behind for whoever signs in next', async () => {
  // With a session of its own: the other tests need theirs.
  const page = await server.open('/console/sign-in', { signedIn: false });
  await page.getByRole('textbox', { name: 'Password' }).fill(ownersPassword);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Playground' }).click();
  await (await ask(page, 'a secret of mine')).getByText('Hello from the fake.').waitFor();
  await page.getByRole('button', { name: 'Theme, language, sign out' }).click();
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  expect(await page.evaluate('JSON.stringify(sessionStorage)')).not.toContain('secret');
});

it('keeps what has come, and the question, when the connection breaks', async () => {
  const held = Promise.withResolvers<void>();
  beforeWord = (index) => (index === 3 ? held.promise : undefined);
  const page = await open({ expectedErrors: /ERR_INTERNET_DISCONNECTED|ERR_FAILED|Failed to load/ });
  const answer = await ask(page);
  await answer.getByText('Hello from', { exact: true }).waitFor();
  held.reject(new Error('the engine is gone'));
  await answer.getByText('Not answered.').waitFor();
  expect(await answer.getByText('Hello from', { exact: true }).count()).toBe(1);
  beforeWord = () => undefined;
  await page.context().setOffline(true);
  const second = await ask(page, 'Anybody there?');
  await second.getByText('The connection broke before the answer was complete.').waitFor();
  await page.context().setOffline(false);
  await second.getByRole('button', { name: 'Ask again: office' }).click();
  await second.getByText('Hello from the fake.').waitFor();
});

it('gives the question as a program in three languages', async () => {
  const page = await open();
  await (await ask(page, "What's up?")).getByText('Hello from the fake.').waitFor();
  await page.getByRole('button', { name: 'The question to office as a program' }).click();
  const dialog = page.getByRole('dialog', { name: 'The same as a program' });
  const program = dialog.getByRole('tabpanel').locator('pre');
  await program.getByText(`curl ${server.url}/v1/chat/completions`).waitFor();
  expect(await program.innerText()).toContain(String.raw`What'\''s up?`);
  await dialog.getByRole('tab', { name: 'Python' }).click();
  await program.getByText('from openai import OpenAI').waitFor();
  await dialog.getByRole('tab', { name: 'TypeScript' }).click();
  await program.getByText("import OpenAI from 'openai';").waitFor();
  await page.keyboard.press('Escape');
  await expect
    .poll(() => page.evaluate('document.activeElement?.getAttribute("aria-label")'))
    .toBe('The question to office as a program');
});

describe('what a model says', () => {
  it('is shown as Markdown, with code in colours and tables', async () => {
    const page = await open();
    const answer = await askFor(
      page,
      '# Title\n\nSome **bold** text.\n\n```python\ndef f(x):\n    return "a" # why\n```\n\n| a | |\n|---|---|\n| 1 | 2 |\n\n- [x] done\n- [ ] not yet\n\nA note[^1].\n\n[^1]: Below.',
    );
    expect(await answer.locator('strong', { hasText: 'bold' }).count()).toBe(1);
    expect(await answer.getByRole('table').innerText()).toMatch(/a\s+1\s+2/);
    expect(await answer.locator('pre span').allInnerTexts()).toEqual(
      expect.arrayContaining(['def', '"a"', '# why']),
    );
    expect(await answer.locator('pre').innerText()).toBe('def f(x):\n    return "a" # why');
    await answer.getByText('☑ done').waitFor();
    expect(await answer.locator('input').count()).toBe(0);
    // The page's own heading stays the only one of its rank.
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
    expect(await violations(page)).toEqual([]);
  });

  it('runs no script and loads nothing', async () => {
    const page = await open();
    const outside: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(server.url)) outside.push(request.url());
    });
    page.on('dialog', () => outside.push('a dialog'));
    const hostile = [
      '<script>alert(1)</script>',
      '<img src=x onerror=alert(1)>',
      '<iframe src="https://evil.example/"></iframe>',
      '<style>body{display:none}</style>',
      '<a href="https://evil.example/raw">raw</a>',
      '![a picture](https://evil.example/pixel.png?q=secret)',
      '![](data:image/svg+xml,<svg onload=alert(1)>)',
      '[click me](javascript:alert(1))',
      '[and me](/api/keys "x")',
      '<https://evil.example/auto>',
      '```html\n<script>alert(2)</script>\n```',
    ].join('\n\n');
    const answer = await askFor(page, hostile);
    await answer.getByText('<script>alert(1)</script>').first().waitFor();
    await answer.getByText('<img src=x onerror=alert(1)>').waitFor();
    for (const name of ['script', 'img', 'iframe', 'style', 'a', 'object', 'form']) {
      expect([name, await answer.locator(name).count()]).toEqual([name, 0]);
    }
    expect(await answer.getByRole('button', { name: /click me|and me/ }).count()).toBe(0);
    expect(await answer.getByRole('button', { name: /leads to evil\.example/ }).count()).toBe(2);
    expect(outside).toEqual([]);
    expect(await violations(page)).toEqual([]);
  });

  it('opens a link only after its host was shown', async () => {
    const page = await open();
    const answer = await askFor(page, '[https://bank.example](https://bank.example@evil.example/login)');
    await answer.getByRole('button', { name: /bank\.example/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Leave for evil.example?' });
    expect(await dialog.getByRole('textbox', { name: 'Where it leads' }).inputValue()).toBe(
      'https://evil.example/login',
    );
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(page.context().pages()).toHaveLength(1);
    await page.context().route('https://evil.example/**', (route) => route.fulfill({ body: 'there' }));
    await answer.getByRole('button', { name: /bank\.example/ }).click();
    const opened = page.context().waitForEvent('page');
    await dialog.getByRole('button', { name: 'Open evil.example' }).click();
    const other = await opened;
    await other.waitForURL('https://evil.example/login');
    expect(await other.evaluate('[window.opener === null, document.referrer]')).toEqual([true, '']);
  });

  it('has its hidden signs made visible', async () => {
    const page = await open();
    const answer = await askFor(page, '\u001b[31mred\u001b[0m and `if (a\u202e \u2066// b)`\n\nשלום עולם');
    await answer.getByText('␛[31mred␛[0m and').waitFor();
    await answer.getByText('if (a⟦U+202E⟧ ⟦U+2066⟧// b)').waitFor();
  });

  it('does not hold up the page, however long or deep it is', { timeout: 120_000 }, async () => {
    const page = await open();
    const pieces = [
      `${'>'.repeat(5000)} deep`,
      `${'![a'.repeat(3000)}${'](b)'.repeat(3000)}`,
      '*a _b '.repeat(3000),
      '['.repeat(19_000),
      'a'.repeat(100_000),
      `\`\`\`js\n${'{'.repeat(15_000)}\n\`\`\``,
      `|${'a|'.repeat(2000)}\n|${'-|'.repeat(2000)}\n`,
    ];
    for (const piece of pieces) {
      const answer = await askFor(page, piece);
      expect((await answer.innerText()).length).toBeGreaterThan(1000);
      // The page still answers.
      await field(page).fill('x');
      await field(page).fill('');
    }
    const endless = await ask(page);
    await endless.waitFor();
  });

  it('that has no end is ended', async () => {
    const page = await open();
    words = Array.from({ length: 60 }, () => 'word '.repeat(2000));
    const answer = await ask(page, 'Go on for ever');
    await answer.getByText('Stopped: the answer became longer than this page shows.').waitFor();
  });
});

describe.each([
  { viewport: { width: 1440, height: 900 } },
  { viewport: { width: 390, height: 3200 }, hasTouch: true, isMobile: true },
])('at $viewport.width px', (screen) => {
  it('has no violation in either theme, with two answers and everything open', async () => {
    const page = await open(screen);
    await page.getByRole('switch', { name: 'Two models side by side' }).press('Space');
    await page.getByRole('button', { name: 'More options' }).click();
    await askFor(
      page,
      'See [there](https://elsewhere.example/) and `code`:\n\n```js\nconst a = "b"; // c\n```',
    );
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
      expect(await violations(page), colorScheme).toEqual([]);
    }
    await page
      .getByRole('button', { name: /as a program$/ })
      .first()
      .click();
    await page.getByRole('dialog').waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
      expect(await violations(page), colorScheme).toEqual([]);
    }
  });
});

it('speaks German, with German numbers, and fits the narrowest phone', async () => {
  const page = await server.open(path, { locale: 'de-DE', viewport: { width: 320, height: 700 } });
  await page.getByRole('heading', { level: 1, name: 'Ausprobieren' }).waitFor();
  await page.getByLabel('Frage').fill('Wie geht es?');
  await page.getByLabel('Frage').press('Enter');
  await page
    .getByText(/bis zum ersten Wort · (.* Token\/s · )?5 Token · beantwortet von fake-model$/)
    .first()
    .waitFor();
  await page.getByRole('switch', { name: 'Zwei Modelle nebeneinander' }).press('Space');
  await page.getByRole('button', { name: 'Mehr Einstellungen' }).click();
  for (const width of [320, 700, 1024]) {
    await page.setViewportSize({ width, height: 700 });
    await expect.poll(() => page.evaluate('document.documentElement.scrollWidth')).toBe(width);
  }
});
