import type { EmbedAnswer, EmbedRequest, RerankAnswer, RerankRequest, Task } from '../../server/core/ask.ts';
import type { Machine } from '../../server/core/download.ts';
import { noGraphics, type GraphicsView } from '../../server/core/graphics.ts';
import type { Engine, ReadyModel } from '../../server/core/engine.ts';
import { modelNotFound } from '../../server/core/errors.ts';
import type { FinishReason, GeneratePart, GenerateRequest } from '../../server/core/generate.ts';
import type { ModelDescription, ModelSettings } from '../../server/core/model.ts';
import { describeElsewhere } from '../../server/engines/describe.ts';

export type FakeAnswer = {
  /** One `text-delta` of one token each. */
  readonly words: readonly string[];
  /** In place of the words: anything an engine may say between start and finish. */
  readonly parts?: readonly GeneratePart[];
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly reason: FinishReason;
  readonly stopSequence?: string;
};

export type FakeEngineOptions = {
  readonly id?: string;
  readonly isOutside?: boolean;
  readonly isRemote?: boolean;
  readonly probe?: (signal: AbortSignal) => Promise<void>;
  /** Ids of the models; default one, `fake-model`. */
  readonly models?: readonly string[];
  readonly slots?: number;
  readonly contextTokens?: number;
  /** What every request is answered with, or a function of the request. */
  readonly answer?: Partial<FakeAnswer> | ((request: GenerateRequest) => Partial<FakeAnswer>);
  /** Awaited before part `index` (0 is `start`); hold it to hold the stream, throw in it to break the stream there. */
  readonly beforePart?: (index: number, request: GenerateRequest) => void | Promise<void>;
  /** What `check` gives, or throws. */
  readonly check?: (request: GenerateRequest) => readonly string[];
  /** Awaited before embeddings are answered. */
  readonly beforeEmbed?: () => void | Promise<void>;
  /** Default: a vector that depends on the input's length. */
  readonly embed?: (request: EmbedRequest) => EmbedAnswer;
  /** Default: 0.5 for each document. */
  readonly rerank?: (request: RerankRequest) => RerankAnswer;
  /** Default: always the same number. */
  readonly countTokens?: (request: GenerateRequest) => number;
  /** Default: 16 GB and no GPU. */
  readonly machine?: Machine;
  /** Default: none, as on a computer without. */
  readonly graphics?: GraphicsView;
  /** Awaited by `ensureReady`; throw in it for a model that cannot be loaded. */
  readonly beforeReady?: (modelId: string) => void | Promise<void>;
};

/** What happened, for assertions on behaviour (a cancel arrived, a slot was freed). */
export type FakeEngineSeen = {
  readonly requests: GenerateRequest[];
  readonly embedded: EmbedRequest[];
  readonly reranked: RerankRequest[];
  /** What models were made ready for, in order. */
  readonly tasks: Task[];
  /** Requests whose iteration ended by the abort signal. */
  cancelled: number;
  active: number;
  mostActive: number;
  loads: number;
  stopped: boolean;
  /** Loaded although the memory might not be enough. */
  forced: string[];
};

export type FakeEngine = Engine & {
  readonly seen: FakeEngineSeen;
  readonly configure: (modelId: string, change: Partial<ModelSettings>) => void;
  readonly machine: () => Promise<Machine>;
  readonly graphics: () => Promise<GraphicsView>;
  readonly loadAnyway: (modelId: string) => Promise<void>;
};

const defaultAnswer: FakeAnswer = {
  words: ['Hello', ' from', ' the', ' fake', '.'],
  promptTokens: 12,
  cachedTokens: 0,
  reason: 'stop',
};

