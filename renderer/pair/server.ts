import type { Looked, Redeemed, RedeemWaiting } from '../../server/wire/pairing.ts';

/** What the page is told when it is not told what it asked for. */
export type Refusal =
  /** 410: unknown, used, expired, denied; nobody tells which. */
  | { readonly kind: 'gone' }
  /** 429: wrong codes came from here, or too many devices wait. */
  | { readonly kind: 'later'; readonly reason: 'guesses' | 'crowd'; readonly waitMs: number }
  /** No network, no server, a server that is starting or stopping, or somebody else's sign-in page in between. */
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'refused'; readonly param: string | null; readonly message: string };

export type Answer<T> = { readonly kind: 'ok'; readonly body: T } | Refusal;
export type Secret = { readonly ticket: string } | { readonly code: string };

/** A key may be on its way in an answer, so this one is given up later than others. */
const redeemTimeoutMs = 30_000;
const lookTimeoutMs = 10_000;

/** What a ticket is for. Never rejects. */
export function look(ticket: string): Promise<Answer<Looked>> {
  return post('/pair/look', { ticket }, { timeoutMs: lookTimeoutMs, isAnswer: isLooked });
}

/** One attempt to get in. Never rejects. Ask again only when this one is answered: the key is told once. */
export function redeem(secret: Secret, device: string): Promise<Answer<RedeemWaiting | Redeemed>> {
  return post(
    '/pair/redeem',
    { ...secret, device },
    { timeoutMs: redeemTimeoutMs, isAnswer: isRedeemAnswer },
  );
}

type Expectation<T> = { readonly timeoutMs: number; readonly isAnswer: (body: unknown) => body is T };

async function post<T>(
  path: string,
  body: unknown,
  { timeoutMs, isAnswer }: Expectation<T>,
): Promise<Answer<T>> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      cache: 'no-store',
      credentials: 'omit',
      // Ours never redirects; the sign-in page of a guest network does.
      redirect: 'error',
      signal: abort.signal,
    });
    const answer: unknown = await response.json();
    if (!response.ok) return refusalOf(response, answer);
    return isAnswer(answer) ? { kind: 'ok', body: answer } : { kind: 'unreachable' };
  } catch {
    return { kind: 'unreachable' };
  } finally {
    clearTimeout(timer);
  }
}

function refusalOf(response: Response, body: unknown): Refusal {
  const { status, headers } = response;
  const error = isErrorBody(body) ? body.error : null;
  if (error === null || status >= 500) return { kind: 'unreachable' };
  if (status === 410) return { kind: 'gone' };
  if (status === 429) {
    const waitMs = Math.max(1, Number(headers.get('retry-after')) || 30) * 1000;
    return { kind: 'later', reason: error.code === 'too_many_waiting' ? 'crowd' : 'guesses', waitMs };
  }
  return { kind: 'refused', param: error.param ?? null, message: error.message };
}

// The page comes from this very server in this very version. So its answers are only told from what a network in
// between may send instead; the schemas of server/wire, with zod, would make this page three times as big.

function isLooked(body: unknown): body is Looked {
  return isObject(body) && typeof body['office'] === 'string' && typeof body['state'] === 'string';
}

function isRedeemAnswer(body: unknown): body is RedeemWaiting | Redeemed {
  if (!isObject(body)) return false;
  return body['status'] === 'waiting' || (body['status'] === 'joined' && typeof body['key'] === 'string');
}

type ErrorBody = {
  readonly error: { readonly message: string; readonly code?: string | null; readonly param?: string | null };
};

function isErrorBody(body: unknown): body is ErrorBody {
  return isObject(body) && isObject(body['error']) && typeof body['error']['message'] === 'string';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
