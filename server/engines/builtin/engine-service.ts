import { AppError } from '../../core/errors.ts';
import { plainTemplateStops } from './chat/chat-template.ts';
import type { EmbeddingModel } from './embedding/embedding-model.ts';
import { createEmbeddingService, type EmbeddingService } from './embedding/embedding-service.ts';
import { readProcessMemory } from './life/free-memory.ts';
import type { LoadedModel } from './loaded-model.ts';
import { watchOtherLoad } from './ticks/other-load.ts';
import { createPromptBuilder, type Prompt, type PromptBuilder } from './chat/prompt.ts';
import type {
  EngineAnswer,
  EngineMachine,
  EngineMemory,
  EngineQuestion,
  EngineRequest,
  FromEngine,
  LoadOptions,
  ToEngine,
  WireError,
} from './protocol.ts';
import type { GraphicsFacts } from '../../core/graphics.ts';
import type { Backend } from '../../core/model.ts';
import { buildRawPrompt } from './chat/raw-prompt.ts';
import { completeSampling } from './ticks/sampling.ts';
import type { Job } from './ticks/job.ts';
import { createTickLoop, type TickLoop } from './ticks/tick-loop.ts';
import { createAnswerPlanner, type AnswerPlanner } from './chat/tool-plan.ts';

export type EngineServiceOptions = {
  /** Called before the load, with the backend that it is to use. */
  readonly survey: (backend: Backend | 'auto', report: LoadReport) => Promise<EngineMachine>;
  /** What the graphics cards are and what this library makes of them; never rejects for what it cannot find out. */
  readonly inspect: (report: LoadReport) => Promise<GraphicsFacts>;
  readonly load: (options: LoadOptions, report: LoadReport) => Promise<LoadedModel>;
  /** For options with the task 'embed' or 'rerank'. */
  readonly loadEmbeddings: (options: LoadOptions, report: LoadReport) => Promise<EmbeddingModel>;
};

export type LoadReport = {
  readonly progress: (percent: number) => void;
  readonly log: (level: 'info' | 'warn' | 'error', message: string) => void;
};

/**
 * The engine process's side of the protocol: loads once, then answers until the server goes away. It ends itself by
 * SIGKILL only, because orderly exits with a live context abort on some GPUs, and the system frees everything anyway.
 */
