import type { GeneratePart, GenerateRequest, Usage } from '../../core/generate.ts';
import { answerChunk, plainAnswer, type AnswerChunk } from './answer-chunks.ts';
import { createPartMaker, type PartMaker } from './answer-parts.ts';
import { tokensIn } from './estimate.ts';
import { createFrameTemplate, type FrameTemplate, type PlainFrame } from './frame-template.ts';
import { readEvents, readLines } from './read-events.ts';
import { broken, fromStatus, wordsOf } from './upstream-errors.ts';
import type { HttpAnswer } from './upstream-http.ts';

export type AnswerOptions = {
  /** Of the upstream, for what is said about it. */
  readonly name: string;
  readonly secret: string | null;
  readonly request: GenerateRequest;
  /** Whether frames may be passed on as they are. */
  readonly mayPass: boolean;
  /** What makes the common form of what this route says; absent where it says it. */
  readonly translate?: (value: unknown) => unknown;
  /** What is to be counted where an answer has failed before anything of it came: parts without text, or none. */
  readonly unheard?: () => readonly GeneratePart[];
  /** Called once when the answer has ended; null where it is not whole. Not for one that nobody has begun to read. */
  readonly onEnd?: (usage: Usage | null) => void;
};

/** Log-probabilities make a frame fifty times as long. */
const mostBytes = 64 * 1024 * 1024;
const mostBytesWithLogprobs = 512 * 1024 * 1024;
const mostWholeBytes = 32 * 1024 * 1024;
/** For usage, `[DONE]` and the end of the body, once it is known why the answer ended. */
const lastWordsMs = 3_000;

/**
 * The parts of an upstream's answer. Whatever it sends, this ends: with a finish, or by throwing an AppError. Leaving it
 * early closes the connection, which ends the generation there. (`yield*` of a list costs each part three promises more.)
 */
export async function* readAnswer(
  open: () => Promise<HttpAnswer>,
  options: AnswerOptions,
): AsyncGenerator<GeneratePart> {
  const { name, request } = options;
  const maker = createPartMaker(request, name);
  let usage: Usage | null = null;
  try {
    const answer = await open();
    // Some give a whole answer although a stream was asked for.
    if (answer.contentType === 'application/json') {
      const text = await answer.text(mostWholeBytes);
      if (text === null) throw tooMuch(name);
      for (const part of maker.take(parseChunk(text, options))) yield part;
    } else yield* readStream(answer, maker, options);
    const finish = maker.finish();
    if (finish === null) throw endedEarly(name);
    const last = finish.at(-1);
    if (last?.type === 'finish') usage = last.usage;
    for (const part of finish) yield part;
  } catch (error) {
    if (options.unheard !== undefined) yield* options.unheard();
    throw error;
  } finally {
    options.onEnd?.(usage);
  }
}

/** All but the last parts. */
async function* readStream(
  answer: HttpAnswer,
  maker: PartMaker,
  options: AnswerOptions,
): AsyncGenerator<GeneratePart> {
  const { mayPass, request } = options;
  const template = mayPass && request.logprobs === undefined ? createFrameTemplate() : null;
  const events = payloadsOf(answer, options);
  let isDone = false;
  try {
    while (!isDone) {
      const next = await nextOf(events, maker);
      if (next === null) return;
      const end = next.indexOf('[DONE]');
      isDone = end >= 0;
      const payloads = isDone ? next.slice(0, end) : next;
      for (const part of partsOf(payloads, { maker, template, options })) yield part;
      if (maker.hasEnded()) answer.expectEndWithin(lastWordsMs);
      if (maker.isOver()) return;
      isDone ||= maker.isComplete();
    }
  } finally {
    if (isDone) void drain(events);
    else await events.return(undefined);
  }
}

function payloadsOf(
  { contentType, chunks, discard }: HttpAnswer,
  { name, request }: AnswerOptions,
): AsyncGenerator<readonly string[]> {
  const most = request.logprobs === undefined ? mostBytes : mostBytesWithLogprobs;
  if (contentType === 'text/event-stream') {
    return readEvents(chunks, { mostBytes: most, tooMuch: () => tooMuch(name) });
  }
  if (contentType === 'application/x-ndjson') {
    return readLines(chunks, { mostBytes: most, tooMuch: () => tooMuch(name) });
  }
  discard();
  throw broken(name, 'upstream_not_a_stream', 'does not answer as such a server does. Is the address right?');
}

