import { errorOf, isObject } from './server.ts';

export type ChatMessage = { readonly role: 'user' | 'assistant'; readonly content: string };

export type ChatQuestion = {
  readonly key: string;
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly signal: AbortSignal;
  /** Told of each piece of the answer: text alone, to be shown as text. */
  readonly onText: (text: string) => void;
};

export type ChatEnd =
  | { readonly kind: 'done'; readonly tokens: number | null; readonly isCut: boolean }
  | { readonly kind: 'stopped' }
  /** `message`: the server's own words, in English. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  /** The line broke before the end. */
  | { readonly kind: 'broken' };

/** Enough to see how it answers, and little of anybody's budget. */
export const mostTokens = 512;

/** Asks the server as any tool would, with the key, and tells of the answer while it comes. Never rejects. */
export async function chat(question: ChatQuestion): Promise<ChatEnd> {
  const { key, model, messages, signal, onText } = question;
  try {
    const response = await fetch('/v1/chat/completions', {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model,
        messages,
        stream: true,
        stream_options: { include_usage: true },
        max_tokens: mostTokens,
      }),
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      signal,
    });
    if (!response.ok || response.body === null) {
      const error = errorOf(await response.json());
      return error === null ? { kind: 'broken' } : { kind: 'refused', ...error };
    }
    return await follow(response.body, onText);
  } catch {
    return { kind: signal.aborted ? 'stopped' : 'broken' };
  }
}

async function follow(body: ReadableStream<Uint8Array>, onText: (text: string) => void): Promise<ChatEnd> {
  let tokens: number | null = null;
  let reason: string | null = null;
  for await (const data of events(body)) {
    if (data === '[DONE]') return { kind: 'done', tokens, isCut: reason === 'length' };
    const frame: unknown = JSON.parse(data);
    const error = errorOf(frame);
    if (error !== null) return { kind: 'refused', ...error };
    const piece = readFrame(frame);
    tokens = piece.tokens ?? tokens;
    reason = piece.reason ?? reason;
    if (piece.text !== '') onText(piece.text);
  }
  return { kind: 'broken' };
}

/** The data of each event (HTML standard §9.2), as this very server writes them: one line of data, then an empty one. */
async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (rest + decoder.decode(value, { stream: true })).split('\n\n');
      rest = blocks.pop() ?? '';
      // A line that begins with a colon only keeps the connection alive.
      for (const block of blocks) if (block.startsWith('data: ')) yield block.slice('data: '.length);
    }
  } finally {
    // What is left unread must not go on being made.
    void reader.cancel().catch(() => undefined);
  }
}

type Piece = { readonly text: string; readonly reason: string | null; readonly tokens: number | null };

function readFrame(frame: unknown): Piece {
  const choices = isObject(frame) && Array.isArray(frame['choices']) ? (frame['choices'] as unknown[]) : [];
  const [choice] = choices;
  const usage = isObject(frame) && isObject(frame['usage']) ? frame['usage'] : {};
  const tokens = typeof usage['completion_tokens'] === 'number' ? usage['completion_tokens'] : null;
  if (!isObject(choice)) return { text: '', reason: null, tokens };
  const delta = isObject(choice['delta']) ? choice['delta'] : {};
  const reason = typeof choice['finish_reason'] === 'string' ? choice['finish_reason'] : null;
  return { text: typeof delta['content'] === 'string' ? delta['content'] : '', reason, tokens };
}
