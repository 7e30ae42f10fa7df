import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownersPassword, startConsole, type ConsoleUnderTest } from './harness.ts';

let server: ConsoleUnderTest;
beforeAll(async () => {
  server = await startConsole();
});
afterAll(() => server.stop());

/** In this order: the password is set by the second test and needed by those after it. */
describe('the way in', () => {
  it('says where the one-time link is to be found when somebody comes without it', async () => {
    const page = await server.open('/', { signedIn: false });
    await page.getByText('You find the link where Inglenook was started').waitFor();
    expect(page.url()).toBe(`${server.url}/console/setup`);
  });

  it('refuses a wrong link with a sentence and the way on', async () => {
    const page = await server.open('/console/setup#not-the-token', {
      signedIn: false,
      expectedErrors: /401/,
    });
    await page.getByLabel('New password').fill(ownersPassword);
    await page.getByRole('button', { name: 'Set password' }).click();
    await page.getByText('This link does not work any more').waitFor();
    await page.getByText('A restart prints a new one.').waitFor();

    // The right one is pasted into the same tab, where only the fragment changes.
    await page.goto(new URL(server.setupLink).href);
    await page.getByLabel('New password').waitFor();
  });

  it('takes the link that is pasted into the tab that asks for it', async () => {
    const page = await server.open('/', { signedIn: false });
    await page.getByText('You find the link where Inglenook was started').waitFor();
    await page.goto(new URL(server.setupLink).href);
    await page.getByLabel('New password').waitFor();
  });

  it('sets the password by the one-time link, after a hint at its length, and opens Home', async () => {
    const page = await server.open(new URL(server.setupLink).pathname + new URL(server.setupLink).hash, {
      signedIn: false,
    });
    const password = page.getByLabel('New password');
    await password.fill('short');
    await page.getByText('7 more characters').waitFor();
    await page.getByRole('button', { name: 'Set password' }).click();
    await page.getByText('The password needs at least 12 characters.').waitFor();
    await password.fill(ownersPassword);
    expect(await password.getAttribute('type')).toBe('password');
    await page.getByRole('button', { name: 'Show or hide the password' }).click();
    expect(await password.getAttribute('type')).toBe('text');
    await page.getByRole('button', { name: 'Set password' }).click();
    await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor();
    expect(page.url()).toBe(`${server.url}/console/`);
  });

  it('shows the sign-in page with a sentence when the link has been used, and opens Home from it', async () => {
    const page = await server.open(new URL(server.setupLink).pathname + new URL(server.setupLink).hash, {
      signedIn: false,
    });
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    await page.getByText('already has its password').waitFor();
    const password = page.getByLabel('Password', { exact: true });
    await password.fill(ownersPassword);
    await password.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor();
  });

  it('says that a password is wrong, then lets the right one in and out again', async () => {
    const page = await server.open('/console/keys', { signedIn: false, expectedErrors: /401/ });
    await page.waitForURL('**/console/sign-in');
    const password = page.getByLabel('Password', { exact: true });
    await password.fill('not the password');
    await password.press('Enter');
    await page.getByText('That is not the password.').waitFor();
    expect(await password.evaluate('document.activeElement.name')).toBe('password');
    await password.fill(ownersPassword);
    await password.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor();

    await page.getByRole('button', { name: 'Theme, language, sign out' }).click();
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    await page.goto(`${server.url}/console/log`);
    await page.waitForURL('**/console/sign-in');
  });
});
