import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTeller, partsOfError, type ServerWords } from '../../../renderer/server-words.ts';
import { LoadFailed } from '../../../server/engines/builtin/life/model-process.ts';
import { describeLoadFailure, tooBig } from '../../../server/engines/builtin/life/load-failure.ts';
import { networkFault } from '../../../server/engines/builtin/supply/download-fault.ts';
import { fromFailure } from '../../../server/engines/openai/upstream-errors.ts';

const root = join(import.meta.dirname, '../../..');
const locales = join(root, 'renderer/locales');

async function words(language: string): Promise<ServerWords> {
  return JSON.parse(await readFile(join(locales, `errors.${language}.json`), 'utf8')) as ServerWords;
}

async function serverSources(): Promise<string[]> {
  const names = await readdir(join(root, 'server'), { recursive: true });
  return Promise.all(
    names.filter((name) => name.endsWith('.ts')).map((name) => readFile(join(root, 'server', name), 'utf8')),
  );
}

/** In files that make refusals: a code where it is given, and as the last word to a helper that makes the refusal. */
function codesIn(source: string): string[] {
  if (!source.includes('AppError')) return [];
  const given = /\bcode: '([a-z_]+)'/g;
  const handed =
    /\b(?:refused|refusal|broken|unusable|unavailable|clientError|notNow|unfit|fail|wrong)\(\s*(?:[\w.]+,\s*)?(?:'[^'\n]*',\s*|`[^`]*`,\s*)?'([a-z]+(?:_[a-z]+)+)'/g;
  const chosen = /'([a-z]+(?:_[a-z]+)+)',\s*(?:\/\/[^\n]*\n\s*)?(?:'|`)[A-Z]/g;
  return [given, handed, chosen].flatMap((form) => [...source.matchAll(form)].map((found) => found[1] ?? ''));
}

/** What zod says to itself, and what only the command line is told while it asks to be let in (RFC 8628). */
const notForTheConsole = new Set([
  'custom',
  'unrecognized_keys',
  'access_denied',
  'authorization_pending',
  'expired_token',
  'slow_down',
  'unsupported_grant_type',
]);

describe('what the server says, in German', () => {
  it('has words for every code of a refusal', async () => {
    const { codes } = await words('de');
    const found = new Set((await serverSources()).flatMap(codesIn));
    expect(found.size).toBeGreaterThan(120);
    for (const code of ['upstream_unreachable', 'key_mismatch', 'gpu_released', 'source_refused']) {
      expect(Object.keys(codes)).toContain(code);
    }
    expect([...found].filter((code) => !(code in codes) && !notForTheConsole.has(code)).toSorted()).toEqual(
      [],
    );
  });

  it.each(['de', 'en'])('(errors.%s.json) knows sentences that the server still says', async (language) => {
    const { sentences } = await words(language);
    const source = (await serverSources())
      .join('\n')
      // Sentences may be put together from several texts, over several lines.
      .replaceAll(/['`]\s*\+\s*['`]/g, '');
    const forgotten = Object.keys(sentences).filter((sentence) =>
      sentence
        .split(/\{\{\w+\}\}|[()]|[.,] | or | GB\b|(?<=^The file \S*) /u)
        .map((part) => part.trim().replace(/[.:]$/, ''))
        .filter((part) => part.length > 11)
        .some((part) => !source.includes(part)),
    );
    expect(forgotten).toEqual([]);
  });

  it.each(['de', 'en'])('(errors.%s.json) keeps every name and number it shows', async (language) => {
    const { sentences } = await words(language);
    const names = (text: string) => [...text.matchAll(/\{\{\w+\}\}/g)].map(([name]) => name);
    for (const [said, told] of Object.entries(sentences)) {
      expect(
        names(told).filter((name) => !names(said).includes(name)),
        said,
      ).toEqual([]);
      expect(told.trim(), said).not.toBe('');
    }
  });

  it('tells what the engine, the source and another server say', async () => {
    const tell = createTeller(await words('de'), 'de');
    const ways = [
      'memory',
      'no binary',
      'unknown architecture',
      'process ended',
      'process ended (silent',
      '?',
    ];
    for (const cause of ways)
      expect(tell(describeLoadFailure(new LoadFailed(cause, null).message))).not.toBeNull();
    for (const code of ['ENOTFOUND', 'ECONNREFUSED', 'ETIMEDOUT', 'CERT_HAS_EXPIRED', 'EWHATEVER']) {
      expect(tell(networkFault(Object.assign(new Error('x'), { code })).message), code).not.toBeNull();
    }
    const failure = Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
    const { message } = fromFailure('lab (box)', failure, new AbortController().signal) as Error;
    expect(message).toContain('ECONNREFUSED');
    expect(tell(message)).toBe('lab (box) ist nicht erreichbar. Läuft es?');
  });

  it('tells a sentence within a sentence, with numbers as they are written there', async () => {
    const tell = createTeller(await words('de'), 'de');
    const room = {
      kind: 'refuse',
      needBytes: 12.34e9,
      freeBytes: 2e9,
      totalBytes: 8e9,
      pinnedIds: [],
    } as const;
    expect(tell(tooBig('big', room).message)).toBe(
      'Das Modell „big“ lässt sich gerade nicht benutzen. Es braucht etwa 12,3 GB Speicher, und dieser Rechner hat 8,0 GB. Nehmen Sie ein kleineres Modell oder eine kleinere Fassung davon.',
    );
    const pinned = tooBig('big', { ...room, totalBytes: 64e9, pinnedIds: ['a', 'b'] }).message;
    expect(tell(pinned)).toContain('halten Sie a, b nicht länger fest');
  });

  it('falls back to the code, and to nothing where neither is known', async () => {
    const tell = createTeller(await words('de'), 'de');
    expect(tell('Words that nobody knows.', 'wrong_password')).toBe('Das Passwort stimmt nicht.');
    expect(tell('Words that nobody knows.', 'made_up')).toBeNull();
    expect(tell('Words that nobody knows.')).toBeNull();
  });

  it('takes the code of a row of the log off its sentence', () => {
    expect(partsOfError('engine_stopped: The engine has stopped: why?')).toEqual({
      code: 'engine_stopped',
      said: 'The engine has stopped: why?',
    });
    expect(partsOfError('The source: gone.')).toEqual({ code: null, said: 'The source: gone.' });
  });
});

describe('the sentences of the console', () => {
  const own = /^(?:[\w-]+\.)?(?:en|de)\.json$/;

  it('are in files whose keys begin each in its own way, the same in both languages', async () => {
    const files = (await readdir(locales)).filter(
      (name) => own.test(name) && !/^(?:me|pair|errors)\./.test(name),
    );
    const keysOf = async (name: string): Promise<string[]> =>
      Object.keys(JSON.parse(await readFile(join(locales, name), 'utf8')) as object);
    for (const language of ['en', 'de']) {
      const names = files.filter((name) => name.endsWith(`${language}.json`));
      const first = (await Promise.all(names.map(keysOf))).flat();
      expect(
        first.filter((key, index) => first.indexOf(key) !== index),
        language,
      ).toEqual([]);
    }
  });

  it('have the same keys in both languages, file by file', async () => {
    const files = (await readdir(locales)).filter((name) => own.test(name) && name.endsWith('en.json'));
    const paths = (node: unknown, path: string): string[] =>
      typeof node === 'object' && node !== null
        ? Object.entries(node).flatMap(([name, child]) => paths(child, `${path}.${name}`))
        : [path];
    for (const name of files.filter((file) => !file.startsWith('errors.'))) {
      const read = async (file: string) =>
        paths(JSON.parse(await readFile(join(locales, file), 'utf8')), '').toSorted();
      expect(await read(name.replace(/en\.json$/, 'de.json')), name).toEqual(await read(name));
    }
  });
});
