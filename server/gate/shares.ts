import { playgroundKeyId } from '../core/playground.ts';
import { noLimits, teamAccount, type Limits } from '../core/policy.ts';
import type { Account } from './account.ts';
import type { KnownKey } from './known-keys.ts';
import type { Whose } from './refusals.ts';

/** One account a request counts in, and what is allowed there. A request must fit in all of its shares. */
export type Share = { readonly whose: Whose; readonly account: Account; readonly limits: Limits };

/** The key's and the team's own: every request of the key counts there. */
export function ownShares(
  { principal, team }: KnownKey,
  accountOf: (id: string) => Account,
): readonly Share[] {
  // What the server asks for itself counts nowhere, nor what the owner asks as nobody.
  if (principal.pass !== undefined || principal.keyId === playgroundKeyId) return [];
  const key: Share = {
    whose: { kind: 'key', name: principal.keyName, model: null },
    account: accountOf(keyAccount(principal.keyId)),
    limits: principal.limits,
  };
  if (team === null) return [key];
  return [
    key,
    {
      whose: { kind: 'team', name: team.name, model: null },
      account: accountOf(teamAccount(team.name)),
      limits: team.limits ?? noLimits,
    },
  ];
}

/** The key's for one model; null where it has no limits of its own. */
export function modelShare(
  { principal, modelLimits }: KnownKey,
  model: string,
  accountOf: (id: string) => Account,
): Share | null {
  const limits = modelLimits.get(model);
  if (limits === undefined) return null;
  return {
    whose: { kind: 'key', name: principal.keyName, model },
    account: accountOf(keyAccount(principal.keyId, model)),
    limits,
  };
}

/** Ids of keys hold no slash, so a model's name may. */
export function keyAccount(keyId: string, model?: string): string {
  return model === undefined ? `key:${keyId}` : `key:${keyId}/${model}`;
}

/** The key whose account for all models it is; null for another. */
export function keyOfAccount(account: string): string | null {
  return /^key:([^/]*)$/.exec(account)?.[1] ?? null;
}
