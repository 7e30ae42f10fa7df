import { addedNames, aliasList, savedAlias, unknownNameList } from '../server/wire/aliases.ts';
import type {
  AddedNames,
  AliasRecord,
  SavedAlias,
  SetAliasRequest,
  UnknownNameRecord,
} from '../server/wire/aliases.ts';
import { call, ignored } from './api.ts';

/** The names that tools use, and those that nobody has defined. */

export function getAliases(): Promise<AliasRecord[]> {
  return call(aliasList, 'GET', '/api/aliases');
}

/** What is left out stays as it is; see `SetAliasRequest`. */
export function setAlias({
  name,
  ...wish
}: SetAliasRequest & { readonly name: string }): Promise<SavedAlias> {
  return call(savedAlias, 'PUT', `/api/aliases/${encodeURIComponent(name)}`, wish);
}

export async function removeAlias(name: string): Promise<void> {
  await call(ignored, 'DELETE', `/api/aliases/${encodeURIComponent(name)}`);
}

/** The names that tools have built in, each led to one of the four. */
export function addUsualNames(): Promise<AddedNames> {
  return call(addedNames, 'POST', '/api/aliases/usual-names');
}

export function getUnknownNames(): Promise<UnknownNameRecord[]> {
  return call(unknownNameList, 'GET', '/api/unknown-names');
}

/** It comes back with the next request for it. */
export async function forgetUnknownName(name: string): Promise<void> {
  await call(ignored, 'DELETE', `/api/unknown-names/${encodeURIComponent(name)}`);
}
