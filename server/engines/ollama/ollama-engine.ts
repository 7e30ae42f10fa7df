import { z } from 'zod';
import type { EmbedAnswer, EmbedRequest } from '../../core/ask.ts';
import type { Clock, Timers } from '../../core/clock.ts';
import type { Engine, ReadyModel } from '../../core/engine.ts';
import { AppError, modelNotFound, toAppError } from '../../core/errors.ts';
import type { GeneratePart, GenerateRequest } from '../../core/generate.ts';
import type { ModelDescription } from '../../core/model.ts';
import type { UpstreamState } from '../../core/upstream.ts';
import { describeElsewhere } from '../describe.ts';
import { raced } from '../raced.ts';
import { readAnswer } from '../openai/answer-stream.ts';
import { unitVector } from '../openai/ask.ts';
import { estimateTokens, ofText } from '../openai/estimate.ts';
import { broken, whileFailed } from '../openai/upstream-errors.ts';
import { createUpstreamHttp, type UpstreamHttp } from '../openai/upstream-http.ts';
import { asCall, ollamaTranslator } from './ollama-answer.ts';
import { forcedTools, ollamaChat, ollamaGenerate, unknownToOllama } from './ollama-body.ts';
import { createModelRooms } from './model-rooms.ts';
import {
  createOllamaClient,
  type LoadedModel,
  type OllamaClient,
  type OllamaDetails,
  type OllamaModel,
} from './ollama-client.ts';

export type OllamaEngine = Engine & {
  readonly client: OllamaClient;
  readonly state: () => UpstreamState;
  /** Looks what models there are and which are loaded. Never rejects but with the signal's reason. */
  readonly refresh: (signal: AbortSignal) => Promise<UpstreamState>;
  readonly active: () => number;
  /** Takes nothing new; what runs is answered to its end. */
  readonly retire: () => void;
};

export type OllamaEngineOptions = {
  readonly id: string;
  /** For what is said about it. */
  readonly name: string;
  /** `http://127.0.0.1:11434`, without a path. */
  readonly address: string;
  readonly source: 'ollama' | 'upstream';
  readonly mayLeave: boolean;
  readonly apiKey: string | null;
  /** Requests at once: of one model where `modelsAtOnce` tells how many there may be, else of all together. */
  readonly slots: () => number;
  /** Models it keeps in memory at once (`OLLAMA_MAX_LOADED_MODELS`); null where nobody has told us. */
  readonly modelsAtOnce: () => number | null;
  /** Longest conversation that is asked for; a model made for less gets less. */
  readonly contextTokens: () => number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly onChange: () => void;
};

type Known = { readonly model: OllamaModel; readonly details: OllamaDetails };

const mostEmbedBytes = 256 * 1024 * 1024;
const leastBetweenChecksMs = 2_000;
const refreshAfterMs = 10_000;

