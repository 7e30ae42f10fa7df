import { AppError } from '../../core/errors.ts';
import { plainTemplateStops } from './chat-template.ts';
import type { LoadedModel } from './loaded-model.ts';
import { createOtherLoad, systemLoadSources } from './other-load.ts';
import { createPromptBuilder, type PromptBuilder } from './prompt.ts';
import type { EngineRequest, FromEngine, LoadOptions, ToEngine, WireError } from './protocol.ts';
import { completeSampling } from './sampling.ts';
import { createTickLoop, type Job, type TickLoop } from './tick-loop.ts';

export type EngineServiceOptions = {
  readonly load: (options: LoadOptions, report: LoadReport) => Promise<LoadedModel>;
};

export type LoadReport = {
  readonly progress: (percent: number) => void;
  readonly log: (level: 'info' | 'warn' | 'error', message: string) => void;
};

/**
 * The engine process's side of the protocol: loads once, then answers until the server goes away. It ends itself by
 * SIGKILL only, because orderly exits with a live context abort on some GPUs, and the system frees everything anyway.
 */
export function serveEngine({ load }: EngineServiceOptions): void {
  const pending = new Set<number>();
  let prepared: Job[] = [];
  let loop: TickLoop | null = null;
  let prompts: PromptBuilder | null = null;
  let model: LoadedModel | null = null;

  // A terminal's Ctrl-C reaches the whole group; the server decides when its engines end.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
  process.on('disconnect', die);
  process.on('message', (message: ToEngine) => {
    switch (message.type) {
      case 'load':
        void start(message.options);
        break;
      case 'generate':
        void accept(message.id, message.request);
        break;
      case 'cancel':
        cancel(message.id);
        break;
      default:
        message satisfies never;
    }
  });

  async function start(options: LoadOptions): Promise<void> {
    let told = -1;
    try {
      const loaded = await load(options, {
        progress: (percent) => {
          if (percent === told) return;
          told = percent;
          send({ type: 'progress', percent });
        },
        log: (level, text) => send({ type: 'log', level, message: text.slice(0, 500) }),
      });
      model = loaded;
      prompts = createPromptBuilder(loaded);
      loop = createTickLoop({
        model: loaded,
        onReport: (report) => send({ type: 'tick', ...report }),
        onBroken: breakDown,
        nowMs: () => performance.now(),
        otherLoad: createOtherLoad(systemLoadSources),
      });
      const { sequences, contextTokens, backend, threads } = loaded;
      send({ type: 'ready', slots: sequences.length, contextTokens, backend, threads: threads.least });
    } catch (error) {
      send({ type: 'load-failed', reason: error instanceof Error ? error.message : String(error) });
    }
  }

  async function accept(id: number, request: EngineRequest): Promise<void> {
    pending.add(id);
    try {
      if (model === null || loop === null || prompts === null) throw notLoaded();
      const sampling = completeSampling(request.sampling, model.tokenizer.vocabularySize);
      const prompt = await prompts.build(request.messages);
      const { maxTokens, cacheScope } = request;
      const stop = model.chat.template === null ? [...request.stop, ...plainTemplateStops] : request.stop;
      if (pending.delete(id)) prepared.push({ id, prompt, sampling, maxTokens, stop, cacheScope });
    } catch (error) {
      if (pending.delete(id)) send({ type: 'refused', id, error: toWireError(error) });
    }
    submitPrepared();
  }

  function cancel(id: number): void {
    pending.delete(id);
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
    const message = `The engine gives up: ${cause instanceof Error ? cause.message : 'unknown cause'}`;
    // After the report of this tick, which names the failed requests, has left.
    setImmediate(() => {
      send({ type: 'log', level: 'error', message: message.slice(0, 500) }, die);
    });
  }
}

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
