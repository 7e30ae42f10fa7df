import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../../server/config.ts';
import { ensureServerSecret } from '../../../server/store/server-secret.ts';
import { usualDataDir } from '../../../server/wire/data-dir.ts';

const masterKey = 'm'.repeat(43);
const sealing = { masterKey, seal: true };

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'inglenook-secret-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
const kept = (dir: string): string => readFileSync(join(dir, 'server.key'), 'utf8');

test('without a keychain it lies in its file, as ever', () => {
  const dir = folder();
  const secret = ensureServerSecret(dir);
  expect(secret).toMatch(/^ink-secret_[\w-]{43}$/);
  expect(kept(dir)).toBe(`${secret}\n`);
  expect(ensureServerSecret(dir)).toBe(secret);
});

test('with one it is sealed where it lay open, stays the same, and is opened for good when that is wanted', () => {
  const dir = folder();
  const secret = ensureServerSecret(dir);
  expect(ensureServerSecret(dir, sealing)).toBe(secret);
  expect(kept(dir)).toMatch(/^ink-sealed_[\w-]+\n$/);
  expect(kept(dir)).not.toContain(secret);
  expect(statSync(join(dir, 'server.key')).mode & 0o777).toBe(0o600);
  expect(ensureServerSecret(dir, sealing)).toBe(secret);
  expect(ensureServerSecret(dir, { masterKey, seal: false })).toBe(secret);
  expect(kept(dir)).toBe(`${secret}\n`);
  expect(readdirSync(dir)).toEqual(['server.key']);
});

test('a new one is sealed from the start', () => {
  const dir = folder();
  const secret = ensureServerSecret(dir, sealing);
  expect(kept(dir)).not.toContain(secret);
  expect(ensureServerSecret(dir, sealing)).toBe(secret);
});

test.each([
  ['no keychain', null, 'sealed by this computer’s keychain'],
  ['another key', { masterKey: 'n'.repeat(43), seal: true }, 'with another key'],
])('sealed, it is never replaced by a new one: %s', (_what, keychain, words) => {
  const dir = folder();
  ensureServerSecret(dir, sealing);
  const before = kept(dir);
  expect(() => ensureServerSecret(dir, keychain)).toThrow(
    expect.objectContaining({ code: 'secret_sealed', message: expect.stringContaining(words) }),
  );
  expect(kept(dir)).toBe(before);
});

test('damaged while sealed it is refused as well: nothing tells what it protects', () => {
  const dir = folder();
  ensureServerSecret(dir, sealing);
  writeFileSync(join(dir, 'server.key'), `${kept(dir).slice(0, -6)}\n`);
  expect(() => ensureServerSecret(dir, sealing)).toThrow(expect.objectContaining({ code: 'secret_sealed' }));
});

test('the app and the server look for the data in the same folder', () => {
  const home = homedir();
  for (const environment of [{}, { XDG_DATA_HOME: '/data' }]) {
    const usual = usualDataDir({ platform: process.platform, environment, home });
    expect(readConfig(environment).dataDir).toBe(resolve(usual));
  }
  expect(usualDataDir({ platform: 'darwin', environment: {}, home: '/Users/anna' })).toBe(
    '/Users/anna/Library/Application Support/Inglenook',
  );
  const environment = { LOCALAPPDATA: 'D:\\Local' };
  expect(usualDataDir({ platform: 'win32', environment, home: 'C:\\Users\\anna' })).toBe(
    'D:\\Local\\Inglenook',
  );
  expect(usualDataDir({ platform: 'win32', environment: {}, home: 'C:\\Users\\anna' })).toBe(
    'C:\\Users\\anna\\AppData\\Local\\Inglenook',
  );
});
