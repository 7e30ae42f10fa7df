import { keyRecord, type KeyRecord, type UpdateKeyRequest } from '../server/wire/admin.ts';
import { priceList, priceRecord, spendingOverview, teamList, teamRecord } from '../server/wire/limits.ts';
import type {
  PriceRecord,
  SetPriceRequest,
  SetTeamRequest,
  SpendingOverview,
  TeamRecord,
} from '../server/wire/limits.ts';
import { settingRecord } from '../server/wire/settings.ts';
import { call, ignored } from './api.ts';

/** What keys and teams may use, what they have spent of it, and what that is counted by. */

/** What is left out of `change` stays as it is. */
export function updateKey(wanted: {
  readonly id: string;
  readonly change: UpdateKeyRequest;
}): Promise<KeyRecord> {
  return call(keyRecord, 'PATCH', `/api/keys/${encodeURIComponent(wanted.id)}`, wanted.change);
}

export function getSpending(): Promise<SpendingOverview> {
  return call(spendingOverview, 'GET', '/api/spending');
}

export function getTeams(): Promise<TeamRecord[]> {
  return call(teamList, 'GET', '/api/teams');
}

/** Makes the team if nobody has set limits for it yet. */
export function setTeam(wanted: {
  readonly name: string;
  readonly change: SetTeamRequest;
}): Promise<TeamRecord> {
  return call(teamRecord, 'PUT', teamPath(wanted.name), wanted.change);
}

/** Its keys stay, with their own limits, and are in no team any more. */
export async function dissolveTeam(wanted: {
  readonly name: string;
  readonly keyIds: readonly string[];
}): Promise<void> {
  await call(teamRecord, 'PUT', teamPath(wanted.name), { leave: wanted.keyIds });
  await call(ignored, 'DELETE', teamPath(wanted.name));
}

function teamPath(name: string): string {
  return `/api/teams/${encodeURIComponent(name)}`;
}

export function getPrices(): Promise<PriceRecord[]> {
  return call(priceList, 'GET', '/api/prices');
}

/** What prices become; what is not named stays as it is. */
export type PriceChanges = {
  readonly currency: string | null;
  readonly removed: readonly string[];
  readonly set: readonly (SetPriceRequest & { readonly model: string })[];
};

/** One after the other; what was done before one of them fails stays done, and is done again by trying again. */
export async function changePrices({ currency, removed, set }: PriceChanges): Promise<void> {
  if (currency !== null) {
    await call(settingRecord, 'PUT', '/api/settings/money.currency', { value: currency });
  }
  for (const { model, ...price } of set) await call(priceRecord, 'PUT', pricePath(model), price);
  for (const model of removed) await call(ignored, 'DELETE', pricePath(model));
}

function pricePath(model: string): string {
  return `/api/prices/${encodeURIComponent(model)}`;
}