/** A scripted engine inside this process: no model, no time; every delay is a promise that the test owns. */
export function createFakeEngine(options: FakeEngineOptions = {}): FakeEngine {
  const id = options.id ?? 'fake';
  const ready: ReadyModel = { slots: options.slots ?? 8, contextTokens: options.contextTokens ?? 4096 };
  const states = new Map<string, ModelDescription>(
    (options.models ?? ['fake-model']).map((model) => [model, describeModel(model, id)]),
  );
  const seen: FakeEngineSeen = {
    requests: [],
    embedded: [],
    reranked: [],
    tasks: [],
    cancelled: 0,
    active: 0,
    mostActive: 0,
    loads: 0,
    stopped: false,
    forced: [],
  };

  function update(modelId: string, change: Partial<ModelDescription>): void {
    const before = states.get(modelId);
    if (before !== undefined) states.set(modelId, { ...before, ...change });
  }

  return {
    id,
    ...(options.isOutside === undefined ? {} : { isOutside: options.isOutside }),
    ...(options.isRemote === undefined ? {} : { isRemote: options.isRemote }),
    ...(options.probe === undefined ? {} : { probe: options.probe }),
    seen,
    models: () => [...states.values()],
    check: (request) => options.check?.(request) ?? [],
    async ensureReady(modelId, signal, task = 'generate') {
      seen.tasks.push(task);
      const model = states.get(modelId);
      if (model === undefined) throw modelNotFound(modelId);
      signal.throwIfAborted();
      await untilAborted(options.beforeReady?.(modelId), signal);
      if (model.state === 'off') {
        seen.loads += 1;
        update(modelId, { state: 'ready', ...ready, backend: 'cpu', threads: 1 });
      }
      return ready;
    },
    async *generate(request, signal) {
      if (!states.has(request.model)) throw modelNotFound(request.model);
      const answer = {
        ...defaultAnswer,
        ...(typeof options.answer === 'function' ? options.answer(request) : options.answer),
      };
      seen.requests.push(request);
      seen.active += 1;
      seen.mostActive = Math.max(seen.mostActive, seen.active);
      update(request.model, { state: 'busy', activeSlots: seen.active });
      try {
        for (const [index, part] of partsOf(answer, request).entries()) {
          await untilAborted(options.beforePart?.(index, request), signal);
          yield part;
        }
      } finally {
        if (signal.aborted) seen.cancelled += 1;
        seen.active -= 1;
        update(request.model, { state: seen.active === 0 ? 'ready' : 'busy', activeSlots: seen.active });
      }
    },
    async embed(request, signal) {
      seen.embedded.push(request);
      await untilAborted(options.beforeEmbed?.(), signal);
      return options.embed?.(request) ?? { vectors: request.inputs.map(fakeVector), promptTokens: 3 };
    },
    async rerank(request) {
      seen.reranked.push(request);
      return options.rerank?.(request) ?? { scores: request.documents.map(() => 0.5), promptTokens: 5 };
    },
    async countTokens(request) {
      return options.countTokens?.(request) ?? defaultAnswer.promptTokens;
    },
    configure(modelId, change) {
      const before = states.get(modelId);
      if (before === undefined) throw modelNotFound(modelId);
      update(modelId, { settings: { ...before.settings, ...change } });
    },
    graphics: async () => options.graphics ?? { facts: { ...noGraphics, ...onProcessor }, claims: [] },
    machine: async () => options.machine ?? { freeBytes: 16e9, totalBytes: 32e9, gpuFreeBytes: null },
    async loadAnyway(modelId) {
      if (!states.has(modelId)) throw modelNotFound(modelId);
      seen.forced.push(modelId);
      update(modelId, { state: 'ready', ...ready, backend: 'cpu', threads: 1 });
    },
    async unload(modelId) {
      update(modelId, { state: 'off', activeSlots: 0 });
    },
    async stop() {
      seen.stopped = true;
    },
  };
}

const onProcessor = { backend: 'cpu', supported: ['cpu'], parts: ['cpu'] } as const;

function fakeVector(input: string | readonly number[]): Float32Array {
  return Float32Array.of(Math.sin(input.length), Math.cos(input.length), 0);
}

function partsOf(answer: FakeAnswer, request: GenerateRequest): GeneratePart[] {
  const words = request.maxTokens === null ? answer.words : answer.words.slice(0, request.maxTokens);
  const reason = words.length < answer.words.length ? 'length' : answer.reason;
  const { promptTokens, cachedTokens, stopSequence } = answer;
  return [
    { type: 'start', promptTokens, cachedTokens },
    ...(answer.parts ?? words.map((text) => ({ type: 'text-delta', text, tokens: 1 }) as const)),
    {
      type: 'finish',
      reason,
      ...(stopSequence === undefined ? {} : { stopSequence }),
      usage: { promptTokens, cachedTokens, completionTokens: words.length },
    },
  ];
}

/** Waits for `work`, but no longer than until the signal: then throws the signal's reason, as a real engine does. */
async function untilAborted(work: void | Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<void>();
  const onAbort = () => aborted.resolve();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
  signal.throwIfAborted();
}

/** A model that lies on disk, not loaded. */
export function describeModel(id: string, engine: string): ModelDescription {
  return describeElsewhere({
    id,
    engine,
    task: 'generate',
    source: 'starter',
    path: `/models/${id}.gguf`,
    sizeBytes: 1000,
    modifiedMs: 1_700_000_000_000,
    state: 'off',
  });
}
