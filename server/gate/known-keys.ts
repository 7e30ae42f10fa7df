import type { Limits } from '../core/policy.ts';
import type { Principal } from '../core/principal.ts';
import { findShownKey, type ShownKey } from '../store/former-keys.ts';
import type { StoredKey } from '../store/keys.ts';
import type { Store } from '../store/open.ts';
import { currencyOf, everyModel, listPrices } from '../store/prices.ts';
import { findTeam } from '../store/teams.ts';
import { compileAddresses } from '../core/ip-address.ts';

/** A key as the gate needs it: who it is, and its policy made ready to be asked. */
export type KnownKey = {
  readonly principal: Principal;
  readonly stored: Pick<StoredKey, 'expiresMs' | 'revokedMs' | 'pausedMs'>;
  readonly mayComeFrom: (address: string) => boolean;
  readonly modelLimits: ReadonlyMap<string, Limits>;
  /** Null where the key names no team. */
  readonly team: { readonly name: string; readonly limits: Limits | null; readonly isPaused: boolean } | null;
};

/** Per token, in billionths of the currency. */
export type Price = { readonly input: number; readonly output: number };

export type KnownKeys = {
  /** By the key's SHA-256; null for a key that was never there. Revoked and expired ones are given. */
  readonly find: (hash: Buffer) => KnownKey | null;
  /** Null for a model without a price. */
  readonly priceOf: (modelId: string) => Price | null;
  readonly currency: () => string;
};

/** Keys that are tried and not there must not fill the memory; an office has far fewer that are. */
const mostKept = 10_000;

/**
 * Keys and what belongs to them, read once and kept until anything of them changes; so a change counts from the next
 * request, whoever makes it, and no request reads the database for them.
 */
export function openKnownKeys(store: Store): KnownKeys {
  let version = -1;
  let keys = new Map<string, KnownKey>();
  let prices = new Map<string, Price>();
  let currency = '';

  function upToDate(): void {
    if (version === store.policyVersion) return;
    version = store.policyVersion;
    keys = new Map();
    prices = readPrices(store);
    currency = currencyOf(store);
  }
  return {
    find(hash) {
      upToDate();
      const name = hash.toString('latin1');
      const kept = keys.get(name);
      if (kept !== undefined) return kept;
      const shown = findShownKey(store, hash);
      if (shown === null) return null;
      const known = withFormer(toKnownKey(store, shown.key), shown);
      if (keys.size < mostKept) keys.set(name, known);
      return known;
    },
    priceOf(modelId) {
      upToDate();
      return prices.get(modelId) ?? prices.get(everyModel) ?? null;
    },
    currency() {
      upToDate();
      return currency;
    },
  };
}

/** A text from before it was replaced is the same key, with its limits and what it has spent, but ends sooner. */
function withFormer(known: KnownKey, { former }: ShownKey): KnownKey {
  if (former === null) return known;
  const { principal, stored } = known;
  return {
    ...known,
    principal: { ...principal, formerHint: former.hint },
    stored: { ...stored, expiresMs: earlier(stored.expiresMs, former.endsMs) },
  };
}

/** What the gate knows of a key as it is stored now. */
export function toKnownKey(store: Store, stored: StoredKey): KnownKey {
  const { id, name, person, team, device, role, models, policy } = stored;
  const limits = team === null ? null : findTeam(store, team);
  return {
    principal: { ...policy, keyId: id, keyName: name, person, team, device, role, models },
    stored,
    mayComeFrom: compileAddresses(policy.ips),
    modelLimits: new Map(Object.entries(policy.modelLimits)),
    team:
      team === null
        ? null
        : {
            name: team,
            limits: limits?.limits ?? null,
            isPaused: limits !== null && limits.pausedMs !== null,
          },
  };
}

function earlier(endsMs: number | null, otherMs: number): number {
  return endsMs === null ? otherMs : Math.min(endsMs, otherMs);
}

/** A price per million in whole currency is a thousand times that in billionths per token. */
function readPrices(store: Store): Map<string, Price> {
  return new Map(
    listPrices(store).map(({ model, input, output }) => [
      model,
      { input: input * 1000, output: output * 1000 },
    ]),
  );
}
