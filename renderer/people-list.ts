import type { KeyRecord } from '../server/wire/admin.ts';
import type { SpendingOverview } from '../server/wire/limits.ts';
import { budgetUses, type BudgetUse } from './budget.ts';
import { guessClient } from './client-name.ts';
import { isThisComputer } from './own-host.ts';

/** Which devices the page shows, and in which order; all of it is in the address. */

export const deviceStates = ['atLimit', 'paused', 'unused', 'plain'] as const;
export type DeviceState = (typeof deviceStates)[number];
export const deviceOrders = ['person', 'used', 'budget', 'expiry'] as const;
export type DeviceOrder = (typeof deviceOrders)[number];

export type DeviceView = {
  /** Words that all must be somewhere in the row. */
  readonly words: string;
  /** Null: all. */
  readonly state: DeviceState | null;
  readonly order: DeviceOrder;
  /** Whether keys that ended long ago are shown, too. */
  readonly isWithOld: boolean;
};

export function readView(search: URLSearchParams): DeviceView {
  return {
    words: search.get('q') ?? '',
    state: deviceStates.find((state) => state === search.get('state')) ?? null,
    order: deviceOrders.find((order) => order === search.get('sort')) ?? 'person',
    isWithOld: search.get('ended') === 'all',
  };
}

/** What is as usual stays out of the address. */
export function writeView({ words, state, order, isWithOld }: DeviceView): URLSearchParams {
  return new URLSearchParams({
    ...(words === '' ? {} : { q: words }),
    ...(state === null ? {} : { state }),
    ...(order === 'person' ? {} : { sort: order }),
    ...(isWithOld ? { ended: 'all' } : {}),
  });
}

export type Known = {
  /** Undefined while it is not known. */
  readonly spending: SpendingOverview | undefined;
  readonly hasPrices: boolean;
  readonly now: Date;
};

/** Those that fit, in order. People stay together: whoever has the first device comes first. */
export function shownDevices(keys: readonly KeyRecord[], view: DeviceView, known: Known): KeyRecord[] {
  const words = view.words
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const fitting = keys.filter((key) => hasWords(key, words) && isInState(key, view.state, known));
  return view.order === 'person' ? fitting : fitting.toSorted(comparing(view.order, known));
}

function hasWords(key: KeyRecord, words: readonly string[]): boolean {
  const { name, person, team, device, hint, models, lastClient, lastIp, lastHost } = key;
  const text = [
    name,
    person,
    team,
    device,
    hint,
    ...(models ?? []),
    guessClient(lastClient),
    lastIp,
    lastHost,
  ]
    .filter((part) => part !== null)
    .join('\n')
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

const dayMs = 86_400_000;
const unusedDays = 30;

function isInState(key: KeyRecord, state: DeviceState | null, known: Known): boolean {
  switch (state) {
    case null:
      return true;
    case 'atLimit':
      return usesOf(key, known).some(isUsedUp);
    case 'paused':
      return key.status === 'paused';
    case 'unused':
      return known.now.getTime() - Date.parse(key.lastUsedAt ?? key.createdAt) > unusedDays * dayMs;
    case 'plain':
      return isUnencrypted(key);
    default:
      return state satisfies never;
  }
}

export function isUsedUp({ standing }: BudgetUse): boolean {
  return standing === 'spent' || standing === 'unpriced';
}

/** Its last request crossed the network in clear. Within this computer nobody can listen. */
export function isUnencrypted({ plain, lastHost }: KeyRecord): boolean {
  return plain === true && lastHost !== null && !isThisComputer(lastHost);
}

/** Budgets that hold it back: its own and its team's, the one that is nearest to its end first. */
function usesOf({ id, team }: KeyRecord, { spending, hasPrices }: Known): BudgetUse[] {
  if (spending === undefined) return [];
  const own = spending.keys.find((key) => key.id === id)?.accounts ?? [];
  const shared = spending.teams.find(({ name }) => name === team)?.accounts ?? [];
  return budgetUses([...own, ...shared], hasPrices);
}

type Compare = (a: KeyRecord, b: KeyRecord) => number;

function comparing(order: Exclude<DeviceOrder, 'person'>, known: Known): Compare {
  switch (order) {
    case 'used':
      return (a, b) => (b.lastUsedAt ?? '').localeCompare(a.lastUsedAt ?? '');
    case 'budget': {
      const percentOf = new Map<string, number>();
      const percent = (key: KeyRecord): number => {
        const seen = percentOf.get(key.id) ?? usesOf(key, known)[0]?.percent ?? -1;
        percentOf.set(key.id, seen);
        return seen;
      };
      return (a, b) => percent(b) - percent(a);
    }
    case 'expiry':
      return (a, b) => endOf(a) - endOf(b);
    default:
      return order satisfies never;
  }
}

/** What never ends comes last; a number, since two infinite ones have no difference. */
function endOf({ expiresAt }: KeyRecord): number {
  return expiresAt === null ? Number.MAX_SAFE_INTEGER : Date.parse(expiresAt);
}

/** Keys that ended stay listed for so long, since the log still names them. */
const listedDays = 90;

export function hasEnded({ status }: KeyRecord): boolean {
  return status === 'expired' || status === 'revoked';
}

export function hasEndedLongAgo(key: KeyRecord, now: Date): boolean {
  const endedAt = key.revokedAt ?? key.expiresAt;
  return hasEnded(key) && endedAt !== null && now.getTime() - Date.parse(endedAt) > listedDays * dayMs;
}
