import type { Response } from 'express';
import type { Principal } from '../core/principal.ts';
import { captureTrace, type Tracing } from '../core/trace.ts';
import type { Call } from '../dialects/dialect.ts';
import { sentenceFor, tracingOf } from '../store/tracing.ts';
import type { Exchange, ServeServices } from './exchange.ts';

type Services = Pick<ServeServices, 'store' | 'clock'>;

/** Begins to keep what is asked, where the owner has chosen so, and tells the client; else does nothing. */
export function beginTrace({ entry, response }: Exchange, services: Services, { request, more }: Call): void {
  // What the server asks for itself was said by nobody, and what the owner tries by no device.
  const { principal } = entry;
  if (principal === null || principal.pass !== undefined || principal.isOwner === true) return;
  const tracing = tellTracing(response, services, principal);
  if (tracing !== null) entry.trace = captureTrace(tracing, [request, ...(more ?? [])]);
}

/**
 * Says in the answer's head that prompts are kept: `x-inglenook-traced` until when, or `office` for a policy without an
 * end; `x-inglenook-traced-notice` a sentence for people, percent-encoded since headers are ASCII.
 */
export function tellTracing(response: Response, services: Services, principal: Principal): Tracing | null {
  const tracing = tracingOf(services.store, principal, services.clock.nowMs());
  if (tracing === null) return null;
  response.setHeader(
    'x-inglenook-traced',
    tracing.why === 'key' ? new Date(tracing.untilMs).toISOString() : 'office',
  );
  response.setHeader(
    'x-inglenook-traced-notice',
    encodeURI(sentenceFor(services.store, tracing, principal).toWellFormed()).replaceAll('%20', ' '),
  );
  return tracing;
}