/** An Ollama, ours or anybody's, by its own API: OpenAI's route there does not read the context size. */
export function createOllamaEngine(options: OllamaEngineOptions): OllamaEngine {
  const { id, name, clock, onChange } = options;
  const http = createUpstreamHttp({
    name,
    origin: new URL(options.address).origin,
    mayLeave: options.mayLeave,
    secret: options.apiKey,
    timers: options.timers,
    clock,
  });
  const client = createOllamaClient(http, name);
  const forever = new AbortController().signal;
  /** By name and digest: what a model can do changes with its file alone. */
  const details = new Map<string, OllamaDetails>();
  const active = new Map<string, number>();
  const loading = new Map<string, Promise<void>>();
  const rooms = createModelRooms(() => options.modelsAtOnce() ?? Number.POSITIVE_INFINITY, changed);
  let known = new Map<string, Known>();
  let loaded = new Map<string, LoadedModel>();
  let list: ModelDescription[] = [];
  let state: UpstreamState = { state: 'unknown', reason: null, checkedMs: null, latencyMs: null, models: [] };
  /** Why the last check has failed. */
  let failure: AppError | null = null;
  let checking: Promise<UpstreamState> | null = null;

  function changed(): void {
    list = [...known.values()].map(describe);
    onChange();
  }

  async function check(): Promise<UpstreamState> {
    const beganMs = clock.monotonicMs();
    try {
      const [models, running] = await Promise.all([client.list(forever), client.loaded(forever)]);
      const entries = await Promise.all(
        models.map(async (model) => [model.name, await lookAt(model)] as const),
      );
      known = new Map(entries);
      loaded = new Map(running.map((model) => [model.name, model]));
      const latencyMs = Math.round(clock.monotonicMs() - beganMs);
      state = {
        state: 'ready',
        reason: null,
        checkedMs: clock.nowMs(),
        latencyMs,
        models: [...known.keys()],
      };
    } catch (error) {
      failure = toAppError(error);
      state = {
        ...state,
        state: 'failed',
        reason: failure.message,
        checkedMs: clock.nowMs(),
        latencyMs: null,
      };
    }
    changed();
    return state;
  }

  async function lookAt(model: OllamaModel): Promise<Known> {
    const mark = `${model.name} ${model.digest}`;
    const seen = details.get(mark) ?? (await client.show(model.name, forever));
    details.set(mark, seen);
    return { model, details: seen };
  }

  async function refresh(signal: AbortSignal): Promise<UpstreamState> {
    signal.throwIfAborted();
    checking ??= check().finally(() => (checking = null));
    return await raced(checking, signal);
  }

  function contextOf({ details: { contextTokens } }: Known): number {
    return Math.min(options.contextTokens(), contextTokens ?? Number.MAX_SAFE_INTEGER);
  }

  function describe(entry: Known): ModelDescription {
    const { model, details: about } = entry;
    const activeSlots = active.get(model.name) ?? 0;
    const inMemory = loaded.get(model.name);
    const isLoaded = inMemory !== undefined && inMemory.expiresMs > clock.nowMs();
    const stateNow =
      loading.has(model.name) || rooms.isWaiting(model.name)
        ? 'loading'
        : activeSlots > 0
          ? 'busy'
          : isLoaded
            ? 'ready'
            : 'off';
    return describeElsewhere({
      id: model.name,
      engine: id,
      task:
        about.capabilities.includes('completion') || !about.capabilities.includes('embedding')
          ? 'generate'
          : 'embed',
      source: options.source,
      path: options.address,
      sizeBytes: model.sizeBytes,
      modifiedMs: model.modifiedMs,
      state: state.state === 'failed' ? 'failed' : stateNow,
      reason: state.reason,
      canSee: about.capabilities.includes('vision'),
      contextTokens: contextOf(entry),
      slots: options.slots(),
      activeSlots,
      waitingFor: rooms.isWaiting(model.name) ? 'memory' : null,
      memory: { estimatedBytes: null, measuredBytes: isLoaded ? inMemory.sizeBytes : null },
      // Years ahead stand for "for ever".
      keepAliveUntilMs: isLoaded && activeSlots === 0 ? inMemory.expiresMs : null,
    });
  }

  /** Counts a request to the model, which is in memory at its start; the returned function ends that. */
  async function begin(entry: Known, signal: AbortSignal): Promise<() => void> {
    const modelId = entry.model.name;
    // Since it was made ready another may have taken its place.
    const leave = await bringIn(entry, signal);
    active.set(modelId, (active.get(modelId) ?? 0) + 1);
    changed();
    return () => {
      active.set(modelId, (active.get(modelId) ?? 0) - 1);
      leave();
      changed();
      // How long it stays in memory counts anew from here.
      if (clock.nowMs() - (state.checkedMs ?? 0) >= refreshAfterMs) void refresh(forever);
    };
  }

  function entryOf(modelId: string): Known {
    const entry = known.get(modelId);
    if (entry === undefined) throw modelNotFound(modelId);
    return entry;
  }

  async function ensureReady(modelId: string, signal: AbortSignal): Promise<ReadyModel> {
    const isStale = clock.nowMs() - (state.checkedMs ?? 0) >= leastBetweenChecksMs;
    if (state.state !== 'ready' && isStale) await refresh(signal);
    if (state.state === 'failed') throw whileFailed(name, failure);
    const entry = entryOf(modelId);
    if (!isThere(entry) || !rooms.hasRoom(modelId)) (await bringIn(entry, signal))();
    const slotsAreFor = options.modelsAtOnce() === null ? 'engine' : 'model';
    return { slots: options.slots(), slotsAreFor, contextTokens: contextOf(entry) };
  }

  /** Whether a request would be answered at once: what is busy is in memory, whatever was last heard of it. */
  function isThere(entry: Known): boolean {
    const modelId = entry.model.name;
    if ((active.get(modelId) ?? 0) > 0) return true;
    const inMemory = loaded.get(modelId);
    const contextTokens = contextOf(entry);
    return (
      inMemory !== undefined &&
      inMemory.expiresMs > clock.nowMs() &&
      (inMemory.contextTokens ?? contextTokens) === contextTokens
    );
  }

  /** Gives it room, loads it where need be, and keeps its room until the returned function is called. */
  async function bringIn(entry: Known, signal: AbortSignal): Promise<() => void> {
    const leave = await rooms.enter(entry.model.name, signal);
    try {
      if (!isThere(entry)) await raced(loadOnce(entry, contextOf(entry)), signal);
      return leave;
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** However many ask, it is loaded once; it goes on when the one that asked has left. */
  function loadOnce(entry: Known, contextTokens: number): Promise<void> {
    const modelId = entry.model.name;
    const before = loading.get(modelId);
    if (before !== undefined) return before;
    const leave = rooms.use(modelId);
    const running = load(entry, contextTokens).finally(() => {
      loading.delete(modelId);
      leave();
      changed();
    });
    loading.set(modelId, running);
    changed();
    running.catch(() => {});
    return running;
  }

  async function load({ model, details: about }: Known, contextTokens: number): Promise<void> {
    const isEmbedding =
      !about.capabilities.includes('completion') && about.capabilities.includes('embedding');
    await client.load(model.name, { isEmbedding, contextTokens, keepAlive: null }, forever);
    loaded = new Map((await client.loaded(forever)).map((entry) => [entry.name, entry]));
  }

  async function* generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GeneratePart> {
    const entry = entryOf(request.model);
    const { capabilities, family } = entry.details;
    const body = { contextTokens: contextOf(entry), capabilities, family };
    const call =
      request.raw === undefined
        ? ({ method: 'POST', path: '/api/chat', body: ollamaChat(request, body) } as const)
        : ({ method: 'POST', path: '/api/generate', body: ollamaGenerate(request, body) } as const);
    const end = await begin(entry, signal);
    try {
      const parts = readAnswer(async () => await http.open({ ...call, signal }), {
        name,
        secret: options.apiKey,
        request,
        mayPass: false,
        translate: ollamaTranslator(request),
      });
      yield* forcedTools(request.chat) === null ? parts : asCall(parts);
    } finally {
      end();
    }
  }

  return {
    id,
    client,
    isOutside: options.mayLeave,
    isRemote: true,
    models: () => list,
    state: () => state,
    refresh,
    active: () => [...active.values()].reduce((sum, count) => sum + count, 0),
    check: unknownToOllama,
    probe: async (signal) => void (await client.version(signal)),
    ensureReady,
    generate,
    async embed(request, signal) {
      const entry = entryOf(request.model);
      const end = await begin(entry, signal);
      try {
        return await embed({ http, name, contextTokens: contextOf(entry) }, request, signal);
      } finally {
        end();
      }
    },
    async rerank() {
      throw new AppError('Ollama does not rank documents. Ask a model that is made for it.', {
        status: 400,
        code: 'unsupported_task',
        param: 'model',
        retryable: false,
      });
    },
    countTokens: async (request) => await Promise.resolve(estimateTokens(request)),
    async unload(modelId) {
      const entry = entryOf(modelId);
      const isEmbedding = !entry.details.capabilities.includes('completion');
      await client.load(modelId, { isEmbedding, contextTokens: 0, keepAlive: 0 }, forever);
      await refresh(forever);
    },
    retire: () => void http.close(),
    stop: async () => await http.destroy(),
  };
}

const embedBody = z.looseObject({
  embeddings: z.array(z.array(z.number()).min(1).max(65_536)),
  prompt_eval_count: z.number().int().min(0).nullish().catch(null),
});

type Embedding = { readonly http: UpstreamHttp; readonly name: string; readonly contextTokens: number };

async function embed(
  { http, name, contextTokens }: Embedding,
  { model, inputs, dimensions }: EmbedRequest,
  signal: AbortSignal,
): Promise<EmbedAnswer> {
  const texts = inputs.map((input) => {
    if (typeof input === 'string') return input;
    throw new AppError('Ollama takes texts, not tokens.', {
      status: 400,
      code: 'invalid_request',
      param: 'input',
    });
  });
  const value = await http.json({
    method: 'POST',
    path: '/api/embed',
    body: {
      model,
      input: texts,
      truncate: false,
      ...(dimensions === null ? {} : { dimensions }),
      options: { num_ctx: contextTokens },
    },
    signal,
    mostBytes: mostEmbedBytes,
  });
  const parsed = embedBody.safeParse(value);
  const vectors = (parsed.data?.embeddings ?? []).map(unitVector).filter((vector) => vector !== undefined);
  if (!parsed.success || vectors.length !== inputs.length) {
    throw broken(name, 'upstream_not_json', 'did not give a vector for each text');
  }
  const estimated = texts.reduce((sum, text) => sum + ofText(text), 0);
  return { vectors, promptTokens: parsed.data.prompt_eval_count ?? estimated };
}
