import { describe, expect, it } from 'vitest';
import type {
  EmbeddingModel,
  EmbeddingWorker,
} from '../../../server/engines/builtin/embedding/embedding-model.ts';
import { createEmbeddingPool } from '../../../server/engines/builtin/embedding/embedding-pool.ts';
import { createEmbeddingService } from '../../../server/engines/builtin/embedding/embedding-service.ts';
import { isMatryoshka, toUnitVector } from '../../../server/engines/builtin/embedding/embedding-vector.ts';

const quiet = { onBegin() {}, onDone() {} };

/** A worker that answers when the test lets it, in the order the inputs were begun. */
function heldWorkers(count: number) {
  const begun: string[] = [];
  const waiting: (() => void)[] = [];
  const worker = async (input: string): Promise<string> => {
    begun.push(input);
    await new Promise<void>((resolve) => waiting.push(resolve));
    if (input === 'bad') throw new Error('a failed computation');
    return input.toUpperCase();
  };
  const letOne = async (): Promise<void> => {
    waiting.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { workers: Array.from({ length: count }, () => worker), begun, letOne };
}

describe('embedding pool', () => {
  it('keeps the order and lets a short list pass a long one', async () => {
    const { workers, begun, letOne } = heldWorkers(1);
    const pool = createEmbeddingPool(workers, () => {});
    const long = pool.run(1, ['a', 'b', 'c']);
    const short = pool.run(2, ['x']);
    for (let count = 0; count < 4; count += 1) await letOne();
    expect(begun).toEqual(['a', 'b', 'x', 'c']);
    expect(await long).toEqual(['A', 'B', 'C']);
    expect(await short).toEqual(['X']);
    expect(pool.active()).toBe(0);
  });

  it('uses all workers at the same time', async () => {
    const { workers, begun, letOne } = heldWorkers(3);
    const pool = createEmbeddingPool(workers, () => {});
    const answer = pool.run(1, ['a', 'b', 'c', 'd']);
    expect(begun).toEqual(['a', 'b', 'c']);
    for (let count = 0; count < 4; count += 1) await letOne();
    expect(await answer).toEqual(['A', 'B', 'C', 'D']);
  });

  it('begins nothing more of a cancelled list, and goes on with the others', async () => {
    const { workers, begun, letOne } = heldWorkers(1);
    const pool = createEmbeddingPool(workers, () => {});
    const cancelled = pool.run(1, ['a', 'b', 'c']);
    const other = pool.run(2, ['x']);
    pool.cancel(1);
    await expect(cancelled).rejects.toThrow('cancelled');
    await letOne();
    await letOne();
    expect(await other).toEqual(['X']);
    expect(begun).toEqual(['a', 'x']);
  });

  it('fails one list alone when a computation fails', async () => {
    const { workers, letOne } = heldWorkers(1);
    const pool = createEmbeddingPool(workers, () => {});
    const failed = pool.run(1, ['bad', 'b']);
    const other = pool.run(2, ['x']);
    const outcome = expect(failed).rejects.toThrow('a failed computation');
    await letOne();
    await letOne();
    await outcome;
    expect(await other).toEqual(['X']);
  });

  it('answers an empty list at once', async () => {
    expect(await createEmbeddingPool([], () => {}).run(1, [])).toEqual([]);
  });
});

/** A letter is a token; a vector tells how many a, b and c there are. */
const counting: EmbeddingWorker = {
  vectorOf: async (tokens) => [97, 98, 99].map((code) => tokens.filter((token) => token === code).length),
  scoreOf: async (query, document) => (document.includes(query[0] ?? 0) ? 0.9 : 0.1),
};

function model(changes: Partial<EmbeddingModel> = {}): EmbeddingModel {
  return {
    task: 'embed',
    backend: 'cpu',
    threads: 1,
    contextTokens: 10,
    vocabularySize: 200,
    dimensions: 3,
    isShortenable: false,
    tokenize: (text) => Array.from(text, (letter) => letter.charCodeAt(0)),
    // As for models that want a token before and after.
    lengthOf: (tokens) => tokens.length + 2,
    pairLengthOf: (query, document) => query.length + document.length + 3,
    workers: [counting, counting],
    ...changes,
  };
}

const ask = (
  changes: Partial<EmbeddingModel>,
  question: Parameters<ReturnType<typeof createEmbeddingService>['ask']>[1],
) => createEmbeddingService(model(changes), quiet).ask(1, question);

describe('embedding service', () => {
  it('gives vectors of length 1 in the order of the inputs, and counts what was read', async () => {
    const answer = await ask({}, { type: 'embed', inputs: ['aaa', 'ab', [98, 99]], dimensions: null });
    expect(answer).toMatchObject({ type: 'embed', promptTokens: 5 + 4 + 4 });
    if (answer.type !== 'embed') throw new Error('not vectors');
    const half = Math.SQRT1_2;
    const expected = [
      [1, 0, 0],
      [half, half, 0],
      [0, half, half],
    ];
    for (const [index, vector] of answer.vectors.entries()) {
      for (const [place, number] of vector.entries())
        expect(number).toBeCloseTo(expected[index]?.[place] ?? 2, 6);
    }
  });

  it.each([
    [
      'one too long',
      { inputs: ['a'.repeat(9)] },
      { code: 'context_length_exceeded', param: 'input' },
      /10 tokens.*11 tokens/,
    ],
    [
      'the second too long',
      { inputs: ['a', 'b'.repeat(20)] },
      { code: 'context_length_exceeded' },
      /input\[1\] has 22/,
    ],
    [
      'tokens of another model',
      { inputs: [[1, 200]] },
      { param: 'input' },
      /check_embedding_ctx_length=False/,
    ],
    [
      'too many tokens',
      { inputs: [[1, ...Array<number>(50).fill(2)]] },
      { code: 'context_length_exceeded' },
      /51 tokens/,
    ],
    ['nothing to read', { inputs: [''] }, { param: 'input' }, /empty/],
    [
      'shorter vectors',
      { inputs: ['a'], dimensions: 2 },
      { param: 'dimensions' },
      /3 dimensions and cannot be shortened/,
    ],
    ['longer vectors', { inputs: ['a'], dimensions: 4 }, { param: 'dimensions' }, /3 dimensions, not 4/],
  ])('refuses %s', async (_, question, error, message) => {
    const refused = ask({}, { type: 'embed', dimensions: null, ...question });
    await expect(refused).rejects.toMatchObject({
      status: 400,
      ...error,
      message: expect.stringMatching(message),
    });
  });

  it('shortens the vectors of models made for it, to length 1 again', async () => {
    const answer = await ask({ isShortenable: true }, { type: 'embed', inputs: ['abc'], dimensions: 2 });
    if (answer.type !== 'embed') throw new Error('not vectors');
    expect(answer.vectors[0]).toHaveLength(2);
    expect(Math.hypot(...(answer.vectors[0] ?? []))).toBeCloseTo(1, 6);
    expect(await ask({}, { type: 'embed', inputs: ['abc'], dimensions: 3 })).toMatchObject({ type: 'embed' });
  });

  it('tells every input that begins and ends', async () => {
    const told: (string | number)[] = [];
    const service = createEmbeddingService(model({ workers: [counting] }), {
      onBegin: (tokens) => told.push(tokens),
      onDone: () => told.push('done'),
    });
    await service.ask(1, { type: 'embed', inputs: ['a', 'bb'], dimensions: null });
    expect(told).toEqual([3, 'done', 4, 'done']);
    expect(service.computed()).toBe(2);
  });

  it('scores documents in their order, and refuses a query that leaves them no room', async () => {
    expect(await ask({}, { type: 'rerank', query: 'b', documents: ['abc', 'xyz', 'b'] })).toEqual({
      type: 'rerank',
      scores: [0.9, 0.1, 0.9],
      promptTokens: 7 + 7 + 5,
    });
    await expect(ask({}, { type: 'rerank', query: 'b'.repeat(6), documents: ['a'] })).rejects.toMatchObject({
      code: 'context_length_exceeded',
      param: 'query',
    });
  });
});

describe('vectors', () => {
  it('of nothing stay nothing, and of no numbers are an error', () => {
    expect([...toUnitVector([0, 0], 2)]).toEqual([0, 0]);
    expect(() => toUnitVector([1, Number.NaN], 2)).toThrow('no numbers');
  });

  it.each([
    [['nomic-embed-text-v1.5'], true],
    [['Qwen3 Embedding 0.6B'], true],
    [['embeddinggemma-300M'], true],
    [['nomic-embed-text-v1'], false],
    [['bge-small-en-v1.5', 'sentence-similarity'], false],
    [['anything', 'Matryoshka'], true],
  ])('of %j may be shortened: %s', (names, expected) => {
    expect(isMatryoshka(names)).toBe(expected);
  });
});
