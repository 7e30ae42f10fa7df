import type { Llama, LlamaEmbeddingContext, LlamaModel, LlamaRankingContext, Token } from 'node-llama-cpp';
import { isMatryoshka } from './embedding-vector.ts';
import type { EmbeddingModel, EmbeddingWorker } from './embedding-model.ts';
import type { LoadOptions } from '../protocol.ts';

/**
 * A loaded model as one for vectors or ranking: a few contexts of one sequence each, since the library computes one
 * input at a time in each. Throws when the library cannot do it with this model.
 */
export async function createEmbeddingModel(
  llama: Llama,
  model: LlamaModel,
  { task, contextTokens: wanted }: LoadOptions,
): Promise<EmbeddingModel> {
  const contextTokens = Math.min(wanted, model.trainContextSize);
  // One more than the longest input, since a context is never full; all of an input must be in one batch.
  const sizes = {
    contextSize: contextTokens + 1,
    batchSize: contextTokens + 1,
    // Two inputs at a time: small ones keep few threads busy, and a large one should not take all of them.
    threads: Math.max(1, Math.ceil(llama.maxThreads / 2)),
  };
  const workers: EmbeddingWorker[] = [];
  let lengthOf: EmbeddingModel['lengthOf'] = (tokens) => tokens.length;
  let pairLengthOf: EmbeddingModel['pairLengthOf'] = (query, document) => query.length + document.length;
  for (let index = 0; index < workerCount(llama); index += 1) {
    if (task === 'rerank') {
      const context = await model.createRankingContext(sizes);
      pairLengthOf = (query, document) =>
        context.calculateInputLength([...query] as Token[], [...document] as Token[]);
      workers.push(rankingWorker(context));
    } else {
      const context = await model.createEmbeddingContext(sizes);
      lengthOf = (tokens) => context.calculateInputLength([...tokens] as Token[]);
      workers.push(vectorWorker(context));
    }
  }
  return {
    task: task === 'rerank' ? 'rerank' : 'embed',
    backend: llama.gpu === false ? 'cpu' : llama.gpu,
    threads: llama.maxThreads,
    contextTokens,
    vocabularySize: model.fileInfo.metadata.tokenizer.ggml.tokens.length,
    dimensions: model.embeddingVectorSize,
    isShortenable: isMatryoshka(namesOf(model)),
    tokenize: (text) => model.tokenize(text, false),
    lengthOf,
    pairLengthOf,
    workers,
  };
}

/** Those beyond two only have their next input ready. */
function workerCount(llama: Llama): number {
  return Math.min(4, Math.max(2, Math.floor(llama.maxThreads / 2)));
}

function vectorWorker(context: LlamaEmbeddingContext): EmbeddingWorker {
  return {
    vectorOf: async (tokens) => (await context.getEmbeddingFor([...tokens] as Token[])).vector,
    scoreOf: () => Promise.reject(new Error('this model was loaded for vectors')),
  };
}

function rankingWorker(context: LlamaRankingContext): EmbeddingWorker {
  return {
    vectorOf: () => Promise.reject(new Error('this model was loaded for ranking')),
    scoreOf: (query, document) =>
      context.rank([...query] as Token[], [...document] as Token[], { onOverflow: 'maxChunk' }),
  };
}

function namesOf(model: LlamaModel): string[] {
  const { name, basename, tags } = model.fileInfo.metadata.general as Readonly<Record<string, unknown>>;
  const values: readonly unknown[] = [name, basename, model.filename, ...(Array.isArray(tags) ? tags : [])];
  return values.filter((value): value is string => typeof value === 'string');
}
