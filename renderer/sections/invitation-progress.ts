import type { KeyRecord } from '../../server/wire/admin.ts';
import type { CreatedPairing } from '../../server/wire/pairing.ts';
import { useKeys, usePairings } from '../queries.ts';
import { isAsking, type JoinRequest } from './join-decision.tsx';

/** How far an invitation has come. */
export type InvitationProgress = { readonly triedAgainFrom: string | null } & (
  | { readonly phase: 'open'; readonly expiresAt: string }
  | { readonly phase: 'asking'; readonly pairing: JoinRequest }
  | { readonly phase: 'allowed' }
  /** `name` is the key's; null until the list of keys has it. */
  | { readonly phase: 'joined' | 'seen'; readonly keyId: string | null; readonly name: string | null }
  | { readonly phase: 'ended'; readonly why: 'denied' | 'expired' | 'closed' | 'guessing' }
);

export function useInvitationProgress(created: CreatedPairing): InvitationProgress {
  const pairing = usePairings().data?.find(({ id }) => id === created.id);
  const keyId = pairing?.keyId ?? null;
  const key = useKeys().data?.find(({ id }) => id === keyId);

  if (pairing === undefined) return { phase: 'open', expiresAt: created.expiresAt, triedAgainFrom: null };
  const { state, triedAgainFrom } = pairing;
  if (isAsking(pairing)) return { phase: 'asking', pairing, triedAgainFrom };
  switch (state) {
    case 'open':
      return { phase: 'open', expiresAt: pairing.expiresAt, triedAgainFrom };
    case 'waiting':
      return { phase: 'allowed', triedAgainFrom };
    case 'joined': {
      // Every request that ends has the keys asked for again; even one of which this page has not heard counts.
      const wasSeen = key !== undefined && wasUsedAnew(key);
      return { phase: wasSeen ? 'seen' : 'joined', keyId, name: key?.name ?? null, triedAgainFrom };
    }
    case 'closed':
      return {
        phase: 'ended',
        why: pairing.closedBy === 'guessing' ? 'guessing' : 'closed',
        triedAgainFrom,
      };
    case 'denied':
    case 'expired':
      return { phase: 'ended', why: state, triedAgainFrom };
    default:
      return state satisfies never;
  }
}

/** By the text that it has now, not only by one of before. */
function wasUsedAnew({ lastUsedAt, replacedAt, formerKeys }: KeyRecord): boolean {
  if (lastUsedAt === null) return false;
  if (replacedAt === null) return true;
  return lastUsedAt >= replacedAt && formerKeys.every((former) => former.lastUsedAt !== lastUsedAt);
}
