import { expect, it } from 'vitest';
import { choicesOf, chosen, isTestModel, modelBehind } from '../../../renderer/playground/choices.ts';
import { aliasRecord } from '../../../server/wire/aliases.ts';
import { modelDescription, type WireModel } from '../../../server/wire/admin.ts';
import { describeModel } from '../../fakes/fake-engine.ts';

const model = (id: string, change: Partial<WireModel> = {}): WireModel =>
  modelDescription.parse({ ...describeModel(id, 'fake'), ...change });
const alias = (name: string, to: string) =>
  aliasRecord.parse({
    name,
    model: to,
    fallback: [],
    builtIn: false,
    isTestModel: false,
    shares: [],
    settings: { temperature: null, topP: null, maxTokens: null, reasoningEffort: null, systemPrompt: null },
  });

const models = [model('starter'), model('big', { source: 'pulled' }), model('vectors', { task: 'embed' })];
const aliases = [
  alias('gpt-*', 'office'),
  alias('office', 'starter'),
  alias('best', 'office'),
  alias('office-embed', 'starter'),
  alias('search', 'vectors'),
];

it('offers what can write: names but patterns and those for search, and models', () => {
  expect(choicesOf(models, aliases)).toEqual({ names: ['office', 'best'], models: ['starter', 'big'] });
});

it('asks who was chosen while it is there, else what tools ask by, else any model', () => {
  const choices = choicesOf(models, aliases);
  expect(chosen('big', choices)).toBe('big');
  expect(chosen('gone', choices)).toBe('office');
  expect(chosen(null, { names: ['best'], models: ['big'] })).toBe('big');
  expect(chosen(null, { names: [], models: [] })).toBeNull();
});

it('knows the test model behind a name, and behind a name of a name', () => {
  expect(modelBehind('best', aliases)).toBe('starter');
  expect(isTestModel('best', models, aliases)).toBe(true);
  expect(isTestModel('big', models, aliases)).toBe(false);
  expect(modelBehind('a', [alias('a', 'b'), alias('b', 'a')])).toMatch(/^[ab]$/);
});
