import { onTestFinished } from 'vitest';
import { AppError } from '../../../server/core/errors.ts';
import { createPairing, type Pairing, type Secret } from '../../../server/lan/pairing.ts';
import { testAudit } from '../../fakes/audit.ts';
import { closeStore, openStore, type Store } from '../../../server/store/open.ts';
import type { KeyRecord } from '../../../server/wire/admin.ts';
import { createPairingRequest } from '../../../server/wire/pairing.ts';

export const minuteMs = 60_000;

/** The pairing protocol over a real store, with time that moves by hand. */
export type Desk = {
  readonly pairing: Pairing;
  readonly store: Store;
  readonly time: { nowMs: number };
  readonly pass: (durationMs: number) => void;
  readonly joined: KeyRecord[];
  readonly logged: string[];
  /** How often the list has changed. */
  readonly changes: () => number;
  readonly invite: (request?: unknown) => ReturnType<Pairing['create']>;
};

export function openDesk(options: { readonly path?: string; readonly store?: Store } = {}): Desk {
  const store = options.store ?? openStore(options.path ?? ':memory:');
  onTestFinished(() => closeStore(store));
  // A Sunday.
  const time = { nowMs: Date.parse('2026-11-22T12:00:00Z') };
  const joined: KeyRecord[] = [];
  const logged: string[] = [];
  let changes = 0;
  const note = (message: string, fields?: unknown): void => {
    logged.push(`${message} ${JSON.stringify(fields)}`);
  };
  const clock = { nowMs: () => time.nowMs, monotonicMs: () => time.nowMs };
  const log = { debug: note, info: note, warn: note, error: note };
  const pairing = createPairing({
    store,
    clock,
    log,
    audit: testAudit({ store, clock, log }),
    timeZone: 'Europe/Berlin',
    onChange: () => (changes += 1),
    onJoined: (key) => joined.push(key),
  });
  return {
    pairing,
    store,
    time,
    pass: (durationMs) => (time.nowMs += durationMs),
    joined,
    logged,
    changes: () => changes,
    invite: (request = {}) => pairing.create(createPairingRequest.parse(request)),
  };
}

export const byTicket = (text: string): Secret => ({ via: 'ticket', text });
export const byCode = (text: string): Secret => ({ via: 'code', text });

export function visitor(device = 'laptop', ip = '192.168.1.34') {
  return { ip, device, client: 'test/1' };
}

/** What a call came to: its result, or the status of the error it threw. */
export function outcome(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    if (error instanceof AppError) return error.status;
    throw error;
  }
}

export function errorOf(call: () => unknown): AppError {
  try {
    call();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('it was expected to be refused');
}
