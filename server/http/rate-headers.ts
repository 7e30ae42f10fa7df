import type { Request, Response } from 'express';
import type { Rate, Rates } from '../gate/gate.ts';
import { speaksAnthropic } from './error-language.ts';

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
  const set = speaksAnthropic(request) ? setForAnthropic : setForOpenAi;
  if (rates.requests !== null) set(response, 'requests', rates.requests, nowMs);
  if (rates.tokens !== null) set(response, 'tokens', rates.tokens, nowMs);
}

function setForOpenAi(response: Response, what: string, { limit, remaining, fullInMs }: Rate): void {
  response.setHeader(`x-ratelimit-limit-${what}`, limit);
  response.setHeader(`x-ratelimit-remaining-${what}`, remaining);
  response.setHeader(`x-ratelimit-reset-${what}`, duration(fullInMs));
}

function setForAnthropic(
  response: Response,
  what: string,
  { limit, remaining, fullInMs }: Rate,
  nowMs: number,
): void {
  response.setHeader(`anthropic-ratelimit-${what}-limit`, limit);
  response.setHeader(`anthropic-ratelimit-${what}-remaining`, remaining);
  // RFC 3339, to the second; never before the limit is whole again.
  const wholeSecondMs = Math.ceil((nowMs + fullInMs) / 1000) * 1000;
  response.setHeader(
    `anthropic-ratelimit-${what}-reset`,
    new Date(wholeSecondMs).toISOString().replace('.000', ''),
  );
}

/** As OpenAI writes it: `17ms`, `1.5s`, `6m0s`. */
function duration(ms: number): string {
  const whole = Math.ceil(ms);
  if (whole < 1000) return `${whole}ms`;
  if (whole < 60_000) return `${whole / 1000}s`;
  const seconds = Math.ceil(whole / 1000);
  return `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
