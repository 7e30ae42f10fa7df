import { z } from 'zod';
import type { Store } from './open.ts';
import { getSetting, setSetting } from './settings.ts';

const name = 'cors.origins';

/** Obsidian on the desktop and on phones: its plugins are the known clients that ask from a page. */
const usual: readonly string[] = ['app://obsidian.md', 'capacitor://localhost'];

const origins = z.array(z.string());

/** Whose pages may use the API from a browser, beside our own. */
export function allowedOrigins(store: Store): readonly string[] {
  return origins.safeParse(getSetting(store, name)).data ?? usual;
}

export function setAllowedOrigins(store: Store, allowed: readonly string[]): void {
  setSetting(store, name, allowed);
}
