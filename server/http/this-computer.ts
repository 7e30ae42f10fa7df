import type { Request, RequestHandler } from 'express';
import { AppError } from '../core/errors.ts';

/**
 * Whether both ends of the connection are this computer's loopback. Says nothing about who asks: loopback is not
 * trusted (design decision 11), it is only not overheard.
 */
export function isFromThisComputer(request: Request): boolean {
  return isLoopback(request.socket.localAddress) && isLoopback(request.socket.remoteAddress);
}

function isLoopback(address: string | undefined): boolean {
  const plain = (address ?? '').replace(/^::ffff:/, '');
  return plain === '::1' || plain.startsWith('127.');
}

/** The owner's password and session must not travel in clear (design decision 9), so not over plain http on the LAN. */
export const onThisComputerOnly: RequestHandler = function refuseFromElsewhere(request, _response, next) {
  if (isFromThisComputer(request)) return next();
  throw new AppError(
    'The console and the admin API answer only on the computer that Inglenook runs on, since the network is not encrypted.',
    { status: 403, code: 'this_computer_only', retryable: false },
  );
};
