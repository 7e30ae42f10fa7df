import type { Upstream, UpstreamKind } from '../../core/upstream.ts';

/** What an upstream of each kind can be asked beyond the common dialect. */
export type Preset = {
  /** Requests at once where neither it nor the owner tells: what such a server serves when it is just started. */
  readonly slots: number;
  /** Sampling that OpenAI's own servers refuse: `top_k`, `min_p`, `ignore_eos`, variables of the template, thoughts. */
  readonly takesExtras: boolean;
  /** Whose computed prefixes may be shared, by vLLM's `cache_salt` (CVE-2025-46570). */
  readonly takesCacheSalt: boolean;
  /** How the middle is filled: by `suffix`, by llama-server's own `/infill`, or not at all. */
  readonly fillsMiddle: 'suffix' | 'infill' | 'no';
  readonly reranks: boolean;
  readonly countsTokens: 'vllm' | 'llama-server' | 'no';
  /**
   * The header that a router before several of it keeps conversations together by: production-stack's session routing
   * is documented with `x-user-id`; Ray Serve and others are told a name of their own.
   */
  readonly routingHeader: string | null;
};

const plain: Preset = {
  slots: 16,
  takesExtras: false,
  takesCacheSalt: false,
  fillsMiddle: 'suffix',
  reranks: false,
  countsTokens: 'no',
  routingHeader: null,
};

const presets: Readonly<Record<Exclude<UpstreamKind, 'ollama'>, Preset>> = {
  openai: plain,
  vllm: {
    slots: 32,
    takesExtras: true,
    takesCacheSalt: true,
    fillsMiddle: 'no',
    reranks: true,
    countsTokens: 'vllm',
    routingHeader: 'x-user-id',
  },
  'llama-server': {
    ...plain,
    slots: 1,
    takesExtras: true,
    fillsMiddle: 'infill',
    reranks: true,
    countsTokens: 'llama-server',
  },
  lmstudio: { ...plain, slots: 4, takesExtras: true, fillsMiddle: 'no' },
  inglenook: { ...plain, slots: 8, takesExtras: true, reranks: true },
};

/** Ollama has an engine of its own; here it is what any other server is. */
export function presetOf({ kind }: Pick<Upstream, 'kind'>): Preset {
  return kind === 'ollama' ? plain : presets[kind];
}
