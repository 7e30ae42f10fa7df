import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppError, invalidRequest } from '../../../core/errors.ts';
import type { ChatFormat } from '../loaded-model.ts';
import { isRecord } from '../grammar/json-schema-branches.ts';
import type { TemplateMessage, TemplateTool } from './tool-messages.ts';

export type TemplateInput = {
  readonly messages: readonly TemplateMessage[];
  readonly tools?: readonly TemplateTool[];
  /** Further variables; ours go before. */
  readonly variables?: Readonly<Record<string, unknown>>;
};

export type ChatTemplate = {
  /** Text of the prompt, up to where the assistant begins. Throws an AppError. */
  readonly render: (input: TemplateInput) => Promise<string>;
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

  async function renderOnce({ messages, tools = [], variables = {} }: TemplateInput): Promise<string> {
    worker ??= startWorker();
    const values = {
      ...variables,
      messages,
      ...(tools.length === 0 ? {} : { tools }),
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

  /** Templates differ in what they take; the first error is told, since the others are of our own making. */
  async function renderWithFallback(input: TemplateInput): Promise<string> {
    let first: unknown;
    for (const attempt of attempts(input)) {
      try {
        return await renderOnce(attempt);
      } catch (error) {
        first ??= error;
        if (!(error instanceof TemplateFailed) || error.isHarmful) break;
      }
    }
    throw toAppError(first);
  }

  return {
    render(input) {
      const result = last.then(() => renderWithFallback(input));
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

/** As it is; without empty texts; with arguments as text; with the system's words in the first question; all of these. */
function* attempts(input: TemplateInput): Generator<TemplateInput> {
  yield input;
  const simpler = [withoutEmptyTexts, withArgumentsAsText, foldSystem];
  // A few loop over tools without asking whether there are any.
  if ((input.tools ?? []).length === 0) yield { ...input, variables: { ...input.variables, tools: [] } };
  let all: readonly TemplateMessage[] = input.messages;
  for (const simplify of simpler) {
    const messages = simplify(input.messages);
    if (messages === null) continue;
    yield { ...input, messages };
    const together = simplify(all) ?? all;
    if (all !== input.messages) yield { ...input, messages: together };
    all = together;
  }
}

/** Some templates take no empty content beside calls. */
function withoutEmptyTexts(messages: readonly TemplateMessage[]): TemplateMessage[] | null {
  const isOdd = ({ content, tool_calls: calls }: TemplateMessage): boolean =>
    content === '' && calls !== undefined;
  if (!messages.some(isOdd)) return null;
  return messages.map((message) => (isOdd(message) ? { ...message, content: null } : message));
}

function withArgumentsAsText(messages: readonly TemplateMessage[]): TemplateMessage[] | null {
  if (
    !messages.some(({ tool_calls: calls = [] }) => calls.some((call) => isRecord(call.function.arguments)))
  ) {
    return null;
  }
  return messages.map((message) => {
    const { tool_calls: calls } = message;
    if (calls === undefined) return message;
    return {
      ...message,
      tool_calls: calls.map((call) => ({
        ...call,
        function: { ...call.function, arguments: JSON.stringify(call.function.arguments) },
      })),
    };
  });
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
