import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppError, invalidRequest } from '../../core/errors.ts';
import type { ChatFormat } from './loaded-model.ts';

export type TemplateMessage = { readonly role: string; readonly content: string; readonly name?: string };

export type ChatTemplate = {
  /** Text of the prompt, up to where the assistant begins. Throws an AppError. */
  readonly render: (messages: readonly TemplateMessage[]) => Promise<string>;
  readonly dispose: () => Promise<void>;
};

export type RenderJob = {
  readonly template: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly mostCharacters: number;
};
export type RenderResult =
  | { readonly type: 'ready' }
  | { readonly type: 'rendered'; readonly text: string }
  | { readonly type: 'failed'; readonly reason: string };

export type TemplateLimits = { readonly timeoutMs: number; readonly mostCharacters: number };

const usualLimits: TemplateLimits = { timeoutMs: 500, mostCharacters: 1024 * 1024 };

/**
 * For models whose file has no chat template: the ChatML form, which most chat models have seen. Answers of a model
 * never trained on it may be poor, but a base model at least answers.
 */
const plainTemplate =
  "{% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}" +
  "{% endfor %}{{ '<|im_start|>assistant\\n' }}";

/** Where an answer in the plain form ends, for a model to which the marks are ordinary text. */
export const plainTemplateStops: readonly string[] = ['<|im_end|>', '<|im_start|>'];

/**
 * Renders the model's own Jinja template. It comes with the model's file, that is from strangers, so it runs in a
 * thread of its own with limits on time, memory and output: an endless loop costs its request 0.5 s and nothing else.
 */
export function createChatTemplate(format: ChatFormat, limits: TemplateLimits = usualLimits): ChatTemplate {
  let worker: RenderWorker | null = null;
  let last: Promise<unknown> = Promise.resolve();
  const template = format.template ?? plainTemplate;

  async function renderOnce(messages: readonly TemplateMessage[]): Promise<string> {
    worker ??= startWorker();
    const values = {
      messages,
      add_generation_prompt: true,
      bos_token: format.bosText,
      eos_token: format.eosText,
    };
    const result = await worker.run(
      { template, values, mostCharacters: limits.mostCharacters },
      limits.timeoutMs,
    );
    if (result.type === 'rendered') return result.text;
    if (result.type === 'ended') worker = null;
    throw new TemplateFailed(result.reason, result.type === 'ended');
  }

  async function renderWithFallback(messages: readonly TemplateMessage[]): Promise<string> {
    try {
      return await renderOnce(messages);
    } catch (error) {
      const folded = foldSystem(messages);
      if (!(error instanceof TemplateFailed) || error.isHarmful || folded === null) throw toAppError(error);
      return renderOnce(folded).catch(() => {
        throw toAppError(error);
      });
    }
  }

  return {
    render(messages) {
      const result = last.then(() => renderWithFallback(messages));
      last = result.catch(() => {});
      return result;
    },
    async dispose() {
      await worker?.end();
      worker = null;
    },
  };
}

class TemplateFailed extends Error {
  override readonly name = 'TemplateFailed';
  /** It broke a limit; not to be tried again for the same request. */
  readonly isHarmful: boolean;
  constructor(reason: string, isHarmful: boolean) {
    super(reason);
    this.isHarmful = isHarmful;
  }
}

function toAppError(error: unknown): AppError {
  if (!(error instanceof TemplateFailed)) {
    return new AppError('The conversation could not be put into the form this model needs.', {
      status: 500,
      code: 'engine_failed',
      source: 'engine',
      cause: error,
    });
  }
  if (!error.isHarmful) {
    return invalidRequest(
      `The model's own chat template refuses this conversation: ${error.message.slice(0, 200)}`,
      'messages',
    );
  }
  return new AppError(
    `The model's own chat template ${error.message}, so it was stopped. The model's file may be faulty; ` +
      'other models are not affected.',
    { status: 500, code: 'template_failed', source: 'engine', cause: error },
  );
}

/** Some templates know no system role: then its text goes before the first question. Null if there is nothing to fold. */
function foldSystem(messages: readonly TemplateMessage[]): TemplateMessage[] | null {
  const system = messages.filter((message) => message.role === 'system').map((message) => message.content);
  const rest = messages.filter((message) => message.role !== 'system');
  const [first, ...others] = rest;
  if (system.length === 0 || first === undefined || first.role !== 'user') return null;
  return [{ ...first, content: [...system, first.content].join('\n\n') }, ...others];
}

type RenderWorker = {
  readonly run: (job: RenderJob, timeoutMs: number) => Promise<RunResult>;
  readonly end: () => Promise<void>;
};
type RunResult =
  | Exclude<RenderResult, { readonly type: 'ready' }>
  | { readonly type: 'ended'; readonly reason: string };

function startWorker(): RenderWorker {
  // The extension of this very file: .ts in development, .js when built.
  const entry = new URL(`./template-worker${extname(import.meta.url)}`, import.meta.url);
  const thread = new Worker(entry, {
    execArgv: [],
    env: {},
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 32, stackSizeMb: 2 },
  });
  thread.unref();
  const isReady = Promise.withResolvers<void>();
  let answer: ((result: RunResult) => void) | null = null;
  thread.on('message', (message: RenderResult) => {
    if (message.type === 'ready') isReady.resolve();
    else answer?.(message);
  });
  const ended = (reason: string) => {
    isReady.resolve();
    answer?.({ type: 'ended', reason });
  };
  thread.on('error', () => ended('needs more memory than it may have'));
  thread.on('exit', () => ended('ended its thread'));

  return {
    async run(job, timeoutMs) {
      const result = Promise.withResolvers<RunResult>();
      answer = result.resolve;
      // Starting a thread takes longer on a busy computer than a template may; it is not the template's time.
      await isReady.promise;
      const timer = setTimeout(() => {
        result.resolve({ type: 'ended', reason: `takes longer than ${timeoutMs} ms` });
      }, timeoutMs);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      thread.postMessage(job);
      const outcome = await result.promise;
      clearTimeout(timer);
      answer = null;
      if (outcome.type === 'ended') await thread.terminate();
      return outcome;
    },
    async end() {
      await thread.terminate();
    },
  };
}
