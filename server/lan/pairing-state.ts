import type { JoinVia, StoredJoin, StoredPairing } from '../store/pairing.ts';
import type { PairingRecord } from '../wire/pairing.ts';

/** A device that wants in, by what can be seen of it. */
export type Visitor = {
  /** Without the `::ffff:` of IPv4 on an IPv6 socket. */
  readonly ip: string;
  /** What it calls itself. */
  readonly device: string;
  /** Its User-Agent. */
  readonly client: string | null;
};

/**
 * | state   | the first device …  | the same again …    | any other … | ends by                     |
 * | open    | becomes the asker   |                     |             | expiry, closing, guessing   |
 * | waiting |                     | waits, or gets in   | 410, noted  | expiry, denial, closing     |
 * | joined  |                     | 410, noted          | 410, noted  |                             |
 * | denied, expired, closed: 410 for everybody                                                    |
 */
export function stateOf(pairing: StoredPairing, nowMs: number): PairingRecord['state'] {
  if (pairing.usedMs !== null) return 'joined';
  if (pairing.deniedMs !== null) return 'denied';
  if (pairing.closedMs !== null) return 'closed';
  if (pairing.expiresMs <= nowMs) return 'expired';
  return pairing.join === null ? 'open' : 'waiting';
}

/** The first device is known again by its address and its name. */
export function isSameDevice(join: StoredJoin | null, visitor: Visitor): boolean {
  return join !== null && join.ip === visitor.ip && join.device === visitor.device;
}

/** A typed code always needs the owner's yes; a ticket does not where the owner has said so beforehand. */
export function isApproved(pairing: StoredPairing, via: JoinVia): boolean {
  return pairing.approvedMs !== null || (pairing.autoApprove && via === 'ticket');
}

/** Later if need be, but never later than the key itself would end. */
export function extendedTo(pairing: StoredPairing, wantedMs: number): number {
  const { expiresAt } = pairing.policy;
  const keyEndsMs =
    expiresAt === null || expiresAt === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(expiresAt);
  return Math.min(Math.max(pairing.expiresMs, wantedMs), keyEndsMs);
}

export function toPairingRecord(pairing: StoredPairing, nowMs: number): PairingRecord {
  const { join } = pairing;
  return {
    id: pairing.id,
    person: pairing.policy.person ?? null,
    device: pairing.policy.device ?? null,
    preset: pairing.preset,
    createdAt: toIso(pairing.createdMs),
    expiresAt: toIso(pairing.expiresMs),
    state: stateOf(pairing, nowMs),
    join:
      join === null
        ? null
        : {
            device: join.device,
            ip: join.ip,
            client: join.client,
            matchCode: join.matchCode,
            via: join.via,
            askedAt: toIso(join.askedMs),
            approvedAt: pairing.approvedMs === null ? null : toIso(pairing.approvedMs),
          },
    keyId: pairing.keyId,
    replaces: pairing.replaces,
    uninvited: pairing.uninvited,
    triedAgainFrom: pairing.triedAgainFrom,
    closedBy: pairing.closedBy,
  };
}

function toIso(ms: number): string {
  return new Date(ms).toISOString();
}
