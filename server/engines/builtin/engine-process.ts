/**
 * Entry of the engine process: one per loaded model, and the only file that knows node-llama-cpp. A failed assertion
 * in llama.cpp ends this process and nothing else.
 */
import { availableParallelism } from 'node:os';
import {
  getLlama,
  LlamaLogLevel,
  TokenBias,
  type EvaluationPriority,
  type Llama,
  type LlamaContext,
  type LlamaContextSequence,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp';
import { serveEngine, type LoadReport } from './engine-service.ts';
import {
  SamplingFailed,
  type LoadedModel,
  type SlotSequence,
  type Tokenizer,
  type TokenSampling,
} from './loaded-model.ts';
import { planSlots } from './plan-slots.ts';
import type { LoadOptions } from './protocol.ts';

serveEngine({ load });

async function load(options: LoadOptions, report: LoadReport): Promise<LoadedModel> {
  const llama = await getLlama({
    gpu: 'auto',
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    logger: (level, message) => {
      if (level === LlamaLogLevel.fatal || level === LlamaLogLevel.error) report.log('error', message);
      else if (level === LlamaLogLevel.warn) report.log('warn', message);
    },
  });
  const threads = threadRange(llama, options.threads);
  // The context is made with the most as its wish, so that the limit can move without a new context. The library's
  // own default is never below 4: on a computer with two cores that meant 10 s to the first token.
  llama.maxThreads = threads.most;
  const model = await llama.loadModel({
    modelPath: options.path,
    onLoadProgress: (part) => report.progress(Math.floor(part * 90)),
  });
  const context = await createContext(llama, model, options);
  llama.maxThreads = threads.least;
  report.progress(100);
  return {
    sequences: Array.from({ length: context.totalSequences }, (_, index) => adaptSequence(context, index)),
    contextTokens: context.contextSize,
    batchSize: context.batchSize,
    backend: llama.gpu === false ? 'cpu' : llama.gpu,
    threads,
    setThreads: (count) => {
      llama.maxThreads = count;
    },
    tokenizer: adaptTokenizer(model),
    chat: {
      template: chatTemplate(model),
      bosText: model.tokens.bosString ?? '',
      eosText: model.tokens.eosString ?? '',
    },
    decodes: countDecodes(context),
  };
}

/** One core is left to the owner's other programs, unless measuring shows that it is free (thread-choice.ts). */
function threadRange(llama: Llama, fixed: number | null): LoadedModel['threads'] {
  if (fixed !== null) return { least: fixed, most: fixed };
  const cores = Math.max(1, Math.min(llama.cpuMathCores, availableParallelism()));
  const least = Math.max(1, cores - 1);
  return { least, most: llama.gpu === false ? cores : least };
}

/** The first plan that fits into memory; the last one's error if none does. */
async function createContext(llama: Llama, model: LlamaModel, options: LoadOptions): Promise<LlamaContext> {
  const plans = planSlots({
    slots: options.slots,
    contextTokens: options.contextTokens,
    trainTokens: model.trainContextSize,
    modelBytes: model.size,
    hasGpu: llama.gpu !== false,
  });
  let failure: unknown;
  for (const { slots, leastTokens, mostTokens } of plans) {
    try {
      return await model.createContext({
        sequences: slots,
        contextSize: { min: leastTokens, max: mostTokens },
        batchSize: llama.gpu === false ? 512 : 1024,
        threads: { ideal: llama.maxThreads, min: 1 },
        batching: { itemPrioritizationStrategy: bySequence },
      });
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/**
 * All that was submitted goes into the one batch, ascending by sequence: llama.cpp computes only ascending sequences
 * in one pass, and sequences that begin to answer arrive a few microtasks after those that go on. The priority is
 * the only mark that reaches this function, so it carries the sequence id.
 */
function bySequence<
  Item extends { readonly evaluationPriority: number; readonly tokens: readonly unknown[] },
>({ items }: { readonly items: readonly Item[] }): { item: Item; processAmount: number }[] {
  return items
    .toSorted((a, b) => a.evaluationPriority - b.evaluationPriority)
    .map((item) => ({ item, processAmount: item.tokens.length }));
}

function adaptSequence(context: LlamaContext, index: number): SlotSequence {
  const sequence = context.getSequence();
  const evaluationPriority = index as EvaluationPriority;
  return {
    tokens: () => sequence.contextTokens,
    keepable: (length) => keepableTokens(sequence, length),
    truncate: (length) => sequence.eraseContextTokenRanges([{ start: length, end: sequence.nextTokenIndex }]),
    read: (tokens) => sequence.evaluateWithoutGeneratingNewTokens(tokens as Token[], { evaluationPriority }),
    generate(tokens, sampling) {
      const generated: Token[] = [];
      const iterator = sequence.evaluateWithMetadata(
        tokens as Token[],
        {},
        { ...samplingOptions(sequence.model, sampling, generated), evaluationPriority },
      );
      return {
        async next() {
          const result = await nextToken(iterator);
          if (result.done === true) return null;
          generated.push(result.value.token);
          return result.value.token;
        },
        async close() {
          await iterator.return();
        },
      };
    },
  };
}

async function nextToken<Value>(iterator: AsyncGenerator<Value, void>): Promise<IteratorResult<Value, void>> {
  try {
    return await iterator.next();
  } catch (error) {
    if (error instanceof Error && error.message.includes('sample')) {
      throw new SamplingFailed('no token could be sampled', { cause: error });
    }
    throw error;
  }
}

/** Models with a sliding window or a recurrent state cannot always go back to a prefix; then nothing is kept. */
function keepableTokens(sequence: LlamaContextSequence, length: number): number {
  if (length >= sequence.nextTokenIndex) return sequence.nextTokenIndex;
  return sequence.getRestoreToPrefixIndexEvaluationSize(length) === 0 ? length : 0;
}

/** Penalties look back this far; the list is compared for every token. */
const mostPunishedTokens = 1024;

/** Every option is passed, because the library's defaults are not OpenAI's (temperature 0, seed by the clock). */
function samplingOptions(model: LlamaModel, sampling: TokenSampling, generated: readonly Token[]) {
  const { temperature, topK, topP, minP, seed, presencePenalty, frequencyPenalty } = sampling;
  const biases = Object.entries(sampling.logitBias);
  const tokenBias = TokenBias.for(model);
  for (const [token, bias] of biases) {
    tokenBias.set([Number(token) as Token], bias <= -100 ? 'never' : { logit: bias });
  }
  return {
    temperature,
    topK,
    topP,
    minP,
    seed,
    ...(biases.length === 0 ? {} : { tokenBias }),
    ...(presencePenalty === 0 && frequencyPenalty === 0
      ? {}
      : {
          repeatPenalty: {
            punishTokens: () => generated.slice(-mostPunishedTokens),
            penalty: 1,
            presencePenalty,
            frequencyPenalty,
          },
        }),
  };
}

function adaptTokenizer(model: LlamaModel): Tokenizer {
  let vocabularySize = 0;
  const controlTexts: string[] = [];
  for (const token of model.iterateAllTokens()) {
    vocabularySize += 1;
    if (!model.isSpecialToken(token)) continue;
    const text = model.detokenize([token], true);
    if (text !== '') controlTexts.push(text);
  }
  return {
    tokenize: (text, special) => model.tokenize(text, special),
    detokenize: (tokens, previous) => model.detokenize(tokens as Token[], true, previous as Token[]),
    controlTexts,
    bosToken: model.tokens.shouldPrependBosToken ? model.tokens.bos : null,
    vocabularySize,
  };
}

function chatTemplate(model: LlamaModel): string | null {
  const template: unknown = model.fileInfo.metadata.tokenizer?.chat_template;
  return typeof template === 'string' && template.trim() !== '' ? template : null;
}

/**
 * Counts at the binding itself, so that "one decode per tick" is seen and not assumed. `_ctx` is the library's own
 * name (the version is pinned); if it ever goes, loading fails here and says so.
 */
function countDecodes(context: LlamaContext): () => number {
  const { _ctx: binding } = context as unknown as { _ctx: { decodeBatch: () => Promise<void> } };
  const decodeBatch = binding.decodeBatch.bind(binding);
  let decodes = 0;
  const counted = () => {
    decodes += 1;
    return decodeBatch();
  };
  Object.defineProperty(binding, 'decodeBatch', { value: counted });
  return () => decodes;
}
