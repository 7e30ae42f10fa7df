import { restoringAnswer, type RestoreAtSetUp, type RestoringAnswer } from '../server/wire/backup.ts';
import { download, type WireDownload } from '../server/wire/downloads.ts';
import type { SessionState } from '../server/wire/admin.ts';
import {
  internetState,
  machineState,
  type InternetState,
  type MachineState,
} from '../server/wire/machine.ts';
import { officeModelState, type OfficeModelState } from '../server/wire/office-model.ts';
import { call, getSession, ignored, setSetting } from './api.ts';

/** The first run, and what Home says of it. */

export type FirstPassword = {
  /** What the one-time link carries; null in the app’s own window, which is in already. */
  readonly token: string | null;
  /** Empty only in the window: then none is set. */
  readonly password: string;
  /** Empty: the usual one. */
  readonly officeName: string;
};

/** @throws ApiError with the field that is meant, as the server names it */
export async function setFirstPassword({
  token,
  password,
  officeName,
}: FirstPassword): Promise<SessionState> {
  const named = officeName === '' ? {} : { officeName };
  if (token !== null) {
    await call(ignored, 'POST', '/api/setup', { token, password, ...named });
    return getSession();
  }
  if (officeName !== '') await setSetting({ name: 'office.name', value: officeName });
  if (password !== '') await call(ignored, 'POST', '/api/password', { password });
  return getSession();
}

/** In place of a first password. Afterwards the server starts again, and the backup’s own password holds. */
export function restoreAtSetUp(wanted: RestoreAtSetUp): Promise<RestoringAnswer> {
  return call(restoringAnswer, 'POST', '/api/setup/restore', wanted);
}

export function getInternet(): Promise<InternetState> {
  return call(internetState, 'GET', '/api/internet');
}

export function getMachine(): Promise<MachineState> {
  return call(machineState, 'GET', '/api/machine');
}

/** Once it is here and has answered, the office’s names lead to it. */
export function downloadForOffice(uri: string): Promise<WireDownload> {
  return call(download, 'POST', '/api/downloads', { uri, forOffice: true });
}

export function getOfficeModel(): Promise<OfficeModelState> {
  return call(officeModelState, 'GET', '/api/office-model');
}

export function undoOfficeModel(): Promise<OfficeModelState> {
  return call(officeModelState, 'POST', '/api/office-model/undo');
}

export async function dismissOfficeModel(): Promise<void> {
  await call(ignored, 'DELETE', '/api/office-model');
}
