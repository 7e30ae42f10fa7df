/**
 * What an upstream speaks beyond the common OpenAI dialect: how its slots are found, what it may be sent, and who
 * counts its tokens. `openai` stands for everything without a preset of its own.
 */
export type UpstreamKind = 'openai' | 'vllm' | 'llama-server' | 'lmstudio' | 'inglenook' | 'ollama';

/** A server of somebody's that answers for us. Its key is kept apart. */
export type Upstream = {
  readonly id: string;
  /** A slug; it stands in the log as the engine that answered. */
  readonly name: string;
  readonly kind: UpstreamKind;
  /** Where its API begins, without a slash at the end: `http://gpu-box:8000/v1`. */
  readonly url: string;
  /** Whether it may lie outside the office: only requests of keys that allow it go there. */
  readonly mayLeave: boolean;
  /** Requests at once; null for what it tells itself, or what is usual for its kind. */
  readonly slots: number | null;
  /** The header that carries a prefix-stable routing key; null for none, undefined where its kind decides. */
  readonly routingHeader: string | null | undefined;
  /** Longest conversation, where Ollama has to be told; null for the usual. */
  readonly contextTokens: number | null;
  readonly createdMs: number;
};

/** What becomes of an upstream, as the owner sees it. */
export type UpstreamState = {
  readonly state: 'unknown' | 'ready' | 'failed';
  /** Why it cannot be used, in a sentence; null otherwise. */
  readonly reason: string | null;
  readonly checkedMs: number | null;
  /** How long its list of models took. */
  readonly latencyMs: number | null;
  readonly models: readonly string[];
};

/** Slugs that stand for our own engines. */
export const reservedEngineNames: readonly string[] = ['builtin', 'ollama', 'cache', 'inglenook'];

/** The upstreams as engines, for who keeps their list. */
export type Upstreams = {
  /** Null for one that is not there. */
  readonly state: (upstreamId: string) => UpstreamState | null;
  /** Asks it for its models. Rejects with the signal's reason only. */
  readonly refresh: (upstreamId: string, signal: AbortSignal) => Promise<UpstreamState | null>;
  /** The kept list has changed. Running answers go on to their end. */
  readonly reload: () => void;
};
