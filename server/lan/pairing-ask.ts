import type { AuditTrail } from '../core/audit.ts';
import type { Clock } from '../core/clock.ts';
import { randomBase62 } from '../core/key-format.ts';
import type { Logger } from '../core/logger.ts';
import type { KeyRecord } from '../wire/admin.ts';
import { createPairingRequest } from '../wire/pairing.ts';
import { findKey, revokeKey } from '../store/keys.ts';
import { write, type Store } from '../store/open.ts';
import { claimPairing, findPairingByHash, insertPairing, listLivePairings } from '../store/pairing.ts';
import type { StoredPairing } from '../store/pairing.ts';
import { mayAskUninvited } from '../store/uninvited.ts';
import * as errors from './pairing-errors.ts';
import { createGuesses } from './pairing-guesses.ts';
import { plainText } from './pairing-names.ts';
import { policyOf } from './pairing-policy.ts';
import { isCrowded } from './pairing-redeem.ts';
import { codeHash, codeOf, newMatchCode, newTicket, ticketHash } from './pairing-secrets.ts';
import { stateOf, type Visitor } from './pairing-state.ts';

/**
 * The other way in: a device asks without having been invited (RFC 8628, device authorization). What it gets is an
 * invitation that it has claimed already, so that the owner sees it in the same list, with the same two digits to
 * compare, and nothing happens without the owner's yes. Its key is a colleague's, with what is usual.
 */
export type Asking = {
  /** @throws AppError 403 where only the invited may ask; 429 while too many wait, or an address asks again and again; 400 without a readable name */
  readonly ask: (visitor: Visitor) => Asked;
  /**
   * How it stands, told to whoever holds the device code and asks from the same address.
   * @throws AppError 410 for a code that there never was, or that was used up; 429
   */
  readonly poll: (deviceCode: string, from: Pick<Visitor, 'ip' | 'client'>) => Polled;
  /**
   * Ends a key at the word of the device that has it.
   * @throws AppError 403 for a key that did not come by pairing: others may have it too
   */
  readonly leave: (keyId: string, from: Pick<Visitor, 'ip' | 'client'>) => void;
};

export type Asked = {
  /** 128 bits: the only place where it is told. */
  readonly deviceCode: string;
  /** Two digits, for both screens. */
  readonly matchCode: string;
  readonly expiresMs: number;
};

export type Polled =
  | { readonly outcome: 'pending'; readonly slowDown: boolean }
  | { readonly outcome: 'denied' }
  | { readonly outcome: 'expired' }
  | { readonly outcome: 'joined'; readonly key: string; readonly record: KeyRecord };

export type AskingServices = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly audit: AuditTrail;
  readonly timeZone: string;
  readonly onChange: () => void;
  readonly onLeft?: (keyId: string) => void;
};

/** What stands in `pairing.ts` for those who come with an invitation. */
type DeviceSide = {
  readonly look: (ticket: string, ip: string) => unknown;
  readonly redeem: (
    secret: { readonly via: 'ticket'; readonly text: string },
    visitor: Visitor,
  ) =>
    | { readonly status: 'waiting'; readonly slowDown: boolean }
    | { readonly status: 'joined'; readonly record: KeyRecord; readonly key: string };
};

export function createAsking(services: AskingServices, device: DeviceSide): Asking {
  const { store, clock, log, audit } = services;
  // Five within ten minutes: whoever was refused must not wear the owner out.
  const recentAsks = createGuesses(clock.monotonicMs);

  function ask(visitor: Visitor): Asked {
    const { ip } = visitor;
    if (!mayAskUninvited(store)) throw errors.onlyInvited();
    const name = plainText(visitor.device, 100);
    if (name === '') throw errors.namelessDevice();
    const waitMs = recentAsks.waitMs(ip);
    if (waitMs > 0) throw errors.tooManyAsks(waitMs);
    const client = visitor.client === null ? null : plainText(visitor.client, 200);
    const asked = write(store, () => {
      const made = insertClaimed({ ip, device: name, client });
      const who = { actor: 'device', via: 'pairing', ip, client, object: name } as const;
      const details = { pairing: made.id, uninvited: true };
      audit.append({ ...who, act: 'pairing.ask', outcome: 'done', details });
      return made;
    });
    recentAsks.wrong(ip);
    log.info('A device asks to be let in, without an invitation.', { pairing: asked.id, ip, device: name });
    services.onChange();
    return asked;
  }

  function insertClaimed(visitor: Visitor): Asked & { readonly id: string } {
    const nowMs = clock.nowMs();
    const waiting = listLivePairings(store, nowMs).flatMap(({ join }) => (join === null ? [] : [join]));
    if (isCrowded(waiting, visitor.ip)) throw errors.tooManyWaiting();
    const request = createPairingRequest.parse({ preset: 'teammate' });
    const { policy, expiresMs } = policyOf(request, { nowMs, timeZone: services.timeZone });
    const deviceCode = newTicket();
    const hashes = { ticketHash: ticketHash(deviceCode), codeHash: codeHash(codeOf(deviceCode)) };
    const id = `pair_${randomBase62(20)}`;
    const isUsual = { preset: 'teammate', autoApprove: false, replaces: null, overlapMs: null } as const;
    insertPairing(store, { id, policy, ...isUsual, uninvited: true, createdMs: nowMs, expiresMs, ...hashes });
    const matchCode = newMatchCode(new Set(waiting.map((join) => join.matchCode)));
    claimPairing(store, id, { ...visitor, via: 'ticket', askedMs: nowMs, matchCode, expiresMs });
    return { id, deviceCode, matchCode, expiresMs };
  }

  function poll(deviceCode: string, { ip, client }: Pick<Visitor, 'ip' | 'client'>): Polled {
    const pairing = findPairingByHash(store, 'ticket', ticketHash(deviceCode));
    if (pairing === null || !pairing.uninvited || pairing.join?.ip !== ip) {
      // Counts what there never was as a guess. The ticket of an invitation is redeemed elsewhere.
      device.look(deviceCode, ip);
      throw errors.gone();
    }
    return outcomeOf(pairing, () =>
      device.redeem({ via: 'ticket', text: deviceCode }, { ip, device: pairing.join?.device ?? '', client }),
    );
  }

  function outcomeOf(pairing: StoredPairing, redeem: () => ReturnType<DeviceSide['redeem']>): Polled {
    const state = stateOf(pairing, clock.nowMs());
    switch (state) {
      case 'denied':
        return { outcome: 'denied' };
      case 'expired':
      case 'closed':
        return { outcome: 'expired' };
      case 'open':
      case 'joined':
        throw errors.gone();
      case 'waiting': {
        const redemption = redeem();
        if (redemption.status === 'joined') {
          return { outcome: 'joined', key: redemption.key, record: redemption.record };
        }
        return { outcome: 'pending', slowDown: redemption.slowDown };
      }
    }
  }

  function leave(keyId: string, { ip, client }: Pick<Visitor, 'ip' | 'client'>): void {
    const key = findKey(store, keyId);
    if (key === null || key.pairedFrom === null) throw errors.notYoursToEnd();
    write(store, () => {
      revokeKey(store, keyId, clock.nowMs());
      const who = { actor: 'device', via: 'pairing', ip, client, object: key.device ?? key.name } as const;
      audit.append({ ...who, act: 'pairing.leave', outcome: 'done', details: { keyId, key: key.name } });
    });
    log.info('A device has given its key back.', { key: key.name, keyId, ip });
    services.onLeft?.(keyId);
  }

  return { ask, poll, leave };
}
