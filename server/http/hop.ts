import type { Request } from 'express';
import type { Engine } from '../core/engine.ts';
import { hopHeader } from '../core/hop.ts';

/** What a request may be answered by: one that another Inglenook has handed on is not handed on again (security.md #56). */
export function withoutHandingOn<Services extends { readonly engines: readonly Engine[] }>(
  { headers }: Pick<Request, 'headers'>,
  services: Services,
): Services {
  if (headers[hopHeader] === undefined) return services;
  return { ...services, engines: services.engines.filter(({ handsOn }) => handsOn !== true) };
}
