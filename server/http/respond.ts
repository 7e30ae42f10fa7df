import type { Response } from 'express';
import { AppError } from '../core/errors.ts';
import { everySecond } from '../core/every-second.ts';
import type { ChoicePart, FinishReason, GeneratePart, TokenLogprob, Usage } from '../core/generate.ts';
import type { Route } from '../core/route.ts';
import type { AnswerHead, AskCall, Call, Dialect, Reply, WholeChoice } from '../dialects/dialect.ts';
import type { Entry } from '../record/entry.ts';
import type { Exchange, ServeServices } from './exchange.ts';
import { headList } from './head-list.ts';
import { createFrameWriter, setStreamHeaders, slowestReaderMs, type FrameWriter } from './frame-writer.ts';
import { describeWaiting } from './waiting.ts';
import { sumUsage, type Watch } from './watch.ts';

type Answer = {
  readonly dialect: Dialect;
  readonly call: Call;
  readonly parts: AsyncGenerator<ChoicePart>;
  readonly watch: Watch;
};

/**
 * When the first part is further off than this (a model loads, a queue waits), the status line is sent and the
 * stream kept alive; an error that comes sooner still has its own HTTP status. Node clients give up after 300 s.
 */
const headersAfterMs = 10_000;
/** Proxies and clients close what is silent for 30–60 s. */
const longestSilenceMs = 10_000;

/** Writes the answer, whole or as a stream; the request's row is kept before the last byte. */
export async function respond(exchange: Exchange, services: ServeServices, answer: Answer): Promise<void> {
  try {
    if (answer.call.stream) await respondStream(exchange, services, answer);
    else await respondWhole(exchange, services, answer);
  } finally {
    await answer.parts.return(undefined);
  }
}

/** The answer to a question, in one piece; the request's row is kept before it is sent. */
export async function respondReply(
  exchange: Exchange,
  services: ServeServices,
  call: AskCall,
  reply: Reply,
): Promise<void> {
  const { entry, response } = exchange;
  setAnswerHeaders(exchange, call);
  await services.ledger.settleSoon(entry, { status: 'ok', httpStatus: 200, error: null });
  sendJson(response, JSON.stringify(reply.body));
}

async function respondWhole(exchange: Exchange, services: ServeServices, answer: Answer): Promise<void> {
  const { dialect, call, parts, watch } = answer;
  const { entry, response } = exchange;
  const collected = Array.from({ length: choiceCount(call) }, newCollected);
  let running = collected.length;
  // As in a stream, what is tidied up behind the last part need not be waited for.
  while (running > 0) {
    const next = await parts.next();
    if (next.done === true) break;
    for (const { choice, part } of watch(next.value)) {
      const into = collected[choice];
      if (into === undefined) continue;
      collect(into, part);
      if (part.type === 'finish') running -= 1;
    }
  }
  const { choices, usage } = finished(collected, call);
  const told = { ...headOf(entry, call), choices, usage };
  const json = dialect.wholeText?.(told, call) ?? JSON.stringify(dialect.whole(told, call));
  setAnswerHeaders(exchange, call);
  await services.ledger.settleSoon(entry, { status: 'ok', httpStatus: 200, error: null });
  sendJson(response, json);
}

/** Express's own would hash the whole answer for an ETag that no client asks by. */
function sendJson(response: Response, json: string): void {
  headList(response).push('Content-Type', 'application/json; charset=utf-8');
  // Node tells the length by itself, and a text, unlike bytes, goes out in one piece with the head.
  response.end(json);
}

type Collected = {
  readonly text: string[];
  readonly reasoning: string[];
  readonly calls: { readonly id: string; readonly name: string; readonly arguments: string[] }[];
  readonly logprobs: TokenLogprob[];
  promptText: string;
  finish: { readonly reason: FinishReason; readonly stopSequence?: string; readonly usage: Usage } | null;
};

function newCollected(): Collected {
  return { text: [], reasoning: [], calls: [], logprobs: [], promptText: '', finish: null };
}

function collect(into: Collected, part: GeneratePart): void {
  switch (part.type) {
    case 'start':
      into.promptText = part.promptText ?? '';
      break;
    case 'text-delta':
      into.text.push(part.text);
      if (part.logprobs !== undefined) into.logprobs.push(...part.logprobs);
      break;
    case 'reasoning-delta':
      into.reasoning.push(part.text);
      break;
    case 'tool-call-start':
      into.calls.push({ id: part.id, name: part.name, arguments: [] });
      break;
    case 'tool-call-delta':
      into.calls[part.index]?.arguments.push(part.arguments);
      break;
    case 'finish':
      into.finish = part;
      break;
  }
}

function finished(
  collected: readonly Collected[],
  { request }: Call,
): { choices: WholeChoice[]; usage: Usage } {
  const usages: Usage[] = [];
  const choices = collected.map(({ finish, promptText, text, reasoning, calls, logprobs }): WholeChoice => {
    if (finish === null) throw endedEarly();
    usages.push(finish.usage);
    return {
      promptText,
      text: text.join(''),
      reasoning: reasoning.join(''),
      toolCalls: calls.map((call) => ({ ...call, arguments: call.arguments.join('') })),
      reason: finish.reason,
      ...(finish.stopSequence === undefined ? {} : { stopSequence: finish.stopSequence }),
      logprobs: request.logprobs === undefined ? null : logprobs,
    };
  });
  return { choices, usage: sumUsage(usages) };
}

function choiceCount(call: Call): number {
  return 1 + (call.more?.length ?? 0);
}

