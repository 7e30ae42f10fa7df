import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { noSettings } from '../../../server/core/alias.ts';
import type { ModelDescription } from '../../../server/core/model.ts';
import { connectGuides } from '../../../server/connect/guides.ts';
import { describeNames, rolesFor } from '../../../server/connect/names.ts';
import { connectGuide, keyPlaceholder } from '../../../server/wire/connect.ts';
import { roleNames } from '../../../server/wire/aliases.ts';
import { createFakeEngine } from '../../fakes/fake-engine.ts';
import { contextWith, guide, snippets } from './contexts.ts';

const both = [true, false];
const trust = {
  caUrl: 'http://192.168.1.20:11500/.well-known/inglenook-ca.pem',
  fingerprint: 'AB:CD:EF',
};
const allContexts = both.flatMap((flag) =>
  [null, 2_048, 12_000, 200_000].map((contextTokens) =>
    contextWith({ contextTokens, isTestModel: flag, plain: flag, trust: flag ? null : trust }),
  ),
);
const textOf = (context: Parameters<typeof connectGuides>[0], id: string): string =>
  JSON.stringify(guide(context, id));

test('there is a guide for each tool of the first set, in the shape of the wire', () => {
  const guides = connectGuides(contextWith());
  expect(connectGuide.array().parse(guides)).toEqual(guides);
  expect(guides.map(({ id }) => id)).toEqual([
    'continue',
    'cline',
    'claude-code',
    'open-webui',
    'cursor',
    'python',
    'typescript',
    'curl',
  ]);
});

describe('the words', () => {
  type Sentences = Record<string, string>;
  const read = (language: string): Sentences =>
    JSON.parse(readFileSync(`renderer/locales/connect.${language}.json`, 'utf8')) as Sentences;
  const english = read('en');
  const german = read('de');
  const placesOf = (sentence = ''): string[] =>
    [...sentence.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? '');
  const steps = allContexts.flatMap((context) => connectGuides(context).flatMap((one) => one.steps));
  const notes = allContexts.flatMap((context) => connectGuides(context).flatMap((one) => one.notes));

  test('exist in both languages for all that any guide says, and for nothing else', () => {
    const said = [...new Set([...steps.map(({ textKey }) => textKey), ...notes])].sort();
    expect(Object.keys(english).sort()).toEqual(said);
    expect(Object.keys(german).sort()).toEqual(said);
  });

  test('ask for the values the steps bring', () => {
    for (const { textKey, values } of steps) {
      expect([textKey, placesOf(english[textKey])]).toEqual([textKey, Object.keys(values)]);
      expect([textKey, placesOf(german[textKey])]).toEqual([textKey, Object.keys(values)]);
    }
  });
});

describe('while tools do not know our authority', () => {
  const context = contextWith({ baseUrl: 'https://192.168.1.20:11500/v1', trust });

  test.each(['continue', 'cline', 'claude-code', 'open-webui', 'python', 'typescript', 'curl'])(
    '%s is told where it is, how to tell that it is ours, and how to trust it',
    (id) => {
      const [download, compare] = guide(context, id).steps;
      expect(download?.snippet?.text).toContain(`'${trust.caUrl}'`);
      expect(compare).toMatchObject({ values: { fingerprint: trust.fingerprint } });
      expect(guide(contextWith(), id).steps.some(({ textKey }) => textKey.startsWith('connect.trust'))).toBe(
        false,
      );
    },
  );

  test.each([
    ['continue', 'caBundlePath: /path/to/inglenook-ca.pem'],
    ['cline', 'export NODE_EXTRA_CA_CERTS=/path/to/inglenook-ca.pem'],
    ['claude-code', 'export NODE_EXTRA_CA_CERTS=/path/to/inglenook-ca.pem'],
    ['typescript', 'export NODE_EXTRA_CA_CERTS=/path/to/inglenook-ca.pem'],
    ['python', 'export SSL_CERT_FILE=/path/to/inglenook-ca.pem'],
    ['open-webui', 'export REQUESTS_CA_BUNDLE=/path/to/with-inglenook.pem'],
    ['curl', '--cacert /path/to/inglenook-ca.pem'],
  ])('%s has its own way', (id, line) => {
    const texts = guide(context, id).steps.map(({ snippet }) => snippet?.text ?? '');
    expect(texts.join('\n')).toContain(line);
    expect(textOf(contextWith(), id)).not.toContain('inglenook-ca.pem');
  });
});

test('Cursor’s page says first that it calls from its own cloud, and never shows an address or a key', () => {
  for (const context of allContexts) {
    const cursor = guide(context, 'cursor');
    expect(cursor).toMatchObject({ availability: 'outside', notes: ['connect.note.cursorCloud'] });
    expect(JSON.stringify(cursor)).not.toMatch(/192\.168|sk-ink/);
  }
});

