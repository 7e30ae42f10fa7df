import { describe, expect, test } from 'vitest';
import { AppError } from '../../../server/core/errors.ts';
import { openAiEmbeddings } from '../../../server/dialects/openai-embeddings.ts';
import { rerank } from '../../../server/dialects/rerank.ts';
import { createFakeEngine } from '../../fakes/fake-engine.ts';

const never = new AbortController().signal;
const vector = Float32Array.of(0.6, -0.8);

async function embed(body: Record<string, unknown>) {
  const engine = createFakeEngine({
    embed: ({ inputs }) => ({ vectors: inputs.map(() => vector), promptTokens: 7 }),
  });
  const call = openAiEmbeddings.parseAsk({ model: 'office-embed', ...body });
  const reply = await call.ask(engine, 'fake-model', never);
  return { call, reply, asked: engine.seen.embedded[0] };
}

function refusal(parse: () => unknown): unknown {
  try {
    parse();
  } catch (error) {
    return error;
  }
  throw new Error('was accepted');
}

describe('embeddings', () => {
  test('answer in the vendor’s shape, under the name that was asked for', async () => {
    const { call, reply, asked } = await embed({ input: ['a', 'b'] });
    expect(call).toMatchObject({ model: 'office-embed', task: 'embed' });
    expect(asked).toEqual({ model: 'fake-model', inputs: ['a', 'b'], dimensions: null });
    const numbers = [Math.fround(0.6), Math.fround(-0.8)];
    expect(reply).toEqual({
      promptTokens: 7,
      body: {
        object: 'list',
        model: 'office-embed',
        data: [
          { object: 'embedding', index: 0, embedding: numbers },
          { object: 'embedding', index: 1, embedding: numbers },
        ],
        usage: { prompt_tokens: 7, total_tokens: 7 },
      },
    });
  });

  test('base64 holds the same numbers', async () => {
    const { reply } = await embed({ input: 'a', encoding_format: 'base64' });
    const { data } = reply.body as { data: { embedding: string }[] };
    const bytes = Buffer.from(data[0]?.embedding ?? '', 'base64');
    expect([bytes.readFloatLE(0), bytes.readFloatLE(4)]).toEqual([...vector]);
    expect(bytes).toHaveLength(8);
  });

  test.each([
    ['a text', 'a', ['a']],
    ['tokens of OpenAI’s', [9906, 1917], ['Hello world']],
    [
      'lists of them',
      [[9906], [1917, 100_257], [9468, 248, 95, 8448]],
      ['Hello', ' world<|endoftext|>', '🚢 ship'],
    ],
  ])('%s is an input', async (_, input, inputs) => {
    expect((await embed({ input, dimensions: 2 })).asked).toMatchObject({ inputs, dimensions: 2 });
  });

  test.each([
    [[100_256], 'input'],
    [[[1], [2, 9_999_999]], 'input.1'],
  ])('tokens that OpenAI does not have are refused: %j', async (input, param) => {
    await expect(embed({ input })).rejects.toMatchObject({ status: 400, param });
  });

  test.each([
    [{}, 'input'],
    [{ input: '' }, 'input'],
    [{ input: [] }, 'input'],
    [{ input: ['a', ''] }, 'input.1'],
    [{ input: ['a', 1] }, 'input'],
    [{ input: [[]] }, 'input.0'],
    [{ input: [-1] }, 'input.0'],
    [{ input: Array.from({ length: 2049 }, () => 'a') }, 'input'],
    [{ input: 'a', encoding_format: 'hex' }, 'encoding_format'],
    [{ input: 'a', dimensions: 0 }, 'dimensions'],
    [{ input: 'a', model: '' }, 'model'],
  ])('%j is refused, naming %s', (extra, param) => {
    const error = refusal(() => openAiEmbeddings.parseAsk({ model: 'm', ...extra }));
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ status: 400, param });
  });
});

describe('ranking', () => {
  const ask = async (body: Record<string, unknown>) => {
    const engine = createFakeEngine({ rerank: () => ({ scores: [0.1, 0.9, 0.9], promptTokens: 4 }) });
    const call = rerank.parseAsk({ model: 'm', query: 'q', documents: ['a', { text: 'b' }, 'c'], ...body });
    return { reply: await call.ask(engine, 'fake-model', never), asked: engine.seen.reranked[0], call };
  };

  test('puts the best first, equals in their order', async () => {
    const { reply, asked, call } = await ask({});
    expect(call.task).toBe('rerank');
    expect(asked).toEqual({ model: 'fake-model', query: 'q', documents: ['a', 'b', 'c'] });
    expect(reply.body).toEqual({
      object: 'list',
      model: 'm',
      results: [
        { index: 1, relevance_score: 0.9 },
        { index: 2, relevance_score: 0.9 },
        { index: 0, relevance_score: 0.1 },
      ],
      usage: { prompt_tokens: 4, total_tokens: 4 },
    });
  });

  test('gives as many as are wanted, with the documents when asked for', async () => {
    const { reply } = await ask({ top_n: 1, return_documents: true });
    expect((reply.body as { results: unknown }).results).toEqual([
      { index: 1, relevance_score: 0.9, document: { text: 'b' } },
    ]);
  });

  test.each([
    [{ query: '' }, 'query'],
    [{ documents: [] }, 'documents'],
    [{ documents: [1] }, 'documents.0'],
    [{ top_n: 0 }, 'top_n'],
  ])('%j is refused, naming %s', (extra, param) => {
    const error = refusal(() => rerank.parseAsk({ model: 'm', query: 'q', documents: ['a'], ...extra }));
    expect(error).toMatchObject({ status: 400, param });
  });
});