async function respondStream(exchange: Exchange, services: ServeServices, answer: Answer): Promise<void> {
  const { dialect, call, parts, watch } = answer;
  const { entry, response } = exchange;
  const head = headOf(entry, call);
  const first = dialect.openStream(head, call, 0);
  const encoders = [first];
  const usages: Usage[] = [];
  const writer = openWriter(exchange, services);
  exchange.stream = { encoder: first, writer };
  const open = (): void => openStream(exchange, call);
  /** Readers of SSE pass over comments; people who look at the stream are told why nothing comes. */
  const tellWaiting = (): string => {
    const waiting = describeWaiting(entry.route, services.engines);
    return waiting === null ? '' : `: ${waiting}\n\n`;
  };
  let lastSentMs = services.clock.monotonicMs();
  const stopLooking = everySecond(services.timers, () => {
    const nowMs = services.clock.monotonicMs();
    const mostMs = response.headersSent ? longestSilenceMs : headersAfterMs;
    if (nowMs - lastSentMs < mostMs || writer.isBusy()) return;
    lastSentMs = nowMs;
    const keepAlive = response.headersSent ? first.keepAlive() : '';
    open();
    void writer.write(tellWaiting() + keepAlive);
  });
  try {
    for await (const given of parts) {
      for (const { choice, part } of watch(given)) {
        open();
        const encoder = (encoders[choice] ??= dialect.openStream(head, call, choice));
        const frames = encoder.encode(part);
        if (part.type === 'finish' && usages.push(part.usage) === choiceCount(call)) {
          await services.ledger.settleSoon(entry, { status: 'ok', httpStatus: 200, error: null });
          writer.end(frames + first.end(sumUsage(usages)));
          return;
        }
        if (frames === '') continue;
        lastSentMs = services.clock.monotonicMs();
        // Only where it has to wait: most frames cost no turn of the loop.
        const room = writer.write(frames);
        if (room !== undefined) await room;
      }
    }
    throw endedEarly();
  } finally {
    stopLooking();
  }
}

function openStream(exchange: Exchange, call: Call): void {
  const { response } = exchange;
  if (response.headersSent) return;
  setAnswerHeaders(exchange, call);
  setStreamHeaders(response);
  response.socket?.setNoDelay(true);
  response.flushHeaders();
}

/** A reader that takes nothing any more is dropped, and with it its generation. */
function openWriter({ response, abort }: Exchange, { timers }: ServeServices): FrameWriter {
  return createFrameWriter(response, {
    timers,
    signal: abort.signal,
    onStalled: () => {
      abort.abort(readerStalled());
      response.destroy();
    },
  });
}

function headOf(entry: Entry, call: Call): AnswerHead {
  return {
    requestId: entry.id,
    model: call.request.model,
    createdSeconds: Math.floor(entry.arrivedAtMs / 1000),
  };
}

function setAnswerHeaders({ entry, response }: Exchange, call: Pick<Call, 'dropped'>): void {
  const { route } = entry;
  const head = headList(response);
  if (route.servedModel !== null) head.push('x-inglenook-model', route.servedModel);
  if (route.tried.length > 0) head.push('x-inglenook-tried', headerList(route.tried));
  if (entry.cache !== null) head.push('x-inglenook-cache', entry.cache);
  head.push('x-inglenook-queue-ms', Math.round(route.queueMs), ...standingHeaders(route));
  if (call.dropped.length > 0) head.push('x-inglenook-dropped', headerList(call.dropped));
}

/** Where it stands in the queue, if the headers go out while it waits; else where it stood when it came. */
function standingHeaders({ standing, enteredAt }: Route): readonly (string | number)[] {
  const stands = standing?.() ?? enteredAt;
  if (stands === undefined) return [];
  const place = ['x-inglenook-queue-place', stands.place];
  return stands.estimateMs === null ? place : [...place, 'x-inglenook-queue-estimate-ms', stands.estimateMs];
}

/**
 * Tells the client what went wrong: as a JSON answer with its status, or, in a stream that has begun, as the
 * dialect's error frame and the end, so that nobody takes half an answer for a whole one.
 */
export function respondError(dialect: Pick<Dialect, 'error'>, exchange: Exchange, error: AppError): void {
  const { response, entry, stream } = exchange;
  if (response.destroyed) return;
  if (response.headersSent) {
    if (stream === null) response.end();
    else stream.writer.end(stream.encoder.fail(error));
    return;
  }
  if (entry.route.tried.length > 0) response.setHeader('x-inglenook-tried', headerList(entry.route.tried));
  const { status, body } = dialect.error(error, entry.id);
  setErrorHeaders(response, error);
  response.status(status).json(body);
}

/** What clients' retry logic reads; obeyed by the vendors' own SDKs (clients.md §1.8). */
export function setErrorHeaders(response: Response, error: AppError): void {
  if (error.status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  if (error.retryAfterSeconds !== null) {
    response.setHeader('Retry-After', Math.max(1, Math.ceil(error.retryAfterSeconds)));
  }
  response.setHeader('x-should-retry', String(error.retryable));
}

/** Many clients read no more than 16 KiB of headers. */
const mostListCharacters = 4000;

/** Header values are ASCII; model ids and field names nearly always are. A list that is too long tells how many are left out. */
function headerList(values: readonly string[]): string {
  let list = '';
  for (const [index, value] of values.entries()) {
    const next = `${index === 0 ? '' : ','}${encodeURI(value.toWellFormed())}`;
    if (list.length + next.length > mostListCharacters) return `${list},and-${values.length - index}-more`;
    list += next;
  }
  return list;
}

function readerStalled(): AppError {
  return new AppError(
    `The client has read nothing for ${slowestReaderMs / 1000} s; its answer was ended and its slot freed.`,
    { status: 499, code: 'reader_stalled' },
  );
}

function endedEarly(): AppError {
  return new AppError('The model stopped without finishing its answer. Please try again.', {
    status: 502,
    code: 'engine_failed',
    retryable: true,
    source: 'engine',
  });
}
