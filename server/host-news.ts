import { isDeepStrictEqual } from 'node:util';
import type { Timers } from './core/clock.ts';
import type { HostLink } from './host-link.ts';
import { hostProtocolVersion as v, type HostState } from './wire/host.ts';
import type { PauseKind } from './wire/owner.ts';

/** What of the running server its host may see and do; made by `compose.ts`. */
export type HostSide = {
  /** Cheap: it is looked at every second. */
  readonly state: () => HostState;
  /** Devices that wait for the owner's yes. */
  readonly waiting: () => readonly WaitingDevice[];
  /** `untilMs` null: until `resume`. */
  readonly pause: (what: PauseKind, untilMs: number | null) => void;
  readonly resume: (what: PauseKind) => void;
  readonly lookAtNetwork: () => void;
  /** An address that signs one browser in, once. */
  readonly ticketUrl: () => string;
};

export type WaitingDevice = { readonly id: string; readonly device: string; readonly code: string };

const lookEveryMs = 1_000;

/**
 * Ties the running server to its host: does what it says, and tells it what has changed. Looks once a second and when a
 * message has come, so that no part of the server has to know of the host. Returns what ends it.
 */
export function serveHost(
  { kind, send, onMessage }: Pick<HostLink, 'kind' | 'send' | 'onMessage'>,
  side: HostSide,
  timers: Timers,
): () => void {
  if (kind === 'none') return () => {};
  let told: HostState | null = null;
  let waiting = new Set<string>();
  let isOver = false;

  function look(): void {
    if (isOver) return;
    const state = side.state();
    if (!isDeepStrictEqual(state, told)) send({ v, type: 'state', state });
    told = state;
    const devices = side.waiting();
    for (const device of devices) if (!waiting.has(device.id)) send({ v, type: 'pairing', ...device });
    const left = new Set(devices.map(({ id }) => id));
    for (const id of waiting) if (!left.has(id)) send({ v, type: 'pairing-done', id });
    waiting = left;
  }

  onMessage((message) => {
    if (isOver) return;
    switch (message.type) {
      case 'pause':
        side.pause(message.what, message.untilMs);
        break;
      case 'resume':
        side.resume(message.what);
        break;
      case 'net-changed':
        side.lookAtNetwork();
        break;
      case 'ticket':
        send({ v, type: 'ticket', id: message.id, url: side.ticketUrl() });
        break;
      case 'init':
      case 'drain':
      case 'ping':
        return;
    }
    look();
  });
  const stopLooking = timers.every(lookEveryMs, look);
  look();
  return () => {
    if (isOver) return;
    isOver = true;
    stopLooking();
    send({ v, type: 'state', state: { ...side.state(), phase: 'stopping' } });
  };
}
