import type { Request, Response } from 'express';
import type { Rate, Rates } from '../gate/gate.ts';
import { speaksAnthropic } from './error-language.ts';
import { headList } from './head-list.ts';

/** Names of the headers that tell a client how much of its limits per minute is left, for pages that may read them. */
export const rateHeaderNames: readonly string[] = ['requests', 'tokens'].flatMap((what) => [
  `x-ratelimit-limit-${what}`,
  `x-ratelimit-remaining-${what}`,
  `x-ratelimit-reset-${what}`,
  `anthropic-ratelimit-${what}-limit`,
  `anthropic-ratelimit-${what}-remaining`,
  `anthropic-ratelimit-${what}-reset`,
]);

/** In the names of who asks (clients.md §5.1, §5.2); none where the key has no such limit. */
export function setRateHeaders(request: Request, response: Response, rates: Rates, nowMs: number): void {
  const told = speaksAnthropic(request) ? forAnthropic : forOpenAi;
  const head = headList(response);
  if (rates.requests !== null) head.push(...told('requests', rates.requests, nowMs));
  if (rates.tokens !== null) head.push(...told('tokens', rates.tokens, nowMs));
}

type Told = readonly (string | number)[];

function forOpenAi(what: string, { limit, remaining, fullInMs }: Rate): Told {
  return [
    `x-ratelimit-limit-${what}`,
    limit,
    `x-ratelimit-remaining-${what}`,
    remaining,
    `x-ratelimit-reset-${what}`,
    duration(fullInMs),
  ];
}

function forAnthropic(what: string, { limit, remaining, fullInMs }: Rate, nowMs: number): Told {
  // RFC 3339, to the second; never before the limit is whole again.
  const wholeSecondMs = Math.ceil((nowMs + fullInMs) / 1000) * 1000;
  return [
    `anthropic-ratelimit-${what}-limit`,
    limit,
    `anthropic-ratelimit-${what}-remaining`,
    remaining,
    `anthropic-ratelimit-${what}-reset`,
    new Date(wholeSecondMs).toISOString().replace('.000', ''),
  ];
}

/** As OpenAI writes it: `17ms`, `1.5s`, `6m0s`. */
function duration(ms: number): string {
  const whole = Math.ceil(ms);
  if (whole < 1000) return `${whole}ms`;
  if (whole < 60_000) return `${whole / 1000}s`;
  const seconds = Math.ceil(whole / 1000);
  return `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
