import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { describeInstallers, writeChecksums } from '../../../scripts/lib/dist-files.mjs';
import { builderArguments, takeEdition } from '../../../scripts/lib/dist-target.mjs';
import { signFeed } from '../../../scripts/lib/release-feed.mjs';
import { readFeed } from '../../../server/updates/manifest.ts';
import { readUpdateSource } from '../../../server/updates/source.ts';
import { maker } from './feeds.ts';

function folderWith(names: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'inglenook-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of names) writeFileSync(join(folder, name), name);
  return folder;
}

const names = [
  'Inglenook-0.2.0-linux-amd64-cuda.deb',
  'Inglenook-0.2.0-linux-x86_64-standard.AppImage',
  'Inglenook-0.2.0-mac-arm64-standard.dmg',
  'Inglenook-0.2.0-win-x64-standard.exe',
  'inglenook-0.2.0.tgz',
];
const others = ['Inglenook-0.1.0-win-x64-standard.exe', 'builder-debug.yml', 'latest.yml'];
const news = {
  version: '0.2.0',
  releasedAt: '2026-12-01T00:00:00Z',
  secureFrom: '0.2.0',
  notes: { en: 'New.', de: 'Neu.' },
  base: 'https://inglenook.example/files/',
};
const sum = (text: string): string => createHash('sha256').update(text).digest('hex');

test('the signed news name this version’s installers with their sums, and are believed', async () => {
  const folder = folderWith([...names, ...others]);
  const feed = await signFeed(news, {
    secret: maker.secret,
    folder,
    nowMs: Date.parse('2026-12-01T08:00:00Z'),
  });
  const read = readFeed(feed, [maker.shared]);
  expect(read).toMatchObject({ ...news, v: 1, issuedAt: '2026-12-01T08:00:00.000Z', page: null });
  expect(
    read.files.map(({ name, os, arch, edition, kind, sha256 }) => [name, os, arch, edition, kind, sha256]),
  ).toEqual([
    [names[0], 'linux', 'x64', 'cuda', 'deb', sum(names[0] ?? '')],
    [names[1], 'linux', 'x64', 'standard', 'AppImage', sum(names[1] ?? '')],
    [names[2], 'mac', 'arm64', 'standard', 'dmg', sum(names[2] ?? '')],
    [names[3], 'win', 'x64', 'standard', 'exe', sum(names[3] ?? '')],
    [names[4], 'any', 'any', 'any', 'tgz', sum(names[4] ?? '')],
  ]);
});

test('news that lack something, or a folder without installers, are not signed', async () => {
  const folder = folderWith(others);
  const options = { secret: maker.secret, folder, nowMs: 0 };
  await expect(signFeed({ version: '0.2.0' }, options)).rejects.toThrow('"releasedAt"');
  await expect(signFeed(news, options)).rejects.toThrow('no installers of 0.2.0');
});

test('checksums are written as sha256sum reads them, of installers alone', async () => {
  const folder = folderWith([...names, ...others]);
  await writeChecksums(folder);
  const lines = readFileSync(join(folder, 'SHA256SUMS.txt'), 'utf8').trimEnd().split('\n');
  const wanted = [...names, others[0] ?? ''].toSorted();
  expect(lines).toEqual(wanted.map((name) => `${sum(name)}  ${name}`));
  expect((await describeInstallers(folder, Date.now() + 60_000)).length).toBe(0);
});

test('the edition is asked for by one word; everything else goes to electron-builder', () => {
  expect(takeEdition(['--dir', '--edition', 'cuda', '--x64'])).toEqual({
    edition: 'cuda',
    rest: ['--dir', '--x64'],
  });
  expect(takeEdition(['--edition=standard'])).toEqual({ edition: 'standard', rest: [] });
  expect(takeEdition(['--dir'])).toEqual({ edition: null, rest: ['--dir'] });
  expect(() => takeEdition(['--edition', 'best'])).toThrow('standard or cuda');
});

test('without a certificate macOS’s app is signed ad hoc, with one by it', () => {
  const adHoc = ['-c.mac.identity=-', '-c.mac.hardenedRuntime=false'];
  expect(builderArguments('standard', {})).toEqual(expect.arrayContaining(adHoc));
  for (const environment of [{ CSC_LINK: 'cert.p12' }, { CSC_NAME: 'Founders' }]) {
    expect(builderArguments('standard', environment).filter((word) => word.startsWith('-c.mac'))).toEqual([]);
  }
});

test('what this build says of its makers can be read', () => {
  const file = join(import.meta.dirname, '..', '..', '..', 'resources', 'update-source.json');
  expect(readUpdateSource(file).keys.length).toBeLessThanOrEqual(8);
});
