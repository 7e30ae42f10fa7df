import type { IncomingMessage } from 'node:http';

/** An operation of the vendor's description, and the schemas of what it is answered with; null where it has none. */
export type WireOperation = {
  readonly name: string;
  readonly answer: string | null;
  readonly chunk: string | null;
  /** `completions`: data frames to `[DONE]`. `responses`: named events. */
  readonly kind: 'completions' | 'responses' | 'none';
};

type Known = readonly [method: string, path: RegExp, operation: Omit<WireOperation, 'name'>];

const known: readonly Known[] = [
  [
    'POST',
    /^\/chat\/completions$/u,
    {
      answer: 'CreateChatCompletionResponse',
      chunk: 'CreateChatCompletionStreamResponse',
      kind: 'completions',
    },
  ],
  [
    'POST',
    /^\/completions$/u,
    { answer: 'CreateCompletionResponse', chunk: 'CreateCompletionResponse', kind: 'completions' },
  ],
  ['POST', /^\/embeddings$/u, { answer: 'CreateEmbeddingResponse', chunk: null, kind: 'none' }],
  ['GET', /^\/models$/u, { answer: 'ListModelsResponse', chunk: null, kind: 'none' }],
  ['GET', /^\/models\/.+$/u, { answer: 'Model', chunk: null, kind: 'none' }],
  ['POST', /^\/responses$/u, { answer: 'Response', chunk: 'ResponseStreamEvent', kind: 'responses' }],
  ['POST', /^\/responses\/input_tokens$/u, { answer: 'TokenCountsResource', chunk: null, kind: 'none' }],
  ['POST', /^\/responses\/[^/]+\/cancel$/u, { answer: 'Response', chunk: null, kind: 'none' }],
  ['GET', /^\/responses\/[^/]+\/input_items$/u, { answer: 'ResponseItemList', chunk: null, kind: 'none' }],
  ['GET', /^\/responses\/[^/]+$/u, { answer: 'Response', chunk: 'ResponseStreamEvent', kind: 'responses' }],
];

/** Anything else below /v1: its errors have the vendor's shape all the same. */
const unknown = { answer: null, chunk: null, kind: 'none' } as const;

/** Null for what is none of the vendor's business: the console, pairing, and Anthropic's routes and shapes. */
export function operationOf(request: IncomingMessage): WireOperation | null {
  const url = new URL((request.url ?? '/').replaceAll(/\/{2,}/gu, '/'), 'http://localhost');
  const path = url.pathname.replace(/^\/v1(?=\/)/u, '').replace(/(?<=.)\/$/u, '');
  const method = request.method ?? 'GET';
  if (path.startsWith('/messages') || request.headers['anthropic-version'] !== undefined) return null;
  // Codex has a list of its own.
  if (path === '/models' && url.searchParams.has('client_version')) return null;
  const name = `${method} ${url.pathname}`;
  const found = known.find(([wanted, pattern]) => wanted === method && pattern.test(path));
  if (found !== undefined) return { name, ...found[2] };
  return url.pathname.startsWith('/v1/') ? { name, ...unknown } : null;
}
