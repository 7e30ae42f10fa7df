import { expect, test } from 'vitest';
import { versionAgeCheck, versionCheck } from '../../../server/doctor/version.ts';
import type { UpdateState } from '../../../server/wire/updates.ts';
import { problemTexts } from '../../../server/updates/fault.ts';

const nowMs = Date.parse('2027-01-01T12:00:00Z');
const quiet: UpdateState = {
  version: '0.1.0',
  releasedOn: '2026-11-23',
  ageDays: 39,
  choice: 'no',
  feed: 'https://inglenook.example/updates.json',
  isOwnFeed: false,
  isPossible: true,
  lookedAt: null,
  knownAt: null,
  problem: null,
  problemText: null,
  news: null,
  download: { state: 'none' },
};
const newer: NonNullable<UpdateState['news']> = {
  version: '0.2.0',
  releasedAt: '2026-12-24T00:00:00.000Z',
  isSecurity: true,
  notes: { en: '', de: '' },
  page: null,
  file: null,
};
const unreachable = { problem: 'unreachable', problemText: problemTexts.unreachable } as const;

test.each([
  [
    'not looking, young',
    {},
    'ok',
    '0.1.0 of 2026-11-23 runs, 39 days old. Newer versions are not looked for.',
  ],
  ['not looking, old', { ageDays: 181 }, 'warn', '181 days old. Newer versions are not looked for.'],
  ['age unknown', { releasedOn: null, ageDays: null }, 'ok', '0.1.0 runs. Newer'],
  [
    'looking, nothing newer',
    { choice: 'yes', knownAt: '2027-01-01T10:00:00Z', ageDays: 400 },
    'ok',
    'Nothing newer is known.',
  ],
  [
    'looking in vain for weeks',
    { choice: 'yes', knownAt: '2026-12-01T10:00:00Z', ...unreachable },
    'warn',
    'does not answer',
  ],
  [
    'looking in vain since today',
    { choice: 'yes', knownAt: '2026-12-31T10:00:00Z', ...unreachable },
    'ok',
    'Nothing newer',
  ],
  [
    'something newer',
    { news: { ...newer, isSecurity: false } },
    'warn',
    '0.2.0 is there. It is not about security.',
  ],
  [
    'something newer, about security',
    { news: newer },
    'bad',
    '0.1.0 has a known weakness, which 0.2.0 has not.',
  ],
] as const)('%s', async (_name, change, state, sentence) => {
  const found = await versionCheck(
    () => ({ ...quiet, ...change }),
    () => nowMs,
  ).look(new AbortController().signal);
  expect(found).toMatchObject({ state, sentence: { en: expect.stringContaining(sentence) } });
  expect(found.sentence.de).not.toBe(found.sentence.en);
  if (state !== 'ok') expect(found.fix?.de).toMatch(/\S/u);
});

test('while no server runs, the program still knows how old it is', async () => {
  const build = { version: '0.1.0', releasedOn: '2026-11-23' };
  const { signal } = new AbortController();
  expect(await versionAgeCheck(build, nowMs).look(signal)).toMatchObject({ state: 'ok' });
  expect(await versionAgeCheck(build, nowMs + 200 * 86_400_000).look(signal)).toMatchObject({
    state: 'warn',
    sentence: { en: '0.1.0 of 2026-11-23 runs, 239 days old.' },
  });
  // A clock that stands before the day tells nothing.
  expect(await versionAgeCheck(build, 0).look(signal)).toMatchObject({ sentence: { en: '0.1.0 runs.' } });
});