export function serveEngine({ survey, inspect, load, loadEmbeddings }: EngineServiceOptions): void {
  const pending = new Set<number>();
  let prepared: Job[] = [];
  let loop: TickLoop | null = null;
  let prompts: PromptBuilder | null = null;
  let planner: AnswerPlanner | null = null;
  let model: LoadedModel | null = null;
  let embeddings: EmbeddingService | null = null;

  // A terminal's Ctrl-C reaches the whole group; the server decides when its engines end.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
  process.on('disconnect', die);
  process.on('message', (message: ToEngine) => {
    switch (message.type) {
      case 'survey':
        void look(message.backend);
        break;
      case 'inspect':
        void lookAtGraphics();
        break;
      case 'load':
        void start(message.options);
        break;
      case 'generate':
        void accept(message.id, message.request);
        break;
      case 'ask':
        void answer(message.id, message.question);
        break;
      case 'cancel':
        cancel(message.id);
        break;
      default:
        message satisfies never;
    }
  });

  let told = -1;
  const report: LoadReport = {
    progress: (percent) => {
      if (percent === told) return;
      told = percent;
      send({ type: 'progress', percent });
    },
    log: (level, text) => send({ type: 'log', level, message: text.slice(0, 500) }),
  };

  async function look(backend: Backend | 'auto'): Promise<void> {
    try {
      send({ type: 'machine', ...(await survey(backend, report)) });
    } catch (error) {
      send({ type: 'load-failed', reason: error instanceof Error ? error.message : String(error) });
    }
  }

  async function lookAtGraphics(): Promise<void> {
    try {
      send({ type: 'inspected', graphics: await inspect(report) });
    } catch (error) {
      send({ type: 'load-failed', reason: error instanceof Error ? error.message : String(error) });
    }
  }

  async function start(options: LoadOptions): Promise<void> {
    try {
      if (options.task === 'embed' || options.task === 'rerank') {
        startEmbeddings(await loadEmbeddings(options, report));
        return;
      }
      const loaded = await load(options, report);
      model = loaded;
      prompts = createPromptBuilder(loaded);
      planner = createAnswerPlanner(loaded, prompts.form);
      loop = createTickLoop({
        model: loaded,
        onReport: (report) => send({ type: 'tick', ...report }),
        onReading: (tokens) => send({ type: 'reading', tokens }),
        memory: createMemoryMeter(loaded.gpuBytes),
        onBroken: breakDown,
        nowMs: () => performance.now(),
        otherLoad: watchOtherLoad(),
      });
      const { sequences, contextTokens, backend, threads } = loaded;
      const memory = createMemoryMeter(loaded.gpuBytes)();
      send({
        type: 'ready',
        slots: sequences.length,
        contextTokens,
        backend,
        threads: threads.least,
        memory,
      });
    } catch (error) {
      send({ type: 'load-failed', reason: error instanceof Error ? error.message : String(error) });
    }
  }

  function startEmbeddings(loaded: EmbeddingModel): void {
    const { contextTokens, backend, threads } = loaded;
    const memory = createMemoryMeter(0);
    const threadsReason = 'One core is left to other programs.';
    const service = createEmbeddingService(loaded, {
      onBegin: (tokens) => send({ type: 'reading', tokens }),
      onDone() {
        const freeSlots = Math.max(0, embeddingSlots - service.active());
        const decodes = service.computed();
        const stats = { decodes, generatedTokens: 0, freeSlots, threads, threadsReason, memory: memory() };
        send({ type: 'tick', accepted: [], text: [], finished: [], failed: [], stats });
      },
    });
    embeddings = service;
    send({ type: 'ready', slots: embeddingSlots, contextTokens, backend, threads, memory: memory() });
  }

  async function answer(id: number, question: EngineQuestion): Promise<void> {
    pending.add(id);
    try {
      const given = await answerTo(id, question);
      if (pending.delete(id)) send({ type: 'answered', id, answer: given });
    } catch (error) {
      if (pending.delete(id)) send({ type: 'refused', id, error: toWireError(error) });
    }
    submitPrepared();
  }

  async function answerTo(id: number, question: EngineQuestion): Promise<EngineAnswer> {
    if (embeddings !== null) return embeddings.ask(id, question);
    if (question.type !== 'count-tokens' || prompts === null) throw notLoaded();
    const { raw, messages, chat } = question.request;
    const promptTokens =
      raw === null
        ? await prompts.count(messages, chat)
        : (await buildPrompt(question.request)).tokens.length;
    return { type: 'count-tokens', promptTokens };
  }

  async function buildPrompt({ raw, messages, chat }: EngineRequest): Promise<Prompt> {
    if (model === null || prompts === null) throw notLoaded();
    if (raw === null) return prompts.build(messages, chat);
    return { tokens: await buildRawPrompt(model, raw), tools: 'generic', thought: 'closed' };
  }

  async function prepare(id: number, request: EngineRequest): Promise<Job> {
    if (model === null || planner === null) throw notLoaded();
    const sampling = completeSampling(request.sampling, model.tokenizer.vocabularySize);
    const prompt = await buildPrompt(request);
    const { maxTokens, cacheScope, logprobs, raw, replaces, chat } = request;
    const isPlain = raw === null && model.chat.template === null;
    const stop = isPlain ? [...request.stop, ...plainTemplateStops] : request.stop;
    const answer = raw === null ? planner.plan(prompt, chat, maxTokens) : null;
    // Where a grammar has come to its end, nothing but the end is left.
    const ignoreEos = request.ignoreEos && (answer === null || answer.grammar === null);
    const job = {
      id,
      prompt: prompt.tokens,
      sampling,
      maxTokens,
      stop,
      cacheScope,
      logprobs,
      ignoreEos,
      replaces,
      ...(raw?.echo === true ? { promptText: model.tokenizer.detokenize(prompt.tokens, []) } : {}),
    };
    return answer === null ? job : { ...job, answer };
  }

  async function accept(id: number, request: EngineRequest): Promise<void> {
    pending.add(id);
    try {
      const job = await prepare(id, request);
      if (pending.delete(id)) prepared.push(job);
    } catch (error) {
      if (pending.delete(id)) send({ type: 'refused', id, error: toWireError(error) });
    }
    submitPrepared();
  }

  function cancel(id: number): void {
    pending.delete(id);
    embeddings?.cancel(id);
    prepared = prepared.filter((job) => job.id !== id);
    loop?.cancel(id);
  }

  /**
   * An idle engine waits until all that came together is prepared, a matter of milliseconds: otherwise the first
   * would be read alone, and all the others in small pieces beside it.
   */
  function submitPrepared(): void {
    if (loop === null || model === null) return;
    const isIdle = loop.freeSlots() === model.sequences.length;
    if (isIdle && pending.size > 0 && prepared.length < model.sequences.length) return;
    for (const job of prepared) loop.submit(job);
    prepared = [];
  }

  function breakDown(cause: unknown): void {
    const reason = (cause instanceof Error ? cause.message : 'unknown cause').slice(0, 500);
    // After the report of this tick, which names the failed requests, has left.
    setImmediate(() => {
      send({ type: 'broken', reason }, die);
    });
  }
}

/** Looking costs a read of a system file, so it is not done for every tick. */
const memoryEveryMs = 5000;

function createMemoryMeter(gpuBytes: number): () => EngineMemory {
  let seen: EngineMemory | null = null;
  let seenAt = 0;
  return () => {
    const now = performance.now();
    if (seen === null || now - seenAt > memoryEveryMs) {
      seen = { ...readProcessMemory(), gpuBytes };
      seenAt = now;
    }
    return seen;
  };
}

/** Requests at the same time; their inputs take turns. */
const embeddingSlots = 8;

function send(message: FromEngine, sent: () => void = () => {}): void {
  if (process.connected) process.send?.(message, undefined, undefined, sent);
  else sent();
}

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

function notLoaded(): AppError {
  return new AppError('The model is still being loaded. Please try again.', {
    status: 503,
    code: 'engine_failed',
    retryAfterSeconds: 1,
    source: 'engine',
  });
}

function toWireError(error: unknown): WireError {
  if (error instanceof AppError) {
    const { message, status, code, param, retryAfterSeconds } = error;
    return { message, status, code, param, retryAfterSeconds };
  }
  send({
    type: 'log',
    level: 'error',
    message: `A request failed: ${error instanceof Error ? error.name : 'unknown'}`,
  });
  return {
    message: 'The engine could not prepare this request. Its log has the details.',
    status: 500,
    code: 'engine_failed',
    param: null,
    retryAfterSeconds: null,
  };
}
