import { describe, expect, it } from 'vitest';
import { requirements } from '../../../server/check/requirements.ts';
import { connectGuides } from '../../../server/connect/guides.ts';
import { passKeyId } from '../../../server/core/pass.ts';
import { checkKeyId, type CheckPoint, type VerdictState } from '../../../server/wire/checks.ts';
import { createAbleModel } from '../../fakes/able-model.ts';
import { startComposed } from '../../fakes/composed.ts';
import { contextWith } from '../connect/contexts.ts';
import { checked, statesOf, toolsBy } from './checked.ts';

const allOk: Readonly<Partial<Record<CheckPoint, VerdictState>>> = {
  text: 'ok',
  tools: 'ok',
  'tools-stream': 'ok',
  'tools-parallel': 'ok',
  'json-schema': 'ok',
  responses: 'ok',
  'responses-tools': 'ok',
  messages: 'ok',
  'messages-tools': 'ok',
  // It would need the chat model once more in memory.
  embeddings: 'skipped',
  'fill-middle': 'ok',
  'long-context': 'ok',
};

const everyTool = [
  'continue',
  'continue/autocomplete',
  'cline',
  'roo-code',
  'kilo-code',
  'zed',
  'vs-code',
  'jetbrains',
  'claude-code',
  'codex',
  'opencode',
  'aider',
  'goose',
  'open-webui',
  'librechat',
  'n8n',
  'obsidian',
  'home-assistant',
  'cursor',
  'python',
  'typescript',
  'curl',
];

type Expected = { readonly fails?: readonly string[]; readonly limited?: readonly string[] };

/** What each tool does without it; Cursor is always limited, since it calls from its own cloud. */
const table: readonly (readonly [CheckPoint, Expected])[] = [
  [
    'text',
    {
      fails: everyTool.filter(
        (name) => !['continue/autocomplete', 'claude-code', 'codex', 'n8n', 'home-assistant'].includes(name),
      ),
    },
  ],
  ['tools', { limited: ['python', 'typescript'] }],
  [
    'tools-stream',
    {
      fails: ['cline', 'roo-code', 'kilo-code', 'opencode', 'goose', 'cursor'],
      limited: ['continue', 'zed', 'vs-code', 'jetbrains'],
    },
  ],
  ['tools-parallel', { limited: ['roo-code'] }],
  ['json-schema', { limited: ['python', 'typescript'] }],
  ['responses', { fails: ['codex', 'n8n', 'home-assistant'] }],
  ['responses-tools', { fails: ['codex'], limited: ['n8n', 'home-assistant'] }],
  ['messages', { fails: ['claude-code'] }],
  ['messages-tools', { fails: ['claude-code'] }],
  ['fill-middle', { fails: ['continue/autocomplete'] }],
  [
    'long-context',
    {
      fails: ['cline', 'roo-code', 'kilo-code', 'claude-code', 'codex', 'opencode'],
      limited: ['zed', 'vs-code', 'aider', 'goose', 'open-webui', 'librechat'],
    },
  ],
];

describe('a model that does everything but one thing', () => {
  it.each(table)(
    'without %s: exactly the tools that need it fail or are limited',
    async (point, expected) => {
      const server = await startComposed({ withEngine: createAbleModel({ fails: point }) });
      const found = await checked(server);
      expect(statesOf(found)).toEqual({ ...allOk, [point]: 'failed' });
      const fails = expected.fails ?? [];
      const limited = everyTool.filter(
        (name) => !fails.includes(name) && (name === 'cursor' || (expected.limited ?? []).includes(name)),
      );
      expect(toolsBy(found)).toEqual({
        works: everyTool.filter((name) => !fails.includes(name) && !limited.includes(name)),
        limited,
        fails,
        unknown: [],
      });
    },
  );

  it('says of what failed which form it should have had, and of the tool what it lacks', async () => {
    const server = await startComposed({ withEngine: createAbleModel({ fails: 'json-schema' }) });
    const found = await checked(server);
    expect(found.verdicts.find(({ point }) => point === 'json-schema')).toMatchObject({
      code: 'malformed',
      sentence: 'The answer does not have the form that tools need: the answer is not JSON.',
    });
    expect(found.badges.find(({ client }) => client === 'python')?.sentence).toBe(
      'Python: JSON by a schema failed.',
    );
  });
});

it('a model that does everything works with every tool but Cursor, which needs a public name', async () => {
  const server = await startComposed({ withEngine: createAbleModel() });
  const found = await checked(server);
  expect(statesOf(found)).toEqual(allOk);
  expect(toolsBy(found)).toEqual({
    works: everyTool.filter((name) => name !== 'cursor'),
    limited: ['cursor'],
    fails: [],
    unknown: [],
  });
  expect(found).toMatchObject({ state: 'fresh', contextTokens: 40_000, slots: 8, problem: null });
});

it('an embedding model is asked for vectors alone, and told to the tools that want some', async () => {
  for (const fails of [null, 'embeddings'] as const) {
    const engine = createAbleModel({ task: 'embed', fails });
    const server = await startComposed({ withEngine: engine });
    const found = await checked(server);
    const state = fails === null ? 'ok' : 'failed';
    expect(statesOf(found)).toEqual(
      Object.fromEntries(
        Object.keys(allOk).map((point) => [point, point === 'embeddings' ? state : 'not-supported']),
      ),
    );
    expect(toolsBy(found)[fails === null ? 'works' : 'fails']).toEqual(['continue/embeddings']);
    expect(engine.seen.requests).toEqual([]);
  }
});

it('a model that calls one tool at a time does not claim more, so nothing has failed', async () => {
  const server = await startComposed({ withEngine: createAbleModel({ oneCall: true }) });
  const found = await checked(server);
  expect(statesOf(found)).toEqual({ ...allOk, 'tools-parallel': 'not-supported' });
  expect(toolsBy(found).limited).toEqual(['roo-code', 'cursor']);
});

it('a context that is too small for a tool is said in numbers, and decides before all else', async () => {
  const server = await startComposed({
    withEngine: createAbleModel({ contextTokens: 8192, slots: 1, fails: 'messages' }),
  });
  const found = await checked(server);
  const sentences = found.badges.map(({ sentence }) => sentence);
  expect(sentences).toContain('Claude Code: needs 32k context, has 8k; Messages API failed.');
  expect(sentences).toContain('Cline: needs 16k context, has 8k.');
  expect(sentences).toContain('Aider: works.');
  expect(sentences).toContain('OpenCode: needs 32k context, has 8k.');
});

it('one place is too few for a tool that asks twice, and the starter model is for testing only', async () => {
  const server = await startComposed({ withEngine: createAbleModel({ slots: 1, source: 'starter' }) });
  const found = await checked(server);
  const sentences = found.badges.map(({ sentence }) => sentence);
  expect(sentences).toContain(
    'OpenCode: works best with 2 requests at once, has 1; answers in the right form, but is a test model, not for work.',
  );
  expect(toolsBy(found)).toEqual({ works: [], limited: everyTool, fails: [], unknown: [] });
});

it('every tool that has a guide has its needs written down', () => {
  const known = new Set(requirements.map(({ client }) => client));
  const guides = connectGuides(contextWith()).filter(({ id }) => !known.has(id));
  expect(guides.map(({ id }) => id)).toEqual([]);
});

it('the console knows what the server asks for itself by the same id as the gate', () => {
  expect(checkKeyId).toBe(passKeyId);
});
