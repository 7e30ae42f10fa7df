import { expect, it, onTestFinished } from 'vitest';
import { startFileServer } from '../fakes/file-server.ts';
import { feedOf, maker } from '../unit/updates/feeds.ts';
import { violations } from './axe.ts';
import { startConsole } from './harness.ts';

async function setUp(keys: readonly string[] = [maker.shared]) {
  const makers = await startFileServer({ '/updates.json': feedOf() });
  const source = { feed: `${makers.origin}/updates.json`, keys };
  const installed = { version: '0.1.0', edition: 'standard' as const };
  const server = await startConsole({}, { updates: { source, installed } });
  onTestFinished(() => server.stop());
  return { makers, server };
}

const question = 'Shall Inglenook look for security updates?';

it('is asked once, and No is kept; nobody was asked for anything', async () => {
  const { makers, server } = await setUp();
  const page = await server.open('/console/');
  await page.getByText(question).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'No', exact: true }).click();
  await page.getByText(question).waitFor({ state: 'detached' });
  expect(await server.admin('GET', '/settings/updates.check')).toMatchObject({ value: 'no' });
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor();
  expect(await page.getByText(question).count()).toBe(0);
  expect(makers.asked).toEqual([]);
});

it('the set-up asks it on its last screen, shows the answer, and neither it nor Home asks again', async () => {
  const { makers, server } = await setUp();
  const page = await server.open('/console/setup/office');
  const panel = page.getByRole('region', { name: question });
  await panel.getByRole('radio', { name: 'No', exact: true }).waitFor();
  expect(await panel.getByRole('radio', { checked: true }).count()).toBe(0);
  expect(await violations(page)).toEqual([]);
  await panel.getByRole('radio', { name: 'Yes', exact: true }).check();
  await expect.poll(() => server.admin('GET', '/settings/updates.check')).toMatchObject({ value: 'yes' });
  expect(await panel.getByRole('radio', { name: 'Yes', exact: true }).isChecked()).toBe(true);
  for (const path of ['/console/setup/office', '/console/']) {
    await page.goto(`${server.url}${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await expect.poll(() => page.locator('[aria-busy=true]').count()).toBe(0);
    expect([path, await page.getByText(question).count()]).toEqual([path, 0]);
  }
  // The answer alone asks nobody: the day's look has its time.
  expect(makers.asked).toEqual([]);
});

it('in the app’s own window, which leads nowhere else, such a page is an address to copy, and the report a file', async () => {
  const { server } = await setUp();
  const page = await server.open('/console/health');
  await page.getByRole('button', { name: 'Look now' }).click();
  await page.getByRole('link', { name: 'What is new' }).waitFor();
  await page.route('**/api/session', async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ json: { ...((await answer.json()) as object), via: 'window' } });
  });
  await page.reload();
  await page.getByRole('textbox', { name: 'What is new' }).waitFor();
  expect(await page.getByRole('link', { name: 'What is new' }).count()).toBe(0);
  await page.goto(`${server.url}/console/settings/audit`);
  await page.getByRole('link', { name: 'Save it as a file' }).waitFor();
  expect(await page.getByRole('link', { name: 'Make the page' }).count()).toBe(0);
});

it('a look by hand on Health brings what is new, and Home says so as well', async () => {
  const { server } = await setUp();
  const page = await server.open('/console/health');
  const panel = page.getByRole('region', { name: 'Version', exact: true });
  await panel.getByText('0.1.0', { exact: true }).waitFor();
  await panel.getByRole('button', { name: 'Look now' }).click();
  const sentence = '0.2.0 is there, and closes a known weakness of the version that runs.';
  await panel.getByText(sentence).waitFor();
  await panel.getByText('Closes a hole.').waitFor();
  await panel.getByRole('radio', { name: 'Yes, once a day' }).click();
  await expect.poll(() => server.admin('GET', '/settings/updates.check')).toMatchObject({ value: 'yes' });
  expect(await violations(page)).toEqual([]);
  await page.goto(`${server.url}/console/`);
  await page.getByText(sentence).waitFor();
});

it('a build without a key says so, and asks nobody anything', async () => {
  const { server } = await setUp([]);
  const page = await server.open('/console/health');
  const panel = page.getByRole('region', { name: 'Version', exact: true });
  await panel.getByText(/This build carries no release key/).waitFor();
  expect(await panel.getByRole('button', { name: 'Look now' }).isDisabled()).toBe(true);
  await page.goto(`${server.url}/console/`);
  await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor();
  expect(await page.getByText(question).count()).toBe(0);
});
