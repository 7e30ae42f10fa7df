import { z } from 'zod';
import { broken } from '../openai/upstream-errors.ts';
import { probePatience } from '../openai/discover.ts';
import type { UpstreamHttp } from '../openai/upstream-http.ts';
import { readLines } from '../openai/read-events.ts';

/** Ollama's own API (its docs/api.md, 0.17), as far as we need it. Nothing that writes models is ever called but `pull`. */
export type OllamaClient = {
  readonly version: (signal: AbortSignal) => Promise<string>;
  readonly list: (signal: AbortSignal) => Promise<readonly OllamaModel[]>;
  readonly loaded: (signal: AbortSignal) => Promise<readonly LoadedModel[]>;
  readonly show: (model: string, signal: AbortSignal) => Promise<OllamaDetails>;
  /** Minutes null leaves it to Ollama; 0 frees its memory. */
  readonly load: (model: string, wish: LoadWish, signal: AbortSignal) => Promise<void>;
  readonly pull: (model: string, signal: AbortSignal) => AsyncGenerator<PullProgress>;
};

export type OllamaModel = {
  readonly name: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
};
export type LoadedModel = {
  readonly name: string;
  readonly expiresMs: number;
  readonly sizeBytes: number;
  readonly gpuBytes: number;
  readonly contextTokens: number | null;
};
export type OllamaDetails = {
  readonly capabilities: readonly string[];
  readonly contextTokens: number | null;
  readonly family: string;
};
export type LoadWish = {
  readonly isEmbedding: boolean;
  readonly contextTokens: number;
  readonly keepAlive: 0 | null;
};
export type PullProgress = {
  readonly status: string;
  readonly doneBytes: number;
  readonly totalBytes: number | null;
};

const mostBytes = 16 * 1024 * 1024;
const loadPatience = { headMs: 900_000, silenceMs: 900_000, longestMs: 1_800_000 };
/** The registry behind it may be slow; a fetch goes on where it was when it is asked for again. */
const pullPatience = { headMs: 60_000, silenceMs: 300_000, longestMs: 7 * 24 * 3_600_000 };

const count = z.number().int().min(0);
const time = z.string().transform((text) => Date.parse(text) || 0);
const versionBody = z.looseObject({ version: z.string().max(100) });
const remote = { remote_host: z.string().nullish(), remote_model: z.string().nullish() };
const tags = z.looseObject({
  models: z
    .array(
      z.looseObject({
        name: z.string(),
        digest: z.string().catch(''),
        size: count.catch(0),
        modified_at: time,
        ...remote,
      }),
    )
    .max(5000)
    .nullish(),
});
const running = z.looseObject({
  models: z
    .array(
      z.looseObject({
        name: z.string(),
        expires_at: time,
        size: count.catch(0),
        size_vram: count.catch(0),
        context_length: count.nullish().catch(null),
      }),
    )
    .nullish(),
});
const details = z.looseObject({
  capabilities: z.array(z.string()).nullish().catch(null),
  model_info: z.record(z.string(), z.unknown()).nullish().catch(null),
  details: z.looseObject({ family: z.string().nullish() }).nullish().catch(null),
});
const progress = z.looseObject({
  status: z.string().max(500).nullish(),
  total: count.nullish().catch(null),
  completed: count.nullish().catch(null),
  error: z.string().nullish(),
});

/** As Ollama writes them: `registry/namespace/model:tag`. */
export const modelName = /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,199}$/u;

export function createOllamaClient(http: UpstreamHttp, name: string): OllamaClient {
  const get = async (path: string, signal: AbortSignal): Promise<unknown> =>
    await http.json({ method: 'GET', path, signal, mostBytes, patience: probePatience });

  return {
    version: async (signal) => understood(versionBody, await get('/api/version', signal), name).version,
    async list(signal) {
      const { models } = understood(tags, await get('/api/tags', signal), name);
      // Cloud models compute elsewhere, whatever the owner of this computer thinks: nothing is sent there by this way.
      return (models ?? [])
        .filter((model) => !model.remote_host && !model.remote_model && isUsable(model.name))
        .map((model) => ({
          name: model.name,
          digest: model.digest,
          sizeBytes: model.size,
          modifiedMs: model.modified_at,
        }));
    },
    async loaded(signal) {
      const { models } = understood(running, await get('/api/ps', signal), name);
      return (models ?? []).map((model) => ({
        name: model.name,
        expiresMs: model.expires_at,
        sizeBytes: model.size,
        gpuBytes: model.size_vram,
        contextTokens: model.context_length || null,
      }));
    },
    async show(model, signal) {
      const call = { method: 'POST', path: '/api/show', body: { model }, signal, mostBytes } as const;
      const {
        capabilities,
        model_info: info,
        details: about,
      } = understood(details, await http.json({ ...call, patience: probePatience }), name);
      const length = Object.entries(info ?? {}).find(([key]) => key.endsWith('.context_length'))?.[1];
      return {
        family: about?.family ?? '',
        capabilities: capabilities ?? ['completion'],
        contextTokens: typeof length === 'number' && length > 0 ? length : null,
      };
    },
    async load(model, { isEmbedding, contextTokens, keepAlive }, signal) {
      const path = isEmbedding ? '/api/embed' : '/api/generate';
      const body = {
        model,
        ...(isEmbedding ? { input: [] } : { stream: false }),
        ...(keepAlive === null ? { options: { num_ctx: contextTokens } } : { keep_alive: keepAlive }),
      };
      await http.json({ method: 'POST', path, body, signal, mostBytes, patience: loadPatience });
    },
    async *pull(model, signal) {
      const body = { model, stream: true };
      const { chunks } = await http.open({
        method: 'POST',
        path: '/api/pull',
        body,
        signal,
        patience: pullPatience,
      });
      const bounds = {
        mostBytes: 1024 * 1024 * 1024,
        tooMuch: () => broken(name, 'upstream_too_much', 'sends more than can be right'),
      };
      for await (const lines of readLines(chunks, bounds)) {
        for (const line of lines) yield toProgress(line, name);
      }
    },
  };
}

function toProgress(line: string, name: string): PullProgress {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw broken(name, 'upstream_not_json', 'sends what cannot be understood', error);
  }
  const { status, total, completed, error } = understood(progress, value, name);
  if (error) throw broken(name, 'pull_failed', `could not fetch it: ${error.slice(0, 300)}`);
  return { status: status ?? '', doneBytes: completed ?? 0, totalBytes: total ?? null };
}

function isUsable(model: string): boolean {
  return modelName.test(model) && !model.includes('..');
}

function understood<Schema extends z.ZodType>(schema: Schema, value: unknown, name: string): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw broken(
    name,
    'upstream_not_json',
    'does not answer as Ollama does. Is the address right?',
    parsed.error,
  );
}
