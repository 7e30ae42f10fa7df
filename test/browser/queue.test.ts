import { afterAll, beforeAll, expect, it } from 'vitest';
import { startConsole, type ConsoleUnderTest } from './harness.ts';

let server: ConsoleUnderTest;
const held = Promise.withResolvers<void>();
beforeAll(async () => {
  server = await startConsole({ slots: 1, beforePart: (index) => (index === 1 ? held.promise : undefined) });
});
afterAll(() => server.stop());

it('shows on Home who is answered and who waits, in their order, and that nobody does any more', async () => {
  const page = await server.open('/console/');
  const panel = page.getByRole('region', { name: 'Who waits now' });
  await panel.getByText('Nobody is being answered, and nobody waits.').waitFor();
  const keys = [];
  for (const name of ['Anna’s laptop', 'Ben’s phone', 'Nightly report']) {
    keys.push((await server.createKey({ name })).key);
  }
  const answers: Promise<string>[] = [];
  for (const [index, key] of keys.entries()) {
    answers.push(server.chat(key).then((response) => response.text()));
    // One after the other, so that the order is known.
    await expect
      .poll(async () => JSON.stringify(await server.admin('GET', '/queue')).match(/"place"/g)?.length ?? 0)
      .toBe(index);
  }
  await panel.getByText('1 of 1 busy · 2 wait').waitFor();
  const rows = panel.locator('ol').getByRole('listitem');
  await expect.poll(() => rows.count()).toBe(2);
  expect(await rows.first().innerText()).toMatch(/1\. Ben’s phone\s+has waited/);
  expect(await rows.last().innerText()).toMatch(/2\. Nightly report\s+has waited/);
  held.resolve();
  await Promise.all(answers);
  await panel.getByText('Nobody is being answered, and nobody waits.').waitFor();
});
