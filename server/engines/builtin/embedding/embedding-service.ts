import type { EmbedInput } from '../../../core/ask.ts';
import { AppError, invalidRequest } from '../../../core/errors.ts';
import type { EmbeddingModel, EmbeddingWorker } from './embedding-model.ts';
import { createEmbeddingPool } from './embedding-pool.ts';
import { tokenizePieces } from '../chat/tokenize-pieces.ts';
import { toUnitVector } from './embedding-vector.ts';
import type { EngineAnswer, EngineQuestion } from '../protocol.ts';

export type EmbeddingService = {
  /** Rejects with an AppError 400 for what the model cannot take, with any other error when it is broken. */
  readonly ask: (id: number, question: EngineQuestion) => Promise<EngineAnswer>;
  readonly cancel: (id: number) => void;
  readonly active: () => number;
  /** Inputs computed since the model was loaded. */
  readonly computed: () => number;
};

type Work = {
  readonly tokens: number;
  readonly run: (worker: EmbeddingWorker) => Promise<ArrayLike<number>>;
};

export type EmbeddingServiceOptions = {
  /** Called before an input is computed. */
  readonly onBegin: (tokens: number) => void;
  /** Called after every input, whoever asked. */
  readonly onDone: () => void;
};

/** Answers for a model that was loaded for vectors or ranking. */
export function createEmbeddingService(
  model: EmbeddingModel,
  { onBegin, onDone }: EmbeddingServiceOptions,
): EmbeddingService {
  let computed = 0;
  const pool = createEmbeddingPool<Work, ArrayLike<number>>(
    model.workers.map((worker) => ({ tokens, run }) => {
      onBegin(tokens);
      return run(worker);
    }),
    () => {
      computed += 1;
      onDone();
    },
  );

  async function embed(id: number, inputs: readonly EmbedInput[], dimensions: number | null) {
    if (dimensions !== null) assertDimensions(model, dimensions, model.dimensions);
    const works: Work[] = [];
    for (const [index, input] of inputs.entries()) {
      const tokens = await tokensOf(model, input, index, inputs.length === 1);
      works.push({ tokens: model.lengthOf(tokens), run: (worker) => worker.vectorOf(tokens) });
    }
    const raw = await pool.run(id, works);
    const promptTokens = sumOf(works);
    const length = raw[0]?.length ?? 0;
    if (dimensions !== null && dimensions > length) throw tooFewDimensions(dimensions, length);
    const vectors = raw.map((vector) => toUnitVector(vector, dimensions ?? length));
    return { type: 'embed', vectors, promptTokens } as const;
  }

  async function rerank(id: number, query: string, documents: readonly string[]) {
    const mostTokens = model.contextTokens;
    const asked = await tokenizePieces(model.tokenize, query, mostTokens);
    // Beside the query, a document needs room for more than a word or two.
    if (asked.length > mostTokens / 2)
      throw tooLong(model, { name: 'the query', param: 'query', length: asked.length });
    const works: Work[] = [];
    for (const document of documents) {
      const read = await tokenizePieces(model.tokenize, document, Infinity);
      const run = async (worker: EmbeddingWorker) => [await worker.scoreOf(asked, read)];
      works.push({ tokens: model.pairLengthOf(asked, read), run });
    }
    const scores = (await pool.run(id, works)).map((score) => score[0] ?? 0);
    return { type: 'rerank', scores, promptTokens: sumOf(works) } as const;
  }

  return {
    ask(id, question) {
      switch (question.type) {
        case 'embed':
          return embed(id, question.inputs, question.dimensions);
        case 'rerank':
          return rerank(id, question.query, question.documents);
        case 'count-tokens':
          return Promise.reject(new Error('a model loaded for vectors counts no prompts'));
      }
    },
    cancel: pool.cancel,
    active: pool.active,
    computed: () => computed,
  };
}

function sumOf(works: readonly Work[]): number {
  return works.reduce((sum, { tokens }) => sum + tokens, 0);
}

async function tokensOf(
  model: EmbeddingModel,
  input: EmbedInput,
  index: number,
  isOnly: boolean,
): Promise<number[]> {
  const name = isOnly ? 'the input' : `input[${index}]`;
  if (typeof input !== 'string' && input.some((token) => token >= model.vocabularySize))
    throw foreignTokens();
  const tokens =
    typeof input === 'string'
      ? await tokenizePieces(model.tokenize, input, model.contextTokens)
      : input.slice(0, model.contextTokens + 1);
  if (tokens.length === 0) throw invalidRequest(`There is nothing to read: ${name} is empty.`, 'input');
  const length = model.lengthOf(tokens);
  if (length > model.contextTokens) {
    throw tooLong(model, { name, param: 'input', length: typeof input === 'string' ? length : input.length });
  }
  return tokens;
}

/** Tools that count tokens themselves do so for another vendor's models. */
function foreignTokens(): AppError {
  return invalidRequest(
    'The input holds token ids that this model does not have. Please send text; in LangChain, set check_embedding_ctx_length=False.',
    'input',
  );
}

type TooLong = { readonly name: string; readonly param: string; readonly length: number };

function tooLong({ contextTokens }: EmbeddingModel, { name, param, length }: TooLong): AppError {
  return new AppError(
    `This model's maximum context length is ${contextTokens} tokens, but ${name} has ${length} tokens. ` +
      'Please send it in shorter pieces.',
    { status: 400, code: 'context_length_exceeded', param },
  );
}

/** Before anything is computed. */
function assertDimensions({ isShortenable }: EmbeddingModel, wanted: number, length: number): void {
  if (wanted > length) throw tooFewDimensions(wanted, length);
  if (wanted < length && !isShortenable) {
    throw invalidRequest(
      `This model's vectors have ${length} dimensions and cannot be shortened; leave dimensions out.`,
      'dimensions',
    );
  }
}

function tooFewDimensions(wanted: number, length: number): AppError {
  return invalidRequest(`This model's vectors have ${length} dimensions, not ${wanted}.`, 'dimensions');
}
