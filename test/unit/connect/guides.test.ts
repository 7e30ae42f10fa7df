import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { noSettings } from '../../../server/core/alias.ts';
import type { ModelDescription } from '../../../server/core/model.ts';
import { requirements } from '../../../server/check/requirements.ts';
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
const places = [
  { name: null, port: null },
  { name: 'ai.example.net', port: null },
  { name: null, port: 11500 },
  { name: 'ai.example.net', port: 11500 },
];
const allContexts = both.flatMap((flag) =>
  [null, 2_048, 12_000, 200_000].flatMap((contextTokens) =>
    places.map((outside) =>
      contextWith({ contextTokens, isTestModel: flag, plain: flag, outside, trust: flag ? null : trust }),
    ),
  ),
);
const textOf = (context: Parameters<typeof connectGuides>[0], id: string): string =>
  JSON.stringify(guide(context, id));

test('there is a guide for each tool, by kind, in the shape of the wire', () => {
  const guides = connectGuides(contextWith());
  expect(connectGuide.array().parse(guides)).toEqual(guides);
  expect(guides.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
    'editor continue',
    'editor cline',
    'editor roo-code',
    'editor kilo-code',
    'editor vs-code',
    'editor jetbrains',
    'editor zed',
    'editor cursor',
    'agent claude-code',
    'agent codex',
    'agent opencode',
    'agent aider',
    'agent goose',
    'chat open-webui',
    'chat librechat',
    'chat obsidian',
    'automation n8n',
    'automation home-assistant',
    'library python',
    'library typescript',
    'terminal curl',
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

  test.each(['continue', 'cline', 'claude-code', 'codex', 'open-webui', 'python', 'typescript', 'curl'])(
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
    ['codex', 'export CODEX_CA_CERTIFICATE=/path/to/inglenook-ca.pem'],
    ['codex', '--cacert /path/to/inglenook-ca.pem'],
    ['opencode', 'export NODE_EXTRA_CA_CERTS=/path/to/inglenook-ca.pem'],
    ['aider', 'export SSL_CERT_FILE=/path/to/inglenook-ca.pem'],
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

describe('Cursor’s page', () => {
  const keysOf = (outside: { name: string | null; port: number | null }) =>
    guide(contextWith({ outside }), 'cursor').steps.map(({ textKey }) => textKey);

  test('says first that it calls from its own cloud, and never shows an address of the office', () => {
    for (const context of allContexts) {
      const cursor = guide(context, 'cursor');
      expect(cursor).toMatchObject({
        availability: 'outside',
        notes: ['connect.note.cursorCloud', 'connect.note.cursorVerify'],
      });
      expect(JSON.stringify(cursor)).not.toContain('192.168');
    }
  });

  test('sends a teammate to the owner, or names the public name to whose key may be used there', () => {
    expect(keysOf({ name: null, port: null })).toEqual([
      'connect.cursor.extension',
      'connect.cursor.askOwner',
    ]);
    const withName = contextWith({ outside: { name: 'ai.example.net', port: null } });
    expect(snippets(withName, 'cursor', 'text')).toEqual([
      'sk-ink_abc',
      'https://ai.example.net/v1',
      'office-code',
    ]);
    expect(textOf(withName, 'cursor')).not.toContain('127.0.0.1');
  });

  test('walks the owner through it, and goes on with the name once there is one', () => {
    const owner = keysOf({ name: null, port: 11500 });
    expect(owner).toContain('connect.cursor.setName');
    expect(owner.at(-1)).toBe('connect.cursor.close');
    const named = contextWith({ outside: { name: 'ai.example.net', port: 12000 } });
    expect(keysOf({ name: 'ai.example.net', port: 12000 })).not.toContain('connect.cursor.setName');
    expect(textOf(named, 'cursor')).not.toContain('ai.example.org');
    expect(textOf(named, 'cursor')).toContain('http://127.0.0.1:12000');
    // The command line takes the key that this makes (test/unit/outside).
    expect(snippets(named, 'cursor', 'sh').join('')).toMatch(/key create .*--outside --rpm 20 --expires 30d/);
  });
});

test('what a guide says was run is what the tests of clients and libraries run', () => {
  const clients = JSON.parse(readFileSync('test/clients/package.json', 'utf8')) as {
    dependencies: Record<string, string>;
    optionalDependencies: Record<string, string>;
  };
  const libraries = JSON.parse(readFileSync('package.json', 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const python = (list: string, name: string) =>
    new RegExp(`^${name}==(\\S+)`, 'm').exec(readFileSync(list, 'utf8'))?.[1];
  const { dependencies, optionalDependencies } = clients;
  expect(
    Object.fromEntries(
      connectGuides(contextWith()).flatMap(({ id, tested }) => (tested === null ? [] : [[id, tested]])),
    ),
  ).toEqual({
    'open-webui': `Open WebUI ${python('test/clients/open-webui.txt', 'open-webui')}`,
    'kilo-code': `Kilo CLI ${dependencies['@kilocode/cli']}`,
    continue: `Continue CLI ${dependencies['@continuedev/cli']}`,
    cline: `Cline CLI ${dependencies['cline']}`,
    'claude-code': `Claude Code ${dependencies['@anthropic-ai/claude-code']}`,
    codex: `Codex ${dependencies['@openai/codex']}`,
    opencode: `OpenCode ${dependencies['opencode-ai']}`,
    aider: `Aider ${python('test/clients/aider.txt', 'aider-chat')}`,
    goose: `Goose ${optionalDependencies['@aaif/goose-binary-linux-x64']}`,
    python: `openai ${python('test/python/requirements.txt', 'openai')} (Python)`,
    typescript: `openai ${libraries.devDependencies['openai']} (npm)`,
    // The system's own, whichever it is; this one it was on the day of docs/tested-with.md.
    curl: 'curl 7.88.1',
  });
  const written = readFileSync('docs/tested-with.md', 'utf8');
  for (const { tested } of connectGuides(contextWith())) expect(written).toContain(tested ?? '');
});

test('with https of our own authority, every tool that can reach us is told to trust it', () => {
  for (const one of connectGuides(contextWith({ trust })).filter(
    ({ availability }) => availability === 'ready',
  )) {
    expect([one.id, /inglenook-ca\.pem|noAuthority/.test(JSON.stringify(one))]).toEqual([one.id, true]);
  }
  expect(JSON.stringify(connectGuides(contextWith()))).not.toMatch(/inglenook-ca|connect\.trust/);
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
      ['cline', 'sh'],
      ['codex', 'toml'],
      ['aider', 'yaml'],
      ['goose', 'sh'],
      ['librechat', 'yaml'],
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

  test('takes the room that a tool needs for what its check does', () => {
    const told = usable(contextWith({ contextTokens: 1 })).map(({ id, notes }) => [
      id,
      notes.filter((note) => note.startsWith('connect.note.context')),
    ]);
    const needed = usable(contextWith()).map(({ id }) => {
      const needs = requirements.find(({ client, part }) => client === id && part === null)?.contextTokens;
      if (needs === undefined) throw new Error(`${id} is not checked`);
      return [id, needs === null ? [] : [`connect.note.context${needs / 1000}k`]];
    });
    expect(told).toEqual(needed);
  });

  test('asks by the names of its roles, and by no other', () => {
    const roles = { chat: 'the-chat', code: 'the-code', autocomplete: 'the-rest', embed: 'the-index' };
    const context = contextWith({ roles, outside: { name: 'ai.example.net', port: null } });
    for (const one of connectGuides(context)) {
      const asked = Object.entries(roles).filter(([, name]) => textOf(context, one.id).includes(name));
      expect([one.id, asked.map(([role]) => role).sort()]).toEqual([one.id, one.roles.toSorted()]);
    }
  });

  test('holds a place for a key that is not known', () => {
    const context = contextWith({ key: null });
    expect(
      connectGuides(context)
        .filter((one) => !JSON.stringify(one).includes(keyPlaceholder))
        .map(({ id }) => id),
    ).toEqual(['cursor']);
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

  test('tell the context of a model that rests as it was, and no more than the owner allows since', () => {
    const resting = { ...big, state: 'off', contextTokens: null } as const;
    const attempt = { backend: 'cpu', gpuShare: 0, slots: 2, contextTokens: 16_384, cause: null } as const;
    const contextOf = (changes: Partial<ModelDescription>) =>
      describeNames(null, [{ ...resting, ...changes }], pointing('big', 'big')).contextTokens;
    const ran = [
      { ...attempt, contextTokens: 32_768, reason: 'Too little memory.' },
      { ...attempt, reason: null },
    ];
    const allowed = (contextTokens: number) => ({ ...big.settings, contextTokens });
    expect(contextOf({ attempts: ran })).toBe(16_384);
    expect(contextOf({ attempts: ran, settings: allowed(8_192) })).toBe(8_192);
    expect(contextOf({ attempts: ran, settings: allowed(65_536) })).toBe(16_384);
    expect(contextOf({ settings: allowed(8_192) })).toBe(8_192);
    expect(contextOf({ attempts: [{ ...attempt, reason: 'Too little memory.' }] })).toBeNull();
  });

  test('leave the context open while a model has not been loaded or is not there', () => {
    const models = [{ ...starter, contextTokens: null }, big];
    expect(describeNames(null, models, pointing('starter', 'big')).contextTokens).toBeNull();
    expect(describeNames(null, models, pointing('big', 'gone')).contextTokens).toBeNull();
  });
});
