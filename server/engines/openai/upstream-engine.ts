import type { Clock, Timers } from '../../core/clock.ts';
import type { Engine, ReadyModel } from '../../core/engine.ts';
import { AppError, modelNotFound, toAppError } from '../../core/errors.ts';
import type { GeneratePart, GenerateRequest, Usage } from '../../core/generate.ts';
import { hopHeader } from '../../core/hop.ts';
import type { ModelDescription } from '../../core/model.ts';
import type { Upstream, UpstreamState } from '../../core/upstream.ts';
import { describeElsewhere } from '../describe.ts';
import { raced } from '../raced.ts';
import { slackTokens } from './answer-parts.ts';
import { readAnswer } from './answer-stream.ts';
import { countTokens, embed, rerank } from './ask.ts';
import { cacheSalt, chatBody, completionBody, infillBody, routingKey } from './chat-body.ts';
import { discover, probePatience, type Discovered } from './discover.ts';
import { estimateTokens } from './estimate.ts';
import { fromInfill } from './infill.ts';
import { createPace } from './pace.ts';
import { presetOf, type Preset } from './presets.ts';
import { whileFailed } from './upstream-errors.ts';
import { createUpstreamHttp, type HttpAnswer, type HttpCall, type Lookup } from './upstream-http.ts';

/** A server of somebody's as an engine, and what its owner sees of it. */
export type OutsideEngine = Engine & {
  readonly upstream: Upstream;
  readonly state: () => UpstreamState;
  /** Asks it what models it has; what comes of it is in `state`. Rejects only with the signal's reason. */
  readonly refresh: (signal: AbortSignal) => Promise<UpstreamState>;
  /** Takes nothing new; what runs is answered to its end. */
  readonly retire: () => void;
};

export type OutsideEngineOptions = {
  readonly upstream: Upstream;
  /** What it told the last time it could be asked, perhaps before a restart. */
  readonly known: Discovered | null;
  readonly onDiscovered: (known: Discovered) => void;
  readonly apiKey: string | null;
  /** What salts and routing keys are made with, so that no key's id leaves us. */
  readonly serverSecret: string;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Who says which addresses a name has; for tests. */
  readonly lookup?: Lookup;
  /** Its models have come, gone, or become busy or free. */
  readonly onChange: () => void;
};

/** Assumed where nobody tells; a longer conversation is then refused by the upstream itself. */
const usualContextTokens = 131_072;
/** One that has just failed is not asked again by every request. */
const leastBetweenChecksMs = 2_000;

