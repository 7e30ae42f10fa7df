import type { Request, RequestHandler } from 'express';
import { classOfAddress } from '../core/egress.ts';
import { AppError } from '../core/errors.ts';
import { readAddress } from '../core/ip-address.ts';
import { clientOf, saysForwarded } from '../edge/client.ts';
import type { Gate } from '../gate/gate.ts';
import type { Store } from '../store/open.ts';
import { isOutsideName, outsideName } from '../store/outside.ts';
import { hostnameOf } from './host-check.ts';

/**
 * The door to the internet (design decision 16): a reverse proxy or tunnel of the owner's leads here by the public name,
 * and whoever comes that way finds the list of models and the chat, and needs a key that is marked for it. Everything else
 * is not there.
 */

/** What may be asked from outside, in exactly these spellings. Cursor sends both of its body shapes to the chat route. */
const reachable: Readonly<Record<string, RegExp>> = {
  GET: /^\/(v1\/)?models\/?$/,
  HEAD: /^\/(v1\/)?models\/?$/,
  POST: /^\/(v1\/)?chat\/completions\/?$/,
};

/** Who has come in by this door, so that it is decided once. */
const outsiders = new WeakSet<object>();

/** To stand right after the check of the Host header, before anything answers. */
export function outsideDoor(store: Store): RequestHandler {
  return function keepOutside(request, _response, next) {
    if (!isFromOutside(store, request)) return next();
    outsiders.add(request);
    if (reachable[request.method]?.test(request.path) === true) return next();
    // Word for word the same whatever was asked for: nobody there needs to know what else there is.
    throw new AppError('There is nothing here. Under this name only models and chat can be reached.', {
      status: 404,
      code: 'unknown_url',
      retryable: false,
    });
  };
}

/** Whether the door above has let this request in. */
export function cameFromOutside(request: object): boolean {
  return outsiders.has(request);
}

/** The gate, which from outside lets in only keys that are marked for it. */
export function outsideGate(gate: Gate): Gate {
  return {
    ...gate,
    enter(request, address) {
      const principal = gate.enter(request, address);
      if (principal.outside || !cameFromOutside(request)) return principal;
      throw new AppError(
        `The key “${principal.keyName}” may not be used from the internet. The owner of this Inglenook can mark a key for it, with a limit and an end.`,
        { status: 403, code: 'not_from_outside', retryable: false },
      );
    },
  };
}

/**
 * Whether a request has come from the internet, while there is a public name at all: by that name; or by a proxy that
 * names a public address, or names none. The second is for tunnels that choose by the name in the TLS handshake and hand
 * on whatever `Host` the caller has written, for instance ours on this computer.
 */
function isFromOutside(store: Store, request: Request): boolean {
  if (outsideName(store) === null) return false;
  const { headers } = request;
  const names = [headers.host, ...listed(headers['x-forwarded-host'])];
  if (names.some((name) => isOutsideName(store, hostnameOf((name ?? '').trim()) ?? ''))) return true;
  const { via, address } = clientOf(request);
  if (via !== null) return !isOfOffice(address);
  if (!saysForwarded(headers)) return false;
  // Left of the last one anybody can have written.
  return !isOfOffice(listed(headers['x-forwarded-for']).at(-1) ?? '');
}

/** Of this network, a VPN of the owner's, or this computer. */
function isOfOffice(written: string): boolean {
  const address = readAddress(written);
  if (address === null) return false;
  const isLinkLocal = /^(169\.254\.|fe[89ab][0-9a-f]:)/.test(address);
  return isLinkLocal || classOfAddress(address) === 'private';
}

function listed(value: string | string[] | undefined): string[] {
  return [value ?? []]
    .flat()
    .join(',')
    .split(',')
    .filter((text) => text.trim() !== '');
}
