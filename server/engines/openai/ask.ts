import { z } from 'zod';
import type { EmbedAnswer, EmbedRequest, RerankAnswer, RerankRequest } from '../../core/ask.ts';
import { AppError } from '../../core/errors.ts';
import type { GenerateRequest } from '../../core/generate.ts';
import { chatBody } from './chat-body.ts';
import { estimateTokens, ofText } from './estimate.ts';
import type { Preset } from './presets.ts';
import { broken } from './upstream-errors.ts';
import type { UpstreamHttp } from './upstream-http.ts';

/** Questions that an upstream answers in one piece. */

export type AskOptions = {
  readonly http: UpstreamHttp;
  readonly name: string;
  readonly preset: Preset;
  readonly root: string;
  readonly api: string;
  readonly headers: Readonly<Record<string, string>>;
};

/** 2,048 vectors of 8,192 numbers as text. */
const mostEmbedBytes = 256 * 1024 * 1024;
const mostBytes = 16 * 1024 * 1024;
const patience = { headMs: 300_000, silenceMs: 60_000, longestMs: 900_000 };

const embeddings = z.looseObject({
  data: z.array(
    z.looseObject({
      index: z.number().int().min(0).nullish(),
      embedding: z.union([z.string(), z.array(z.number()).min(1).max(65_536)]),
    }),
  ),
  usage: z
    .looseObject({ prompt_tokens: z.number().int().min(0).nullish() })
    .nullish()
    .catch(null),
});

/** @throws AppError; or the signal's reason */
export async function embed(
  { http, name, api, headers }: AskOptions,
  request: EmbedRequest,
  signal: AbortSignal,
): Promise<EmbedAnswer> {
  const value = await http.json({
    method: 'POST',
    path: `${api}/embeddings`,
    headers,
    body: {
      model: request.model,
      input: request.inputs,
      encoding_format: 'float',
      ...(request.dimensions === null ? {} : { dimensions: request.dimensions }),
    },
    signal,
    patience,
    mostBytes: mostEmbedBytes,
  });
  const parsed = embeddings.safeParse(value);
  const vectors: (Float32Array | undefined)[] = request.inputs.map(() => undefined);
  for (const [at, entry] of (parsed.data?.data ?? []).entries()) {
    vectors[entry.index ?? at] = unitVector(entry.embedding);
  }
  const whole = vectors.filter((vector) => vector !== undefined);
  if (!parsed.success || whole.length !== request.inputs.length || vectors.length !== whole.length) {
    throw broken(name, 'upstream_not_json', 'did not give a vector for each text');
  }
  const estimated = request.inputs.reduce(
    (sum, input) => sum + (typeof input === 'string' ? ofText(input) : input.length),
    0,
  );
  return { vectors: whole, promptTokens: parsed.data.usage?.prompt_tokens ?? estimated };
}

/** Of length 1, as ours are; undefined for what holds no numbers. */
export function unitVector(raw: string | readonly number[]): Float32Array | undefined {
  const numbers = typeof raw === 'string' ? fromBase64(raw) : Float32Array.from(raw);
  let squares = 0;
  for (const number of numbers) squares += number ** 2;
  if (numbers.length === 0 || !Number.isFinite(squares)) return undefined;
  const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares);
  return numbers.map((number) => number * scale);
}

function fromBase64(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  const numbers = new Float32Array(Math.floor(bytes.length / 4));
  for (const index of numbers.keys()) numbers[index] = bytes.readFloatLE(index * 4);
  return numbers;
}

const ranking = z.looseObject({
  results: z.array(z.looseObject({ index: z.number().int().min(0), relevance_score: z.number() })),
  usage: z
    .looseObject({
      total_tokens: z.number().int().min(0).nullish(),
      prompt_tokens: z.number().int().min(0).nullish(),
    })
    .nullish()
    .catch(null),
});

/** @throws AppError 400 where such a server does not rank */
export async function rerank(
  { http, name, api, headers, preset }: AskOptions,
  request: RerankRequest,
  signal: AbortSignal,
): Promise<RerankAnswer> {
  if (!preset.reranks) {
    throw new AppError(`${name} does not rank documents. Ask a model that is made for it.`, {
      status: 400,
      code: 'unsupported_task',
      param: 'model',
      retryable: false,
    });
  }
  const value = await http.json({
    method: 'POST',
    path: `${api}/rerank`,
    headers,
    body: {
      model: request.model,
      query: request.query,
      documents: request.documents,
      top_n: request.documents.length,
    },
    signal,
    patience,
    mostBytes,
  });
  const parsed = ranking.safeParse(value);
  const scores = new Map(parsed.data?.results.map((result) => [result.index, result.relevance_score]));
  if (!parsed.success || request.documents.some((_, index) => !Number.isFinite(scores.get(index)))) {
    throw broken(name, 'upstream_not_json', 'did not rank each document');
  }
  const given = request.documents.map((_, index) => scores.get(index) ?? 0);
  // llama-server gives the model's own number, which has no bounds.
  const isBounded = given.every((score) => score >= 0 && score <= 1);
  const { usage } = parsed.data;
  return {
    scores: isBounded ? given : given.map((score) => 1 / (1 + Math.exp(-score))),
    promptTokens:
      usage?.prompt_tokens ??
      usage?.total_tokens ??
      request.documents.reduce((sum, document) => sum + ofText(document) + ofText(request.query), 0),
  };
}

const counted = z.looseObject({
  count: z.number().int().min(0).nullish(),
  tokens: z.array(z.unknown()).nullish(),
});
const applied = z.looseObject({ prompt: z.string() });

/** By the upstream's own template where it can be asked; else an estimate. */
export async function countTokens(
  options: AskOptions,
  request: GenerateRequest,
  signal: AbortSignal,
): Promise<number> {
  const { preset, root } = options;
  const post = async (path: string, body: unknown): Promise<unknown> =>
    await options.http.json({
      method: 'POST',
      path: root + path,
      headers: options.headers,
      body,
      signal,
      mostBytes: 64 * 1024 * 1024,
    });
  const { messages, tools } = chatBody(request, preset, false);
  const said = { messages, ...(tools === undefined ? {} : { tools }) };
  switch (preset.countsTokens) {
    case 'vllm': {
      const prompt = request.raw === undefined ? said : { prompt: request.raw.prompt };
      const { data } = counted.safeParse(await post('/tokenize', { model: request.model, ...prompt }));
      return data?.count ?? data?.tokens?.length ?? estimateTokens(request);
    }
    case 'llama-server': {
      if (Array.isArray(request.raw?.prompt)) return request.raw.prompt.length;
      const content =
        request.raw?.prompt ?? applied.safeParse(await post('/apply-template', said)).data?.prompt;
      if (content === undefined) return estimateTokens(request);
      const { data } = counted.safeParse(await post('/tokenize', { content, parse_special: true }));
      return data?.tokens?.length ?? estimateTokens(request);
    }
    case 'no':
      return estimateTokens(request);
  }
}
