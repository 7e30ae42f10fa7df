import { z } from 'zod';
import { setSetting, settingReader } from './settings.ts';
import type { Store } from './open.ts';

const settingName = 'office.contact';

const longest = 300;

/** What the owner may say there; null for nothing. */
export const contactText = z.union(
  [z.string().trim().min(1).max(longest), z.null()],
  `a text of up to ${longest} characters, or null`,
);

/** Whom teammates ask when something does not work, in the owner's words; null where the owner has said nothing. */
export const officeContact: (store: Store) => string | null = settingReader(settingName, (value) =>
  z
    .string()
    .nullable()
    .catch(null)
    .parse(value ?? null),
);

export function setOfficeContact(store: Store, contact: string | null): void {
  setSetting(store, settingName, contact);
}
