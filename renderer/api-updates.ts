import { updateState, type UpdateState } from '../server/wire/updates.ts';
import { call } from './api.ts';

/** Asks nobody but our own server. */
export function getUpdates(): Promise<UpdateState> {
  return call(updateState, 'GET', '/api/updates');
}

/** Lets it look for a newer version now. */
export function lookForUpdate(): Promise<UpdateState> {
  return call(updateState, 'POST', '/api/updates/check');
}

/** Lets it fetch the newer version's file. */
export function fetchUpdate(): Promise<UpdateState> {
  return call(updateState, 'POST', '/api/updates/download');
}
