import type { Request } from 'express';
import { anthropicError } from '../dialects/anthropic-errors.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { openAiError } from '../dialects/openai-errors.ts';
import { pathOf } from './path-of.ts';

/**
 * Whether a request comes from a client of Anthropic's: by its path, or, where both vendors have the path, by the
 * version that only that client sends. Never by the key's header: several clients send several.
 */
export function speaksAnthropic(request: Request): boolean {
  return (
    /^(\/v1)?\/messages(\/|$)/.test(pathOf(request)) || request.headers['anthropic-version'] !== undefined
  );
}

/** The language of errors outside the dialects' own routes. */
export function errorLanguage(request: Request): Dialect['error'] {
  return speaksAnthropic(request) ? anthropicError : openAiError;
}
