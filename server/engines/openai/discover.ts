import { z } from 'zod';
import type { Task } from '../../core/ask.ts';
import type { Upstream } from '../../core/upstream.ts';
import { broken } from './upstream-errors.ts';
import type { UpstreamHttp } from './upstream-http.ts';

/** What an upstream tells of itself. */
export type Discovered = {
  readonly models: readonly DiscoveredModel[];
  /** Requests at once; null where it does not tell. */
  readonly slots: number | null;
};

export type DiscoveredModel = {
  readonly id: string;
  readonly task: Task;
  readonly contextTokens: number | null;
  readonly createdMs: number | null;
};

const keptModels = z.object({
  models: z.array(
    z.object({
      id: z.string(),
      task: z.enum(['generate', 'embed', 'rerank']),
      contextTokens: z.number().nullable(),
      createdMs: z.number().nullable(),
    }),
  ),
  slots: z.number().nullable(),
});

/** What was kept of an earlier answer; null where another version wrote it. */
export function readKept(value: unknown): Discovered | null {
  return keptModels.safeParse(value).data ?? null;
}

/** Short, so that one upstream that is down holds up nobody. */
export const probePatience = { headMs: 4_000, silenceMs: 2_000, longestMs: 8_000 };
const mostBytes = 8 * 1024 * 1024;
const mostModels = 2000;

/** Ids stand in paths, headers and logs. */
const usableId = /^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,199}$/u;

const count = z.number().int().min(1).max(100_000_000).nullish().catch(null);

const modelList = z.looseObject({
  data: z
    .array(
      z.looseObject({
        id: z.string(),
        created: z.number().nullish().catch(null),
        max_model_len: count,
        context_length: count,
        capabilities: z.array(z.string()).nullish().catch(null),
        type: z.string().nullish().catch(null),
        max_context_length: count,
        loaded_context_length: count,
        meta: z.looseObject({ n_ctx: count }).nullish().catch(null),
      }),
    )
    .max(mostModels),
});

const props = z.looseObject({
  total_slots: count,
  default_generation_settings: z.looseObject({ n_ctx: count }).nullish().catch(null),
});

export type DiscoverOptions = {
  readonly http: UpstreamHttp;
  readonly upstream: Upstream;
  /** Paths of the server; `api` begins as the address the owner gave does. */
  readonly root: string;
  readonly api: string;
  readonly headers: Readonly<Record<string, string>>;
};

/**
 * Which models there are and how many requests at once. A model whose id could not be written everywhere is left out.
 * @throws AppError
 */
export async function discover(options: DiscoverOptions, signal: AbortSignal): Promise<Discovered> {
  const { upstream, root, api } = options;
  const [models, own] = await Promise.all([
    listModels(options, `${api}/models`, signal),
    upstream.kind === 'llama-server' ? readProps(options, signal) : null,
  ]);
  const detailed =
    upstream.kind === 'lmstudio'
      ? await listModels(options, `${root}/api/v0/models`, signal).catch(() => [])
      : [];
  return {
    slots: own?.slots ?? null,
    models: models.map((model) => {
      const detail = detailed.find(({ id }) => id === model.id);
      return {
        ...model,
        task: detail?.task ?? model.task,
        contextTokens: own?.contextTokens ?? detail?.contextTokens ?? model.contextTokens,
      };
    }),
  };
}

async function listModels(
  { http, upstream, headers }: DiscoverOptions,
  path: string,
  signal: AbortSignal,
): Promise<DiscoveredModel[]> {
  const value = await http.json({ method: 'GET', path, headers, signal, mostBytes, patience: probePatience });
  const parsed = modelList.safeParse(value);
  if (!parsed.success) {
    throw broken(
      upstream.name,
      'upstream_not_json',
      'has no list of models. Is the address right?',
      parsed.error,
    );
  }
  const seen = new Set<string>();
  return parsed.data.data.flatMap((wire) => {
    if (!usableId.test(wire.id) || wire.id.includes('..') || seen.has(wire.id)) return [];
    seen.add(wire.id);
    return [
      {
        id: wire.id,
        task: taskOf(wire),
        contextTokens:
          wire.max_model_len ??
          wire.loaded_context_length ??
          wire.context_length ??
          wire.max_context_length ??
          wire.meta?.n_ctx ??
          null,
        createdMs: wire.created ? Math.round(wire.created * 1000) : null,
      },
    ];
  });
}

async function readProps(
  { http, root, headers }: DiscoverOptions,
  signal: AbortSignal,
): Promise<{ readonly slots: number | null; readonly contextTokens: number | null } | null> {
  try {
    const value = await http.json({
      method: 'GET',
      path: `${root}/props`,
      headers,
      signal,
      mostBytes,
      patience: probePatience,
    });
    const { total_slots: slots, default_generation_settings: settings } = props.parse(value);
    return { slots: slots ?? null, contextTokens: settings?.n_ctx ?? null };
  } catch (error) {
    signal.throwIfAborted();
    // It can be told to keep this to itself; then the usual holds.
    void error;
    return null;
  }
}

type WireModel = z.infer<typeof modelList>['data'][number];

/** What it says, or else what names of such models have in common. */
function taskOf({ id, capabilities, type }: WireModel): Task {
  if (capabilities?.includes('embedding') === true || type === 'embeddings') return 'embed';
  if (capabilities?.includes('rerank') === true) return 'rerank';
  if (capabilities !== null && capabilities !== undefined) return 'generate';
  if (/rerank/iu.test(id)) return 'rerank';
  return /embed|(?:^|[/_-])(?:bge|e5|gte|minilm)[-_]/iu.test(id) ? 'embed' : 'generate';
}
