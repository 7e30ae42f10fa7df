import { envelope, newKeyPair } from '../../../scripts/lib/release-feed.mjs';

/** The makers’ key of these tests. */
export const maker = newKeyPair();
export const stranger = newKeyPair();

export const installer = Buffer.from('an installer, as far as these tests go');

/** News of 0.2.0, as scripts/release-feed.mjs would write them. */
export const news = {
  v: 1,
  issuedAt: '2026-11-22T08:00:00.000Z',
  version: '0.2.0',
  releasedAt: '2026-11-22T08:00:00.000Z',
  secureFrom: '0.1.5',
  notes: { en: 'Closes a hole.', de: 'Schließt eine Lücke.' },
  page: 'https://inglenook.example/0.2.0',
  base: 'https://inglenook.example/files/',
  files: [
    file('linux', 'deb'),
    file('linux', 'AppImage'),
    file('mac', 'dmg', 'arm64'),
    file('win', 'exe'),
    tgz(),
  ],
};

export function feedOf(change: Readonly<Record<string, unknown>> = {}, secret = maker.secret): string {
  return envelope(JSON.stringify({ ...news, ...change }), secret);
}

function file(os: string, kind: string, arch = 'x64') {
  const name = `Inglenook-0.2.0-${os}-${arch}-standard.${kind}`;
  return { name, os, arch, edition: 'standard', kind, sizeBytes: installer.length, sha256: 'a'.repeat(64) };
}

function tgz() {
  const name = 'inglenook-0.2.0.tgz';
  return { name, os: 'any', arch: 'any', edition: 'any', kind: 'tgz', sizeBytes: 1, sha256: 'b'.repeat(64) };
}