/** Any server that speaks OpenAI's language, behind our own contract. Nothing is sent before it is asked for. */
export function createUpstreamEngine(options: OutsideEngineOptions): OutsideEngine {
  const { upstream, apiKey, serverSecret, clock, timers } = options;
  const { name } = upstream;
  const preset = presetOf(upstream);
  const { origin, api, root, isVendor } = placesOf(upstream.url);
  const http = createUpstreamHttp({
    name,
    origin,
    mayLeave: upstream.mayLeave,
    secret: apiKey,
    timers,
    clock,
    lookup: options.lookup,
  });
  const headers = { [hopHeader]: '1' };
  const ask = { http, name, preset, root, api, headers };
  let known: Discovered = options.known ?? { models: [], slots: null };
  let state: UpstreamState = {
    state: 'unknown',
    reason: null,
    checkedMs: null,
    latencyMs: null,
    models: idsOf(known),
  };
  /** Why the last check has failed. */
  let failure: AppError | null = null;
  let checking: Promise<UpstreamState> | null = null;
  const active = new Map<string, number>();
  const pace = createPace();
  const slots = (): number => upstream.slots ?? known.slots ?? preset.slots;
  let list = known.models.map(describe);

  async function check(): Promise<UpstreamState> {
    const beganMs = clock.monotonicMs();
    try {
      known = await discover({ http, upstream, root, api, headers }, new AbortController().signal);
      const latencyMs = Math.round(clock.monotonicMs() - beganMs);
      options.onDiscovered(known);
      state = { state: 'ready', reason: null, checkedMs: clock.nowMs(), latencyMs, models: idsOf(known) };
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
    list = known.models.map(describe);
    options.onChange();
    return state;
  }

  /** However many ask, it is asked once. */
  async function refresh(signal: AbortSignal): Promise<UpstreamState> {
    signal.throwIfAborted();
    checking ??= check().finally(() => (checking = null));
    return await raced(checking, signal);
  }

  /** What changes with every request is told as it is when somebody looks. */
  function describe(model: Discovered['models'][number]): ModelDescription {
    const activeSlots = (): number => active.get(model.id) ?? 0;
    const isFailed = state.state === 'failed';
    const about = describeElsewhere({
      id: model.id,
      engine: name,
      task: model.task,
      source: 'upstream',
      path: upstream.url,
      modifiedMs: model.createdMs ?? upstream.createdMs,
      state: 'ready',
      reason: state.reason,
      contextTokens: model.contextTokens,
      slots: slots(),
    });
    return {
      ...about,
      get state() {
        return isFailed ? 'failed' : activeSlots() > 0 ? 'busy' : 'ready';
      },
      get activeSlots() {
        return activeSlots();
      },
    };
  }

  function note(modelId: string, change: 1 | -1): void {
    active.set(modelId, (active.get(modelId) ?? 0) + change);
    options.onChange();
  }

  async function ensureReady(modelId: string, signal: AbortSignal): Promise<ReadyModel> {
    const isStale = clock.nowMs() - (state.checkedMs ?? 0) >= leastBetweenChecksMs;
    if (state.state !== 'ready' && isStale) await refresh(signal);
    const model = known.models.find(({ id }) => id === modelId);
    if (state.state === 'failed') throw whileFailed(name, failure);
    if (model === undefined) throw modelNotFound(modelId);
    const contextTokens = model.contextTokens ?? usualContextTokens;
    // Its slots are those of the whole server, whichever of its models is asked, and for whatever.
    return { slots: slots(), slotsAreFor: 'engine', contextTokens };
  }

  /** Nothing is sent, and no model is busy, before somebody reads. What cannot be asked there throws then as well. */
  function generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GeneratePart> {
    const { model } = request;
    const isWhole = mayBeWhole(request) && pace.isSoon(model, request.maxTokens ?? Number.POSITIVE_INFINITY);
    const isInfill =
      request.raw !== undefined && request.raw.suffix !== null && preset.fillsMiddle === 'infill';
    const toSend = (asked: GenerateRequest): HttpCall => ({
      ...toCall(asked, isInfill),
      signal,
      headers: routing(request),
    });
    let beganMs = 0;
    return readAnswer(
      () => {
        beganMs = clock.monotonicMs();
        note(model, 1);
        const asStream = (): Promise<HttpAnswer> => http.open(toSend(streamed(request)));
        return isWhole ? openWhole(model, toSend(request), asStream) : asStream();
      },
      {
        name,
        secret: apiKey,
        request,
        mayPass: request.raw === undefined,
        ...(isInfill ? { translate: fromInfill } : {}),
        // What it has computed for nobody costs all the same, and is counted as it would have been in a stream.
        unheard: () =>
          isWhole && signal.aborted
            ? unheardParts(request, pace.tokensIn(model, clock.monotonicMs() - beganMs))
            : [],
        onEnd(usage) {
          note(model, -1);
          if (usage === null) return;
          pace.note(model, usage.completionTokens, clock.monotonicMs() - beganMs);
          // It does not keep to the maximum, so that somebody must be able to stop it.
          if (isWhole && isTooMuch(request, usage)) pace.exclude(model);
        },
      },
    );
  }

  /** Some models answer by a stream only, and say so where they are asked for a whole answer. */
  async function openWhole(
    model: string,
    call: HttpCall,
    asStream: () => Promise<HttpAnswer>,
  ): Promise<HttpAnswer> {
    try {
      return await http.open(call);
    } catch (error) {
      if (!(error instanceof AppError) || error.status !== 400) throw error;
      const answer = await asStream();
      pace.exclude(model);
      return answer;
    }
  }

  function toCall(request: GenerateRequest, isInfill: boolean): Pick<HttpCall, 'method' | 'path' | 'body'> {
    if (isInfill) return { method: 'POST', path: `${root}/infill`, body: infillBody(request, preset) };
    const isChat = request.raw === undefined;
    const body = isChat ? chatBody(request, preset, isVendor) : completionBody(request, preset);
    return {
      method: 'POST',
      path: isChat ? `${api}/chat/completions` : `${api}/completions`,
      body: preset.takesCacheSalt
        ? { ...body, cache_salt: cacheSalt(request.cacheScope, serverSecret) }
        : body,
    };
  }

  function routing(request: GenerateRequest): Readonly<Record<string, string>> {
    const header = routingHeader(upstream, preset);
    return header === null ? headers : { ...headers, [header]: routingKey(request, serverSecret) };
  }

  return {
    id: name,
    upstream,
    isOutside: upstream.mayLeave,
    isRemote: true,
    handsOn: true,
    models: () => list,
    state: () => state,
    refresh,
    async probe(signal) {
      await http.json({
        method: 'GET',
        path: `${api}/models`,
        headers,
        signal,
        mostBytes: 8 * 1024 * 1024,
        patience: probePatience,
      });
    },
    ensureReady,
    generate,
    embed: async (request, signal) => await embed(ask, request, signal),
    rerank: async (request, signal) => await rerank(ask, request, signal),
    countTokens: async (request, signal) => await countTokens(ask, request, signal),
    async unload() {
      throw new AppError(`${name} decides itself which models it keeps in memory.`, {
        status: 409,
        code: 'model_not_unloadable',
      });
    },
    retire: () => void http.close(),
    stop: async () => await http.destroy(),
  };
}

/** Not what is likely to be given up in the middle, and not what is measured word by word. */
function mayBeWhole({ whole, raw, replaces, logprobs, ignoreEos }: GenerateRequest): boolean {
  const isOneText = replaces === undefined && (raw === undefined || raw.suffix === null);
  return whole === true && isOneText && logprobs === undefined && ignoreEos !== true;
}

function streamed({ whole: _whole, ...request }: GenerateRequest): GenerateRequest {
  return request;
}

function isTooMuch({ maxTokens }: GenerateRequest, { completionTokens }: Usage): boolean {
  return maxTokens !== null && completionTokens > maxTokens + slackTokens;
}

function unheardParts(request: GenerateRequest, tokens: number): readonly GeneratePart[] {
  return [
    { type: 'start', promptTokens: estimateTokens(request), cachedTokens: 0, isEstimate: true },
    { type: 'text-delta', text: '', tokens: Math.min(tokens, request.maxTokens ?? tokens) },
  ];
}

function idsOf({ models }: Discovered): readonly string[] {
  return models.map(({ id }) => id);
}

function routingHeader({ routingHeader: own }: Upstream, preset: Preset): string | null {
  return own === undefined ? preset.routingHeader : own;
}

/** Where an address leads: the API's own path, and the root that servers have their other routes under. */
function placesOf(address: string): {
  readonly origin: string;
  readonly api: string;
  readonly root: string;
  readonly isVendor: boolean;
} {
  const url = new URL(address);
  const api = url.pathname.replace(/\/+$/u, '');
  return {
    origin: url.origin,
    api,
    root: api.replace(/\/v1$/u, ''),
    isVendor: /(?:^|\.)openai\.(?:com|azure\.com)$/u.test(url.hostname),
  };
}
