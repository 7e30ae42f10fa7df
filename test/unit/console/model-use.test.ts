import { describe, expect, it } from 'vitest';
import { whatToUnload, type Fit } from '../../../renderer/fit.ts';
import { finalModel, keysOnlyFor, namesOf, rolesOf } from '../../../renderer/model-use.ts';
import { contextSteps, nearestStep } from '../../../renderer/sections/model-settings-form.ts';
import type { KeyRecord, WireModel } from '../../../server/wire/admin.ts';
import type { AliasRecord } from '../../../server/wire/aliases.ts';

const alias = (name: string, model: string, more: Partial<AliasRecord> = {}): AliasRecord => ({
  name,
  model,
  fallback: [],
  builtIn: false,
  isTestModel: false,
  shares: [],
  settings: { temperature: null, topP: null, maxTokens: null, reasoningEffort: null, systemPrompt: null },
  ...more,
});

const key = (name: string, models: string[] | null, status: KeyRecord['status'] = 'active') =>
  ({ name, models, status }) as KeyRecord;

describe('what a model can be asked for', () => {
  it('goes by its task, its name, and what its header says of tools', () => {
    const roles = (id: string, task: WireModel['task'], tools: boolean | null = null) =>
      rolesOf({ id, task }, tools);
    expect(roles('qwen3-8b', 'generate')).toEqual(['chat']);
    expect(roles('qwen3-coder-30b', 'generate', true)).toEqual(['chat', 'code', 'tools']);
    expect(roles('codestral-22b', 'generate', false)).toEqual(['chat', 'code']);
    // A decoder is no coder.
    expect(roles('unicode-decoders', 'generate')).toEqual(['chat']);
    expect(roles('bge-m3', 'embed', true)).toEqual(['embeddings']);
    expect(roles('bge-reranker', 'rerank')).toEqual(['ranking']);
  });
});

describe('what hangs on a model', () => {
  const aliases = [
    alias('office', 'gpt-4o'),
    alias('gpt-4o', 'qwen'),
    alias('safe', 'qwen', { fallback: ['other'] }),
    alias('shared', 'other', {
      shares: [
        { model: 'other', weight: 1 },
        { model: 'qwen', weight: 1 },
      ],
    }),
    alias('ring', 'ring-2'),
    alias('ring-2', 'ring'),
  ];

  it('are the names that lead to it or share its work, and where a name leads in the end', () => {
    expect(namesOf('qwen', aliases)).toEqual(['gpt-4o', 'safe', 'shared']);
    expect([
      finalModel('office', aliases),
      finalModel('ring', aliases),
      finalModel('nobody', aliases),
    ]).toEqual(['qwen', null, null]);
  });

  it('are the devices that could use nothing else', () => {
    const keys = [
      key('only it', ['qwen']),
      key('by a name', ['office']),
      key('with a way out', ['safe']),
      key('another too', ['qwen', 'other']),
      key('everything', null),
      key('nothing', []),
      key('gone', ['qwen'], 'revoked'),
    ];
    expect(keysOnlyFor('qwen', aliases, keys).map(({ name }) => name)).toEqual(['only it', 'by a name']);
  });
});

describe('room for a model', () => {
  const fit = (verdict: Fit['verdict'], neededBytes: number | null, freeBytes: number) =>
    ({ verdict, neededBytes, freeBytes }) as Fit;
  const loaded = (id: string, measuredBytes: number | null, more: Partial<WireModel> = {}) =>
    ({ id, state: 'ready', memory: { measuredBytes }, settings: { pinned: false }, ...more }) as WireModel;

  it('is made by the smallest that is enough, idle and not pinned', () => {
    const models = [
      loaded('big', 9e9),
      loaded('enough', 6e9),
      loaded('small', 1e9),
      loaded('busy', 5e9, { state: 'busy' }),
      loaded('pinned', 5e9, { settings: { pinned: true } as WireModel['settings'] }),
      loaded('unmeasured', null),
    ];
    expect(whatToUnload(fit('too-big', 10e9, 5e9), models)?.id).toBe('enough');
    expect(whatToUnload(fit('fits', 4e9, 5e9), models)).toBeNull();
    expect(whatToUnload(fit('too-big', 100e9, 5e9), models)).toBeNull();
    expect(whatToUnload(fit('unknown', null, 5e9), models)).toBeNull();
    // Nothing is missing where it is only tight.
    expect(whatToUnload(fit('tight', 5e9, 5e9), models)).toBeNull();
  });
});

describe('the steps of a conversation’s length', () => {
  it('double up to what the model was made for', () => {
    expect(contextSteps(10_000)).toEqual([2048, 4096, 8192, 10_000]);
    expect(contextSteps(2048)).toEqual([2048]);
    expect(contextSteps(512)).toEqual([2048]);
    expect([1, 3000, 4096, 9500, 1e9].map((tokens) => nearestStep(tokens, contextSteps(10_000)))).toEqual([
      0, 1, 1, 3, 3,
    ]);
  });
});
