import type { Request } from 'express';
import { clientOf } from '../edge/client.ts';
import { hostnameOf, isLoopbackName } from './host-check.ts';

/**
 * Whether somebody on this computer asks it by one of its loopback names. A tunnel or proxy on this computer comes by
 * loopback too, but brings the name or the marks of its own way here. Says nothing about who asks: loopback is not
 * trusted (design decision 11), it is only not overheard.
 */
export function isFromThisComputer(request: Request): boolean {
  if (!clientOf(request).isThisComputer) return false;
  const hostname = hostnameOf(request.headers.host ?? '');
  return hostname !== null && isLoopbackName(hostname);
}
