import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { served, signed, temporaryFolder } from '../unit/tls/certificates.ts';
import { launchChromium } from './chromium.ts';

/**
 * Chromium with a home of its own, whose NSS database trusts our authority as an office's computer would, and where every
 * name is this computer. Only Linux has such a database; elsewhere, or without certutil, the tests are skipped and say so.
 */
const run = promisify(execFile);
const hasCertutil =
  process.platform === 'linux' &&
  (await run('certutil', ['-H']).then(
    () => true,
    // It exits 1 after its help; only a missing program has no such number.
    (error: unknown) => (error as { code?: unknown }).code === 1,
  ));

async function trusting(authority: string): Promise<Browser> {
  const home = temporaryFolder();
  const database = join(home, '.pki', 'nssdb');
  mkdirSync(database, { recursive: true });
  writeFileSync(join(home, 'ca.pem'), authority);
  await run('certutil', ['-d', `sql:${database}`, '-N', '--empty-password']);
  const add = ['-d', `sql:${database}`, '-A', '-t', 'C,,', '-n', 'inglenook', '-i', join(home, 'ca.pem')];
  await run('certutil', add);
  const browser = await launchChromium({
    env: { ...process.env, HOME: home },
    args: ['--host-resolver-rules=MAP * 127.0.0.1'],
  });
  onTestFinished(async () => browser.close());
  return browser;
}

/** The page's text, or why there is none. */
async function visit(browser: Browser, url: string): Promise<string> {
  const page = await browser.newPage();
  try {
    await page.goto(url);
    return await page.innerText('body');
  } catch (error) {
    return /net::\w+/.exec(String(error))?.[0] ?? String(error);
  } finally {
    await page.close();
  }
}

describe.runIf(hasCertutil)('Chromium that trusts our authority', () => {
  test('opens us by name and by address', async () => {
    const { authority, leaf } = await signed(['inglenook.local', 'desk-1'], ['127.0.0.1']);
    const browser = await trusting(authority.certificate);
    const port = await served(leaf, authority.certificate);
    expect(await visit(browser, `https://inglenook.local:${port}/`)).toBe('hello');
    expect(await visit(browser, `https://desk-1:${port}/`)).toBe('hello');
    expect(await visit(browser, `https://127.0.0.1:${port}/`)).toBe('hello');
  });

  test('attack 69: refuses a name of the internet that it signed', async () => {
    const { authority, leaf } = await signed(['www.bank.example']);
    const browser = await trusting(authority.certificate);
    const port = await served(leaf, authority.certificate);
    expect(await visit(browser, `https://www.bank.example:${port}/`)).toMatch(/^net::ERR_CERT_/);
  });

  test('attack 69: refuses us altogether where it does not trust the authority', async () => {
    const ours = await signed(['inglenook.local']);
    const another = await signed(['inglenook.local']);
    const browser = await trusting(another.authority.certificate);
    const port = await served(ours.leaf, ours.authority.certificate);
    expect(await visit(browser, `https://inglenook.local:${port}/`)).toBe('net::ERR_CERT_AUTHORITY_INVALID');
  });
});
