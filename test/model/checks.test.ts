import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { modelCheck, type ModelCheck } from '../../server/wire/checks.ts';
import { startServer, type RunningServer } from './running-server.ts';

const starter = 'smollm2-135m-instruct';

const timeout = 300_000;

test(
  'the starter model does what tools need by form, and its badges say what it is too small for',
  { timeout },
  async () => {
    const server = await startServer();
    // So that reading all of it takes seconds, and the badges are the same on every computer.
    await setContext(server, 2048);
    const found = modelCheck.parse(JSON.parse(await server.cli('model', 'check', starter, '--json')));
    expect(found).toMatchObject({
      model: starter,
      engine: 'builtin',
      state: 'fresh',
      run: null,
      problem: null,
      contextTokens: 2048,
      engineVersion: expect.stringMatching(/^Inglenook \S+, node-llama-cpp 3\./),
    });
    expect(Object.fromEntries(found.verdicts.map(({ point, code }) => [point, code]))).toEqual({
      text: 'ok',
      tools: 'ok',
      'tools-stream': 'ok',
      'tools-parallel': 'ok',
      'json-schema': 'ok',
      responses: 'ok',
      'responses-tools': 'ok',
      messages: 'ok',
      'messages-tools': 'ok',
      // It would take as much memory again.
      embeddings: 'second-copy',
      // It has no tokens for that, and says so.
      'fill-middle': 'refused',
      'long-context': 'context-held',
    });

    const testModel = 'answers in the right form, but is a test model, not for work';
    expect(sentencesOf(found, 'limited')).toEqual(
      ['Open WebUI', 'LibreChat', 'n8n', 'Python', 'TypeScript', 'curl'].map(
        (title) => `${title}: ${testModel}.`,
      ),
    );
    expect(sentencesOf(found, 'works')).toEqual([]);
    expect(sentencesOf(found, 'unknown')).toEqual([]);
    const fails = sentencesOf(found, 'fails');
    expect(fails).toContain('Claude Code: needs 32k context, has 2k.');
    expect(fails).toContain('Cline: needs 16k context, has 2k.');
    expect(fails).toContain('Obsidian: needs 8k context, has 2k.');
    expect(fails).toContain('Continue (autocomplete): filling in the middle: not possible with this model.');

    const log: unknown = JSON.parse(await server.cli('log', '--json'));
    const row = { key: 'Inglenook (model check)', client: 'inglenook-check', servedModel: starter };
    expect(log).toContainEqual(expect.objectContaining({ ...row, route: '/v1/responses', status: 'ok' }));

    // What it was checked with is not what it is any more, and what tools need is told by what it is now.
    await setContext(server, 4096);
    const later = await server.cli('model', 'check', starter, '--last', '--json');
    expect(JSON.parse(later)).toMatchObject({ state: 'stale', changed: ['settings'], contextTokens: 2048 });
  },
);

function sentencesOf({ badges }: ModelCheck, wanted: ModelCheck['badges'][number]['state']): string[] {
  return badges.flatMap(({ state, sentence }) => (state === wanted ? [sentence] : []));
}

async function setContext(server: RunningServer, contextTokens: number): Promise<void> {
  const token = readFileSync(join(server.dataDir, 'admin.token'), 'utf8').trim();
  const response = await fetch(`${server.url}/api/models/${starter}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ contextTokens }),
  });
  expect(response.status, await response.text()).toBe(200);
}
