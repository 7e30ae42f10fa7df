import { hostname } from 'node:os';
import { z } from 'zod';
import { officeNameText } from '../wire/office-model.ts';
import { setSetting, settingReader } from './settings.ts';
import type { Store } from './open.ts';

const settingName = 'office.name';

/** What the server is called until the owner gives it a name; certificates go on to bear it. */
export function usualOfficeName(): string {
  return `Inglenook on ${hostname().split('.')[0] ?? 'this computer'}`;
}

const kept: (store: Store) => string | null = settingReader(settingName, (value) =>
  z
    .string()
    .nullable()
    .catch(null)
    .parse(value ?? null),
);

/** What pairing pages, teammates' own pages and announcements call this server. */
export function officeName(store: Store): string {
  return kept(store) ?? usualOfficeName();
}

/** Null: the usual one again. @throws ZodError for what is no such name */
export function setOfficeName(store: Store, name: string | null): void {
  const wished = name === null ? null : officeNameText.parse(name);
  setSetting(store, settingName, wished === usualOfficeName() ? null : wished);
}