/** Null at the end, also where an upstream breaks off behind the last word: then all was said. */
async function nextOf(
  events: AsyncGenerator<readonly string[]>,
  maker: PartMaker,
): Promise<readonly string[] | null> {
  try {
    const { done, value } = await events.next();
    return done === true ? null : value;
  } catch (error) {
    if (maker.hasEnded()) return null;
    throw error;
  }
}

/** What is behind the end is read, so that the connection serves again; the watch over its silence ends that too. */
async function drain(events: AsyncGenerator<readonly string[]>): Promise<void> {
  const mostRounds = 16;
  try {
    for (let round = 0; round < mostRounds; round += 1) if ((await events.next()).done === true) return;
  } catch {
    // The answer was whole before.
  } finally {
    await events.return(undefined).catch(() => {});
  }
}

type Reading = {
  readonly maker: PartMaker;
  readonly template: FrameTemplate | null;
  readonly options: AnswerOptions;
};

/** Each part costs its way through the server, so that frames which have come together go on together. */
const mostTogether = 16;

function* partsOf(payloads: readonly string[], reading: Reading): Generator<GeneratePart> {
  const { maker, template } = reading;
  let plain: PlainFrame[] = [];
  for (const payload of payloads) {
    const frame = template?.match(payload) ?? null;
    if (frame !== null) plain.push(frame);
    if (plain.length > 0 && (frame === null || plain.length === mostTogether)) {
      yield* maker.text(passedPart(plain));
      plain = [];
    }
    if (maker.isOver()) return;
    if (frame === null) yield* readPayload(payload, reading);
  }
  if (plain.length > 0) yield* maker.text(passedPart(plain));
}

function readPayload(payload: string, { maker, template, options }: Reading): readonly GeneratePart[] {
  const chunk = parseChunk(payload, options);
  const parts = maker.take(chunk);
  const only = parts.at(-1);
  const isPlain =
    only?.type === 'text-delta' && parts.every(({ type }) => type === 'start' || type === 'text-delta');
  if (isPlain && chunk.choices?.[0]?.finish_reason == null && !chunk.usage)
    template?.learn(payload, only.text);
  return parts;
}

/** The text is read out of the JSON only where somebody asks for it. */
function passedPart(plain: readonly PlainFrame[]): GeneratePart {
  return {
    type: 'text-delta',
    tokens: plain.reduce((sum, { escaped }) => sum + tokensIn(escaped.length), 0),
    frames: { dialect: 'openai-chat', choices: plain.map(({ choice }) => choice) },
    get text() {
      return JSON.parse(`"${plain.map(({ escaped }) => escaped).join('')}"`) as string;
    },
  };
}

function parseChunk(payload: string, { name, secret, translate }: AnswerOptions): AnswerChunk {
  let value: unknown;
  try {
    value = JSON.parse(payload);
    if (translate !== undefined) value = translate(value);
  } catch (error) {
    throw broken(name, 'upstream_not_json', 'sends a stream that cannot be understood', error);
  }
  const plain = plainAnswer(value);
  if (plain !== null) return plain;
  const parsed = answerChunk.safeParse(value);
  if (!parsed.success) {
    throw broken(name, 'upstream_not_json', 'sends a stream that cannot be understood', parsed.error);
  }
  const { error } = parsed.data;
  if (error === undefined || error === null) return parsed.data;
  const status = typeof error === 'object' && 'code' in error ? Number(error.code) : 500;
  throw fromStatus(name, status >= 400 && status <= 599 ? status : 500, { text: wordsOf(payload), secret });
}

function tooMuch(name: string): Error {
  return broken(name, 'upstream_too_much', 'sends more than can be right');
}

function endedEarly(name: string): Error {
  return broken(name, 'upstream_broken', 'ended its answer before it was whole');
}
