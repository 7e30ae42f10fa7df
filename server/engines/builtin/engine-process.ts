/**
 * Entry of the engine process: one per loaded model, and the only file that knows node-llama-cpp. A failed assertion
 * in llama.cpp ends this process and nothing else.
 */
import { availableParallelism } from 'node:os';
import { stripVTControlCharacters } from 'node:util';
import {
  getLlama,
  getLlamaGpuTypes,
  GgufInsights,
  LlamaGrammar,
  LlamaGrammarEvaluationState,
  LlamaLogLevel,
  readGgufFileInfo,
  TokenBias,
  type EvaluationPriority,
  type Llama,
  type LlamaContext,
  type LlamaContextSequence,
  type LlamaGpuType,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp';
import { createEmbeddingModel } from './embedding/embedding-contexts.ts';
import type { EmbeddingModel } from './embedding/embedding-model.ts';
import { inspectGraphics } from './graphics/inspect.ts';
import { serveEngine, type LoadReport } from './engine-service.ts';
import { createMemory } from './grammar/grammar-memory.ts';
import { tellLikelihoods, toLikelihoods } from './ticks/likelihoods.ts';
import {
  SamplingFailed,
  type LoadedModel,
  type SlotSequence,
  type TokenLikelihood,
  type Tokenizer,
  type TokenSampling,
} from './loaded-model.ts';
import type { GraphicsFacts } from '../../core/graphics.ts';
import type { Backend } from '../../core/model.ts';
import type { EngineMachine, LoadOptions } from './protocol.ts';

serveEngine({ survey, inspect, load, loadEmbeddings });

/** As it was opened for the survey. */
let library: Llama | null = null;

async function survey(backend: Backend | 'auto', report: LoadReport): Promise<EngineMachine> {
  library ??= await openLibrary(backend === 'cpu' ? false : backend, report);
  const llama = library;
  const supported = await getLlamaGpuTypes('supported');
  const backends = supported.map((type) => (type === false ? 'cpu' : type)).filter((type) => type !== 'cpu');
  if (llama.gpu === false) return { backend: 'cpu', backends: [...backends, 'cpu'], gpu: null };
  const { free, total, unifiedSize } = await llama.getVramState();
  return {
    backend: llama.gpu,
    backends: [llama.gpu, ...backends.filter((type) => type !== llama.gpu), 'cpu'],
    gpu: { freeBytes: free, totalBytes: total, isShared: unifiedSize > total / 2 },
  };
}

function inspect(report: LoadReport): Promise<GraphicsFacts> {
  return inspectGraphics(async (parts) => {
    const supported = (await getLlamaGpuTypes('supported')).map(backendOf);
    const llama = (library ??= await openLibrary('auto', report).catch(() => null));
    const backend = llama === null ? null : backendOf(llama.gpu);
    const better = supported.slice(0, backend === null ? undefined : supported.indexOf(backend));
    const failures: { backend: Backend; words: string }[] = [];
    for (const one of better.filter((type) => type !== 'cpu' && parts.includes(type))) {
      failures.push({ backend: one, words: await whyNot(one) });
    }
    const hasGpu = llama !== null && llama.gpu !== false;
    const state = hasGpu ? await llama.getVramState() : null;
    return {
      backend,
      supported,
      failures,
      devices: hasGpu ? await llama.getGpuDeviceNames() : [],
      memory:
        state === null
          ? null
          : { freeBytes: state.free, totalBytes: state.total, isShared: state.unifiedSize > state.total / 2 },
    };
  });
}

function backendOf(type: LlamaGpuType): Backend {
  return type === false ? 'cpu' : type;
}

/** What the library says when it is to open just this one; it says so to the console alone. */
async function whyNot(gpu: Backend): Promise<string> {
  const said: string[] = [];
  const { warn, error } = console;
  const hear = (...words: unknown[]): void => void said.push(words.map(String).join(' '));
  Object.assign(console, { warn: hear, error: hear });
  try {
    await getLlama({ gpu: gpu === 'cpu' ? false : gpu, build: 'never', skipDownload: true, dryRun: true });
  } catch (thrown) {
    if (said.length === 0 && thrown instanceof Error) said.push(thrown.message);
  } finally {
    Object.assign(console, { warn, error });
  }
  return stripVTControlCharacters(said.join(' ')).replaceAll(/\s+/g, ' ').trim().slice(0, 300);
}

/** Without the GPU, whose memory is for people who wait for words. */
async function loadEmbeddings(options: LoadOptions, report: LoadReport): Promise<EmbeddingModel> {
  const llama = (library ??= await openLibrary(false, report));
  llama.maxThreads = threadRange(llama, options.threads).least;
  const model = await llama.loadModel({
    modelPath: options.path,
    gpuLayers: 0,
    onLoadProgress: (part) => report.progress(Math.floor(part * 90)),
  });
  const embeddings = await createEmbeddingModel(llama, model, options);
  report.progress(100);
  return embeddings;
}

async function load(options: LoadOptions, report: LoadReport): Promise<LoadedModel> {
  const llama = (library ??= await openLibrary('auto', report));
  const threads = threadRange(llama, options.threads);
  // The context is made with the most as its wish, so that the limit can move without a new context. The library's
  // own default is never below 4: on a computer with two cores that meant 10 s to the first token.
  llama.maxThreads = threads.most;
  const model = await llama.loadModel({
    modelPath: options.path,
    gpuLayers: await gpuLayers(llama, options),
    onLoadProgress: (part) => report.progress(Math.floor(part * 90)),
  });
  const context = await createContext(llama, model, options);
  llama.maxThreads = threads.least;
  tellLikelihoods(context, model);
  const grammars = createGrammars(llama, model);
  const tokenizer = adaptTokenizer(model);
  const { vocabularySize } = tokenizer;
  report.progress(100);
  const sequences = Array.from({ length: context.totalSequences }, () =>
    context.getSequence({ checkpoints: { max: mostCheckpoints, maxMemory: mostCheckpointBytes } }),
  );
  return {
    sequences: sequences.map((sequence, index) =>
      adaptSequence(sequence, index, { grammars, vocabularySize }),
    ),
    contextTokens: context.contextSize,
    batchSize: context.batchSize,
    backend: llama.gpu === false ? 'cpu' : llama.gpu,
    threads,
    setThreads: (count) => {
      llama.maxThreads = count;
    },
    tokenizer,
    chat: {
      template: chatTemplate(model),
      bosText: model.tokens.bosString ?? '',
      eosText: model.tokens.eosString ?? '',
    },
    checkpoints: sequences.some(({ needsCheckpoints }) => needsCheckpoints)
      ? { isTurnEnd: (token) => model.isEogToken(token as Token) }
      : null,
    gpuBytes: model.memoryUsage.vram + context.memoryUsage.vram,
    decodes: countDecodes(context),
  };
}

/** As many as fit beside the conversations of all slots, or at most the part that is asked for. */
async function gpuLayers(llama: Llama, { path, gpuShare, slots, contextTokens }: LoadOptions) {
  if (llama.gpu === false || gpuShare === 0) return 0;
  const fitContext = { contextSize: slots * contextTokens };
  if (gpuShare === 1) return { fitContext };
  const { totalLayers } = await GgufInsights.from(
    await readGgufFileInfo(path, { sourceType: 'filesystem' }),
    llama,
  );
  return { max: Math.floor(totalLayers * gpuShare), fitContext };
}

function openLibrary(gpu: Exclude<Backend, 'cpu'> | 'auto' | false, report: LoadReport): Promise<Llama> {
  return getLlama({
    gpu,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    logger: (level, message) => {
      if (level === LlamaLogLevel.fatal || level === LlamaLogLevel.error) report.log('error', message);
      else if (level === LlamaLogLevel.warn) report.log('warn', message);
    },
  });
}

/** One core is left to the owner's other programs, unless measuring shows that it is free (thread-choice.ts). */
function threadRange(llama: Llama, fixed: number | null): LoadedModel['threads'] {
  if (fixed !== null) return { least: fixed, most: fixed };
  const cores = Math.max(1, Math.min(llama.cpuMathCores, availableParallelism()));
  const least = Math.max(1, cores - 1);
  return { least, most: llama.gpu === false ? cores : least };
}

/** With conversations as long as was planned, or as memory allows. */
function createContext(llama: Llama, model: LlamaModel, options: LoadOptions): Promise<LlamaContext> {
  const most = Math.min(options.contextTokens, model.trainContextSize);
  return model.createContext({
    sequences: options.slots,
    contextSize: { min: Math.min(options.leastContextTokens, most), max: most },
    batchSize: llama.gpu === false ? 512 : 1024,
    threads: { ideal: llama.maxThreads, min: 1 },
    batching: { itemPrioritizationStrategy: bySequence },
  });
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

/** For each conversation, in ordinary memory. */
const mostCheckpoints = 8;
const mostCheckpointBytes = 128 * 1024 ** 2;

/** What the sequences of a model have in common. */
type Shared = { readonly grammars: Grammars; readonly vocabularySize: number };

function adaptSequence(sequence: LlamaContextSequence, index: number, shared: Shared): SlotSequence {
  const evaluationPriority = index as EvaluationPriority;
  const { grammars, vocabularySize } = shared;
  return {
    tokens: () => sequence.contextTokens,
    keepable: (length) => keepableTokens(sequence, length),
    truncate: (length) => sequence.eraseContextTokenRanges([{ start: length, end: sequence.nextTokenIndex }]),
    checkpoint: () => sequence.takeCheckpoint(),
    read: (tokens) => sequence.evaluateWithoutGeneratingNewTokens(tokens as Token[], { evaluationPriority }),
    generate(tokens, sampling, options) {
      const generated: Token[] = [];
      let likelihoods: readonly TokenLikelihood[] = [];
      let grammar = grammars.begin(options.grammar);
      const burden = new ArrayBuffer(vocabularySize * candidateBytes);
      burdens.add(burden);
      const iterator = sequence.evaluateWithMetadata(
        tokens as Token[],
        options.withLikelihoods ? { probabilities: true, confidence: true } : {},
        {
          ...samplingOptions(sequence.model, { sampling, generated, ...options }),
          evaluationPriority,
          ...(grammar === undefined ? {} : { grammarEvaluationState: () => grammar }),
        },
      );
      return {
        async next(instead) {
          const result = await nextToken(iterator, instead);
          if (result.done === true) return null;
          const { token, probabilities, confidence } = result.value as Chosen;
          generated.push(token);
          likelihoods = toLikelihoods(probabilities, confidence);
          return token;
        },
        likelihoods: () => likelihoods,
        useGrammar: (source) => (grammar = grammars.begin(source)),
        async close() {
          burdens.delete(burden);
          await iterator.return();
        },
      };
    },
  };
}

/** Of `llama_token_data`. */
const candidateBytes = 12;

/**
 * Each stream's native sampler holds a candidate for every token of the vocabulary, half a megabyte and more, until its
 * wrapper is collected; disposing it does not free that. The collector knows nothing of native memory and would let
 * hundreds pile up, so it is told by a buffer of the same size, whose pages are never touched and cost nothing.
 */
const burdens = new Set<ArrayBuffer>();

/** The last two only where they were asked for. */
type Chosen = {
  readonly token: Token;
  readonly probabilities?: Map<Token, number>;
  readonly confidence?: number;
};

async function nextToken<Value>(
  iterator: AsyncGenerator<Value, void, Token[] | undefined>,
  instead: readonly number[] | undefined,
): Promise<IteratorResult<Value, void>> {
  try {
    return await iterator.next(instead as Token[] | undefined);
  } catch (error) {
    if (error instanceof Error && error.message.includes('sample')) {
      throw new SamplingFailed('no token could be sampled', { cause: error });
    }
    throw error;
  }
}

/**
 * Models with a sliding window or a recurrent state cannot go back everywhere: the window before the place must be
 * whole, or a checkpoint must lie before it. The library would also go back to where the window is cut, and restores a
 * checkpoint only before the first state that it still has.
 */
function keepableTokens(sequence: LlamaContextSequence, length: number): number {
  if (length >= sequence.nextTokenIndex) return sequence.nextTokenIndex;
  if (!sequence.needsCheckpoints || length <= 0) return Math.max(0, length);
  const firstState = sequence.stateCellsStartIndex;
  const windowTokens = sequence.model.fileInsights.swaSize ?? 0;
  if (length > firstState && firstState <= Math.max(0, length - windowTokens)) return length;
  const lastKept = Math.min(length, firstState) - 1;
  const places = checkpointsOf(sequence).filter((last) => last <= lastKept);
  return places.length === 0 ? 0 : Math.max(...places) + 1;
}

/**
 * Last positions of the sequence's checkpoints. By the library's own list (the version is pinned), since what it tells
 * of the cost of going back looks at the newest checkpoint only, while going back itself uses the older ones too.
 */
function checkpointsOf(sequence: LlamaContextSequence): number[] {
  const { _checkpoints: list } = sequence as unknown as {
    readonly _checkpoints: {
      readonly _checkpoints: readonly (readonly [unknown, { readonly maxPos: number }])[];
    };
  };
  return list._checkpoints.map(([, checkpoint]) => checkpoint.maxPos);
}

/** Penalties look back this far; the list is compared for every token. */
const mostPunishedTokens = 1024;

/** Every option is passed, because the library's defaults are not OpenAI's (temperature 0, seed by the clock). */
function samplingOptions(model: LlamaModel, { sampling, generated, ignoreEos }: SamplingInput) {
  const { temperature, topK, topP, minP, seed, presencePenalty, frequencyPenalty } = sampling;
  const biases = Object.entries(sampling.logitBias).map(
    ([token, bias]) => [Number(token), bias <= -100 ? -Infinity : bias] as const,
  );
  if (ignoreEos) for (const token of endTokens(model)) biases.push([token, -Infinity]);
  const tokenBias = TokenBias.for(model);
  for (const [token, bias] of biases) setBias(tokenBias, token, bias);
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

type SamplingInput = {
  readonly sampling: TokenSampling;
  readonly generated: readonly Token[];
  readonly ignoreEos: boolean;
};

/** Not by the library's own `set`, which ignores tokens that end the answer: a bias on them is a common wish. */
function setBias(tokenBias: TokenBias, token: number, logit: number): void {
  const { _biases: biases } = tokenBias as unknown as { readonly _biases: Map<number, number> };
  biases.set(token, logit);
}

const endTokensOf = new WeakMap<LlamaModel, readonly Token[]>();

/** All tokens that end an answer; looked for once. */
function endTokens(model: LlamaModel): readonly Token[] {
  const known =
    endTokensOf.get(model) ?? [...model.iterateAllTokens()].filter((token) => model.isEogToken(token));
  endTokensOf.set(model, known);
  return known;
}

type Grammars = { readonly begin: (source: string | null) => LlamaGrammarEvaluationState | undefined };

/** Grammars are checked once; where a stream stands in one is its own. */
function createGrammars(llama: Llama, model: LlamaModel): Grammars {
  const memory = createMemory<LlamaGrammar>(64);
  return {
    begin(source) {
      if (source === null) return undefined;
      // The library's `createGrammar` does the same, but later: a stream begins within one turn.
      const grammar = memory.recall(source, () => new LlamaGrammar(llama, { grammar: source }));
      return new LlamaGrammarEvaluationState({ model, grammar });
    },
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
    infill: infillTokens(model),
    bosToken: model.tokens.shouldPrependBosToken ? model.tokens.bos : null,
    vocabularySize,
  };
}

function infillTokens({ tokens }: LlamaModel): Tokenizer['infill'] {
  const { prefix, suffix, middle } = tokens.infill;
  return prefix === null || suffix === null ? null : { prefix, suffix, middle };
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
