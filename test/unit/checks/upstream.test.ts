import { expect, it, onTestFinished } from 'vitest';
import { createAbleModel } from '../../fakes/able-model.ts';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import { startFakeUpstream } from '../../fakes/fake-upstream.ts';
import { createManualTime } from '../../fakes/manual-time.ts';
import { checked, checkOf, statesOf, toolsBy } from './checked.ts';

async function addUpstream(near: ComposedServer, wish: object): Promise<void> {
  expect(await near.admin('POST', '/upstreams', { name: 'box', ...wish })).toMatchObject({ state: 'ready' });
}

/** Two whole servers: the model runs at the second, and is checked by the first. */
async function startTwo(fails: Parameters<typeof createAbleModel>[0] = {}) {
  const engine = createAbleModel({ models: ['far-model'], ...fails });
  const far = await startComposed({ withEngine: engine });
  const near = await startComposed({ engine: { models: ['near-model'] } });
  const { key } = (await far.admin('POST', '/keys', { name: 'near' })) as { key: string };
  await addUpstream(near, { url: far.address, kind: 'inglenook', apiKey: key });
  return { near, far, engine };
}

it('a model behind another server is checked there, through both, and gets the same badges', async () => {
  const { near, far } = await startTwo();
  // So that the other server knows, and tells, how long a conversation may be.
  await far.admin('POST', '/models/far-model/load');
  await near.admin('POST', '/upstreams/box/test');
  const found = await checked(near, 'far-model');
  expect(found).toMatchObject({ engine: 'box', engineVersion: expect.stringMatching(/, inglenook$/) });
  expect(statesOf(found)).toEqual({
    text: 'ok',
    tools: 'ok',
    'tools-stream': 'ok',
    'tools-parallel': 'ok',
    'json-schema': 'ok',
    responses: 'ok',
    'responses-tools': 'ok',
    messages: 'ok',
    'messages-tools': 'ok',
    // The other server decides what it loads for that.
    embeddings: 'ok',
    'fill-middle': 'ok',
    'long-context': 'ok',
  });
  expect(toolsBy(found)).toMatchObject({ limited: ['cursor'], fails: [], unknown: [] });
});

it('a server that cuts long prompts in silence is found out, and agents are told', async () => {
  const { near, far } = await startTwo({ fails: 'long-context' });
  await far.admin('POST', '/models/far-model/load');
  await near.admin('POST', '/upstreams/box/test');
  const found = await checked(near, 'far-model');
  expect(found.verdicts.at(-1)).toMatchObject({
    point: 'long-context',
    state: 'failed',
    code: 'context-cut',
  });
  expect(found.verdicts.at(-1)?.sentence).toMatch(
    /^Prompts are cut in silence: of 4\d{4} tokens, 4096 arrived\.$/,
  );
  expect(toolsBy(found).fails).toEqual([
    'cline',
    'roo-code',
    'kilo-code',
    'claude-code',
    'codex',
    'opencode',
  ]);
});

it('a plain server that says only words: what it cannot do is told apart from what it does wrongly', async () => {
  const fake = await startFakeUpstream();
  onTestFinished(fake.close);
  const near = await startComposed();
  await addUpstream(near, { url: fake.url, kind: 'vllm' });
  const found = await checked(near, 'fake-large');
  expect(statesOf(found)).toMatchObject({
    text: 'ok',
    tools: 'failed',
    'json-schema': 'failed',
    responses: 'ok',
    // Nobody there counts tokens, although such a server says it can.
    messages: 'failed',
    // It is asked for two vectors and gives one.
    embeddings: 'failed',
    // Nobody asks such a server for it: it would leave the end out without a word.
    'fill-middle': 'not-supported',
    'long-context': 'skipped',
  });
  const tools = toolsBy(found);
  // Nobody knows how long a conversation it takes, and most tools need to.
  expect(tools.unknown).toContain('continue');
  expect(tools.fails).toContain('claude-code');
  expect(tools.works).toEqual(['open-webui', 'librechat', 'curl']);
  expect(found.badges.find(({ client, part }) => client === 'continue' && part === null)?.sentence).toBe(
    'Continue: needs 8k context; how much there is, is not known.',
  );
});

it('a server that is down is said to be, and what was found before stays', async () => {
  const fake = await startFakeUpstream();
  const near = await startComposed();
  await addUpstream(near, { url: fake.url, kind: 'openai' });
  const before = await checked(near, 'fake-large');
  await fake.close();
  await near.admin('POST', '/upstreams/box/test');
  const after = await checked(near, 'fake-large');
  expect(after.verdicts).toEqual(before.verdicts);
  expect(after.problem).not.toBe(null);
});

it('a server outside the office is not asked by itself …', async () => {
  const time = createManualTime();
  const fake = await startFakeUpstream();
  onTestFinished(fake.close);
  const near = await startComposed({ clock: time.clock, timers: time.timers });
  await addUpstream(near, { url: fake.url, kind: 'openai', mayLeave: true });
  for (let minute = 0; minute < 30; minute += 1) {
    time.advance(60_000);
    await near.admin('GET', '/checks');
  }
  expect(fake.seen).toEqual([]);
  expect((await checkOf(near, 'fake-large')).state).toBe('none');
});

it('… and by hand never for a whole context; nor does a check keep people from a server it has failed at', async () => {
  const fake = await startFakeUpstream({ mode: 'server-error' });
  onTestFinished(fake.close);
  const near = await startComposed();
  await addUpstream(near, { url: fake.url, kind: 'openai', mayLeave: true });
  const found = await checked(near, 'fake-large');
  expect(statesOf(found)).toMatchObject({ text: 'failed', tools: 'failed', 'long-context': 'skipped' });
  expect(found.verdicts[0]?.sentence).toMatch(/^It failed with status 502: /);
  expect(await near.admin('GET', '/upstreams')).toMatchObject([{ name: 'box', pauses: [] }]);
});
