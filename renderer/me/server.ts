import type { MeGuides, MeState } from '../../server/wire/me.ts';

/** What the page is told when it is not told what it asked for. */
export type Refusal =
  /** No network, no server, one that is starting or stopping, or somebody else's sign-in page in between. */
  | { readonly kind: 'unreachable' }
  /** Too much was asked from here. */
  | { readonly kind: 'later'; readonly waitMs: number; readonly message: string }
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly message: string };

const reasons = {
  invalid_api_key: 'key',
  key_paused: 'paused',
  team_paused: 'teamPaused',
  ip_not_allowed: 'address',
  https_needed: 'https',
} as const;
export type RefusalReason = (typeof reasons)[keyof typeof reasons] | 'other';

export type Answer<T> = { readonly kind: 'ok'; readonly body: T } | Refusal;

const timeoutMs = 10_000;

/** How things stand for this key. Never rejects. */
export function askState(key: string): Promise<Answer<MeState>> {
  return ask('/me/state', key, isState);
}

/** The settings of the tools. Never rejects. */
export function askGuides(key: string): Promise<Answer<MeGuides>> {
  return ask('/me/guides', key, isGuides);
}

async function ask<T>(path: string, key: string, isAnswer: (body: unknown) => body is T): Promise<Answer<T>> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  try {
    const response = await fetch(path, {
      headers: { authorization: `Bearer ${key}` },
      cache: 'no-store',
      credentials: 'omit',
      // Ours never redirects here; the sign-in page of a guest network does.
      redirect: 'error',
      signal: abort.signal,
    });
    const body: unknown = await response.json();
    if (!response.ok) return refusalOf(response, body);
    return isAnswer(body) ? { kind: 'ok', body } : { kind: 'unreachable' };
  } catch {
    return { kind: 'unreachable' };
  } finally {
    clearTimeout(timer);
  }
}

function refusalOf({ status, headers }: Response, body: unknown): Refusal {
  const error = errorOf(body);
  if (status === 429 || (status === 503 && headers.has('retry-after'))) {
    const waitMs = Math.max(1, Number(headers.get('retry-after')) || 30) * 1000;
    return status === 503
      ? { kind: 'unreachable' }
      : { kind: 'later', waitMs, message: error?.message ?? '' };
  }
  if (error === null || status >= 500) return { kind: 'unreachable' };
  const reason = Object.hasOwn(reasons, error.code) ? reasons[error.code as keyof typeof reasons] : 'other';
  return { kind: 'refused', reason, message: error.message };
}

type ApiError = { readonly message: string; readonly code: string };

/** An error as the API tells it, also within a stream; null for anything else. */
export function errorOf(body: unknown): ApiError | null {
  if (!isObject(body) || !isObject(body['error'])) return null;
  const { message, code } = body['error'];
  if (typeof message !== 'string') return null;
  return { message, code: typeof code === 'string' ? code : '' };
}

// The page comes from this very server in this very version. So its answers are only told from what a network in between may
// send instead; the schemas of server/wire, with zod, would make this page twice as big.

function isState(body: unknown): body is MeState {
  return (
    isObject(body) && typeof body['office'] === 'string' && isObject(body['key']) && isObject(body['usage'])
  );
}

function isGuides(body: unknown): body is MeGuides {
  return isObject(body) && typeof body['baseUrl'] === 'string' && Array.isArray(body['guides']);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
