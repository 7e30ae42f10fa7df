import { AppError } from '../core/errors.ts';
import type { StrikeKind } from './blocks.ts';

/** What whoever is turned away at the edge is told: what happened, and who can change it. */

export function addressNotAllowed(isForwarded: boolean): AppError {
  const how = isForwarded
    ? 'This request has come through a proxy that this Inglenook does not know, so it cannot tell from where. Its owner can name the proxy in the setting edge.trustedProxies.'
    : 'This Inglenook does not answer to your address. Its owner can add it in the setting edge.allow.';
  return new AppError(how, { status: 403, code: 'ip_not_allowed', retryable: false });
}

const whatFor: Readonly<Record<StrikeKind, string>> = {
  keys: 'wrong API keys',
  passwords: 'wrong passwords',
  codes: 'wrong pairing codes',
};

type Standing = { readonly reason: StrikeKind; readonly waitMs: number };

export function addressBlocked({ reason, waitMs }: Standing): AppError {
  return new AppError(
    `Too many ${whatFor[reason]} came from your address. Wait ${inWords(waitMs)}, or ask the owner of this Inglenook to lift the block.`,
    { status: 429, code: 'address_blocked', retryAfterSeconds: Math.ceil(waitMs / 1000) },
  );
}

/** Where others are not shut out for it; asking again with the same would be as wrong. */
export function wrongAgain({ reason, waitMs }: Standing): AppError {
  return new AppError(
    `Too many ${whatFor[reason]} came from this computer, and this is another. Stop the program that shows them, or give it a valid one, which works at once. The next wrong one is looked at in ${inWords(waitMs)}.`,
    {
      status: 429,
      code: 'address_blocked',
      retryAfterSeconds: Math.ceil(waitMs / 1000),
      retryable: false,
    },
  );
}

function inWords(waitMs: number): string {
  const seconds = Math.ceil(waitMs / 1000);
  return seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}

export function tooManyRequests(waitMs: number, perMinute: number): AppError {
  return new AppError(
    `More than ${perMinute} requests a minute came from your address. Slow down; the owner of this Inglenook can change edge.requestsPerMinute.`,
    {
      status: 429,
      code: 'rate_limit_exceeded',
      retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
    },
  );
}

export function tooManyStreams(most: number): AppError {
  return new AppError(
    `${most} answers to your address are running already. Wait until one ends; the owner of this Inglenook can change edge.streamsPerAddress.`,
    { status: 429, code: 'rate_limit_exceeded', retryAfterSeconds: 1 },
  );
}

export function placeIsReserved(): AppError {
  return new AppError(
    'This computer has too many connections open; the last ones are kept for the console and the command line. Close some.',
    { status: 503, code: 'too_many_connections', retryAfterSeconds: 5 },
  );
}

export function unreadableProxyHeader(proxy: string): AppError {
  return new AppError(
    `The proxy at ${proxy} has sent an X-Forwarded-For without an address in it. Let it send the client’s address (nginx: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for).`,
    { status: 400, code: 'forwarded_for_unreadable', retryable: false },
  );
}

export function locksYouOut(address: string): AppError {
  return new AppError(
    `With this list you could not come back: it leaves out ${address}, where you are asking from. Add that address, or set the list on the computer that Inglenook runs on.`,
    { status: 409, code: 'would_lock_you_out', param: 'allow', retryable: false },
  );
}

export function proxiesLockYouOut(address: string): AppError {
  return new AppError(
    `With these proxies your browser, at ${address}, would be shut out of the console. Set them by the command line or in the app’s window on the computer that Inglenook runs on; or let a proxy there connect from an address of its own (nginx: proxy_bind 127.0.0.2) and name that one.`,
    { status: 409, code: 'would_lock_you_out', param: 'trustedProxies', retryable: false },
  );
}
