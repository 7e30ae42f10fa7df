import { expect, test } from 'vitest';
import { createSwappingEngine } from '../../fakes/swapping-engine.ts';
import { startComposed } from '../../fakes/composed.ts';

test('a hundred swaps of models lose no stream', async () => {
  const engine = createSwappingEngine({
    models: ['model-a', 'model-b'],
    slots: 4,
    answer: ({ model }) => ({ words: [`${model} `, 'to ', 'the ', 'end'] }),
  });
  const server = await startComposed({ withEngine: engine });
  const { key } = (await server.admin('POST', '/keys', { name: 'test' })) as { key: string };
  const ask = async (model: string): Promise<string> => {
    const response = await fetch(`${server.address}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'Hi' }] }),
    });
    const frames = (await response.text()).split('\n\n').filter((frame) => frame.startsWith('data: {'));
    return frames.map((frame) => JSON.parse(frame.slice(6)).choices[0]?.delta.content ?? '').join('');
  };
  let waves = 0;
  for (; engine.swaps() < 100; waves += 1) {
    const wave = ['model-a', 'model-b', 'model-a', 'model-b'];
    expect(await Promise.all(wave.map(ask))).toEqual(wave.map((model) => `${model} to the end`));
  }
  const rows = (await server.admin('GET', '/log?limit=1000')) as {
    status: string;
    model: string;
    servedModel: string;
  }[];
  expect(rows).toHaveLength(waves * 4);
  expect(rows.filter((row) => row.status !== 'ok' || row.model !== row.servedModel)).toEqual([]);
});
