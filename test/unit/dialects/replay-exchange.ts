import { z } from 'zod';
import type { GenerateRequest } from '../../../server/core/generate.ts';
import { scriptedAnswer } from '../../fakes/scripted-answer.ts';
import { startTestServer } from '../http/harness.ts';

/**
 * One request as a client sends it, and the frames that it is answered with, by an engine that does what the prompt
 * orders (`scriptedAnswer`). `source` says what the request was written from. In headers, `KEY` stands for the key.
 */
export const exchange = z.strictObject({
  client: z.string().min(1),
  source: z.string().min(1),
  request: z.strictObject({
    path: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.record(z.string(), z.unknown()),
  }),
  /** What reaches the model, `role: text`, calls and results included. */
  expectedPrompt: z.array(z.string()),
  /** Of `x-inglenook-dropped`. */
  expectedDropped: z.array(z.string()),
  expectedFrames: z.array(z.strictObject({ event: z.string().optional(), data: z.unknown() })),
});
export type Exchange = z.infer<typeof exchange>;

/** What of an exchange is expected, as it really is. */
export type Replayed = Pick<Exchange, 'expectedPrompt' | 'expectedDropped' | 'expectedFrames'>;

export async function replay({ request }: Exchange): Promise<Replayed> {
  const server = await startTestServer({
    models: ['office-code'],
    contextTokens: 200_000,
    answer: scriptedAnswer,
  });
  const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [
    name,
    value.replace('KEY', server.key),
  ]);
  const response = await fetch(server.url + request.path, {
    method: 'POST',
    headers: [['content-type', 'application/json'], ...headers],
    body: JSON.stringify(request.body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status}: ${text}`);
  const [asked] = server.engine.seen.requests;
  return {
    expectedPrompt: asked === undefined ? [] : promptOf(asked),
    expectedDropped: response.headers.get('x-inglenook-dropped')?.split(',') ?? [],
    expectedFrames: normalise(framesOf(text)) as Exchange['expectedFrames'],
  };
}

function promptOf({ raw, messages }: GenerateRequest): string[] {
  if (raw !== undefined) return [`prompt: ${String(raw.prompt)}`, `suffix: ${raw.suffix}`];
  return messages.map(({ role, content, toolCalls = [] }) => {
    const texts = content.map((part) => (part.type === 'text' ? part.text : part.kind));
    const calls = toolCalls.map((call) => `${call.name}(${call.arguments})`);
    return `${role}: ${[...texts, ...calls].join(' ')}`;
  });
}

function framesOf(text: string): Exchange['expectedFrames'] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      const lines = frame.split('\n');
      const event = lines.find((line) => line.startsWith('event: '))?.slice('event: '.length);
      const data = lines.find((line) => line.startsWith('data: '))?.slice('data: '.length) ?? '';
      return { ...(event === undefined ? {} : { event }), data: data === '[DONE]' ? data : JSON.parse(data) };
    });
}

const times = new Set(['created', 'created_at', 'completed_at', 'expires_at']);
/** Encrypted, so never the same. */
const sealed = new Set(['signature', 'encrypted_content']);
const ids = /^(chatcmpl|cmpl|resp|msg|fc|ctc|rs|toolu|req|call)_?-?[0-9a-zA-Z]{16,}$/u;

/** Times become 0; ids are numbered in the order they come, so that the same id stays the same. */
function normalise(frames: unknown): unknown {
  const seen: string[] = [];
  const visit = (value: unknown, name: string): unknown => {
    if (typeof value === 'number' && times.has(name)) return 0;
    if (typeof value === 'string' && (ids.test(value) || (value !== '' && sealed.has(name)))) {
      if (!seen.includes(value)) seen.push(value);
      return `<${ids.exec(value)?.[1] ?? name} ${seen.indexOf(value) + 1}>`;
    }
    if (Array.isArray(value)) return value.map((entry) => visit(entry, name));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, visit(entry, key)]));
  };
  return visit(frames, '');
}
