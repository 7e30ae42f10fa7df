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
import { broken } from '../openai/upstream-errors.ts';
import { createUpstreamHttp, type UpstreamHttp } from '../openai/upstream-http.ts';
import { asCall, ollamaTranslator } from './ollama-answer.ts';
import { forcedTools, ollamaChat, ollamaGenerate, unknownToOllama } from './ollama-body.ts';
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
  /** Requests one model answers at once. */
  readonly slots: () => number;
  /** Longest conversation that is asked for; a model made for less gets less. */
  readonly contextTokens: () => number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly onChange: () => void;
};

type Known = { readonly model: OllamaModel; readonly details: OllamaDetails };

const mostConnections = 64;
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
    connections: mostConnections,
    timers: options.timers,
    clock,
  });
  const client = createOllamaClient(http, name);
  const forever = new AbortController().signal;
  /** By name and digest: what a model can do changes with its file alone. */
  const details = new Map<string, OllamaDetails>();
  const active = new Map<string, number>();
  const loading = new Map<string, Promise<void>>();
  let known = new Map<string, Known>();
  let loaded = new Map<string, LoadedModel>();
  let list: ModelDescription[] = [];
  let state: UpstreamState = { state: 'unknown', reason: null, checkedMs: null, latencyMs: null, models: [] };
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
      const { message } = toAppError(error);
      state = { ...state, state: 'failed', reason: message, checkedMs: clock.nowMs(), latencyMs: null };
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
    const stateNow = loading.has(model.name)
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
      contextTokens: contextOf(entry),
      slots: options.slots(),
      activeSlots,
      memory: { estimatedBytes: null, measuredBytes: inMemory?.sizeBytes ?? null },
      // Years ahead stand for "for ever".
      keepAliveUntilMs: isLoaded && activeSlots === 0 ? inMemory.expiresMs : null,
    });
  }

  function note(modelId: string, change: 1 | -1): void {
    active.set(modelId, (active.get(modelId) ?? 0) + change);
    changed();
  }

  function entryOf(modelId: string): Known {
    const entry = known.get(modelId);
    if (entry === undefined) throw modelNotFound(modelId);
    return entry;
  }

  async function ensureReady(modelId: string, signal: AbortSignal): Promise<ReadyModel> {
    const isStale = clock.nowMs() - (state.checkedMs ?? 0) >= leastBetweenChecksMs;
    if (state.state !== 'ready' && isStale) await refresh(signal);
    if (state.state === 'failed') throw notReached(state.reason);
    const entry = entryOf(modelId);
    const contextTokens = contextOf(entry);
    const inMemory = loaded.get(modelId);
    const isLoaded =
      inMemory !== undefined &&
      inMemory.expiresMs > clock.nowMs() &&
      (inMemory.contextTokens ?? contextTokens) === contextTokens;
    const isBusy = (active.get(modelId) ?? 0) > 0;
    if (!isLoaded && !isBusy) await raced(loadOnce(entry, contextTokens), signal);
    return { slots: options.slots(), contextTokens };
  }

  /** However many ask, it is loaded once; it goes on when the one that asked has left. */
  function loadOnce(entry: Known, contextTokens: number): Promise<void> {
    const modelId = entry.model.name;
    const before = loading.get(modelId);
    if (before !== undefined) return before;
    const running = load(entry, contextTokens).finally(() => {
      loading.delete(modelId);
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
    note(request.model, 1);
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
      note(request.model, -1);
      // How long it stays in memory counts anew from here.
      if (clock.nowMs() - (state.checkedMs ?? 0) >= refreshAfterMs) void refresh(forever);
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
    embed: async (request, signal) =>
      await embed({ http, name, contextTokens: contextOf(entryOf(request.model)) }, request, signal),
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

function notReached(reason: string | null): AppError {
  return new AppError(reason ?? 'Ollama cannot be reached just now.', {
    status: 503,
    code: 'upstream_unreachable',
    retryable: true,
    source: 'engine',
  });
}