describe('every guide', () => {
  const usable = (context: Parameters<typeof connectGuides>[0]) =>
    connectGuides(context).filter(({ availability }) => availability === 'ready');

  test('says "test model, not for work" while only the starter answers, in every program text as well', () => {
    const context = contextWith({ isTestModel: true });
    for (const one of usable(context))
      expect([one.id, one.notes[0]]).toEqual([one.id, 'connect.note.testModel']);
    for (const [id, language] of [
      ['continue', 'yaml'],
      ['open-webui', 'sh'],
      ['python', 'python'],
      ['typescript', 'typescript'],
      ['curl', 'sh'],
    ] as const) {
      expect(snippets(context, id, language).at(-1)).toMatch(/^(#|\/\/) test model, not for work/);
    }
    expect(JSON.stringify(connectGuides(contextWith()))).not.toMatch(/test ?model/i);
  });

  test('says that nothing is encrypted while plain http is spoken', () => {
    for (const one of usable(contextWith({ plain: true }))) expect(one.notes).toContain('connect.note.plain');
  });

  test('warns where the tool needs more room than the model has', () => {
    const notesAt = (contextTokens: number | null, id: string) =>
      guide(contextWith({ contextTokens }), id).notes;
    expect(notesAt(4_096, 'continue')).toEqual(['connect.note.context8k']);
    expect(notesAt(12_000, 'continue')).toEqual([]);
    expect(notesAt(12_000, 'cline')).toEqual(['connect.note.context16k']);
    expect(notesAt(12_000, 'claude-code')).toEqual(['connect.note.context32k']);
    expect(notesAt(null, 'claude-code')).toEqual([]);
    expect(notesAt(1, 'curl')).toEqual([]);
  });

  test('holds a place for a key that is not known', () => {
    const context = contextWith({ key: null });
    const withKey = ['continue', 'cline', 'claude-code', 'open-webui', 'python', 'typescript', 'curl'];
    expect(
      connectGuides(context)
        .filter((one) => JSON.stringify(one).includes(keyPlaceholder))
        .map(({ id }) => id)
        .sort(),
    ).toEqual(withKey.sort());
    // Whoever has just made the key puts its text there, and gets what the server would have written.
    expect(JSON.stringify(connectGuides(context)).replaceAll(keyPlaceholder, 'sk-ink_abc')).toBe(
      JSON.stringify(connectGuides(contextWith())),
    );
  });

  test('asks for an answer that fits the model', () => {
    const [small = ''] = snippets(contextWith({ contextTokens: 2_048 }), 'continue', 'yaml');
    expect(small).toMatch(/contextLength: 2048\n\s+maxTokens: 512/);
    expect(snippets(contextWith({ contextTokens: null }), 'continue', 'yaml')[0]).not.toContain(
      'contextLength',
    );
    expect(snippets(contextWith({ contextTokens: null }), 'cline', 'text')).toHaveLength(3);
  });

  test.each([
    'http://10.0.0.5:11500',
    'http://10.0.0.5:11500/',
    'http://10.0.0.5:11500/v1',
    'http://10.0.0.5:11500/v1/',
  ])('has each tool’s own form of the address %s', (baseUrl) => {
    expect(snippets(contextWith({ baseUrl }), 'cline', 'text')[0]).toBe('http://10.0.0.5:11500/v1');
    expect(textOf(contextWith({ baseUrl }), 'claude-code')).toMatch(
      /BASE_URL\\": \\"http:\/\/10\.0\.0\.5:11500\\"/,
    );
  });
});

describe('the names of a key', () => {
  test('are the four, or the nearest it may use', () => {
    expect(rolesFor(null)).toEqual(roleNames);
    expect(rolesFor([])).toEqual(roleNames);
    expect(rolesFor(['office'])).toEqual({
      chat: 'office',
      code: 'office',
      autocomplete: 'office',
      embed: 'office',
    });
    expect(rolesFor(['office-code', 'office-embed'])).toEqual({
      chat: 'office-code',
      code: 'office-code',
      autocomplete: 'office-code',
      embed: 'office-embed',
    });
    expect(rolesFor(['qwen', 'llama'])).toMatchObject({ chat: 'qwen', code: 'qwen' });
  });

  const base = createFakeEngine().models()[0] as ModelDescription;
  const starter: ModelDescription = { ...base, id: 'starter', contextTokens: 4_096 };
  const big: ModelDescription = { ...base, id: 'big', source: 'added', contextTokens: 32_768 };
  const pointing = (chat: string, code: string) => (name: string) => {
    const model = { office: chat, 'office-code': code }[name];
    return model === undefined
      ? null
      : { name, model, fallback: [], builtIn: true, shares: [], settings: noSettings };
  };

  test('tell the smaller context, and whether the starter still answers for one of them', () => {
    const models = [starter, big];
    expect(describeNames(null, models, pointing('starter', 'starter'))).toMatchObject({
      contextTokens: 4_096,
      isTestModel: true,
    });
    expect(describeNames(null, models, pointing('big', 'starter'))).toMatchObject({
      contextTokens: 4_096,
      isTestModel: true,
    });
    expect(describeNames(null, models, pointing('big', 'big'))).toMatchObject({
      contextTokens: 32_768,
      isTestModel: false,
    });
    expect(describeNames(['big'], models, pointing('starter', 'starter'))).toMatchObject({
      contextTokens: 32_768,
      isTestModel: false,
    });
  });

  test('leave the context open while a model has not been loaded or is not there', () => {
    const models = [{ ...starter, contextTokens: null }, big];
    expect(describeNames(null, models, pointing('starter', 'big')).contextTokens).toBeNull();
    expect(describeNames(null, models, pointing('big', 'gone')).contextTokens).toBeNull();
  });
});
