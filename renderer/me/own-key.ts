/**
 * The key in this browser: in the tab's own memory until it is closed, or on the device where that was asked for. It is
 * never in an address, which histories keep.
 */

const name = 'inglenook-own-key';

/** `sk-ink_`, 32 letters or digits, and 6 for the check sum. */
const form = /^sk-ink_[0-9A-Za-z]{38}$/;

export type OwnKey = {
  readonly text: string;
  /** Kept on this device until it is forgotten, not only in this tab. */
  readonly stays: boolean;
  /** Whom to ask, as was last heard: said also where the key opens nothing any more. */
  readonly contact: string | null;
};

export function isKey(text: string): boolean {
  return form.test(text);
}

/** Null where none is kept here. */
export function keptKey(): OwnKey | null {
  return read(() => sessionStorage, false) ?? read(() => localStorage, true);
}

/** Where storage is forbidden, the page has the key until it is left. */
export function keepKey({ stays, ...kept }: OwnKey): void {
  const [to, from] = stays
    ? [() => localStorage, () => sessionStorage]
    : [() => sessionStorage, () => localStorage];
  quietly(() => from().removeItem(name));
  quietly(() => to().setItem(name, JSON.stringify(kept)));
}

export function forgetKey(): void {
  quietly(() => sessionStorage.removeItem(name));
  quietly(() => localStorage.removeItem(name));
}

/** For the page that has just been given a key: this tab's `/me` then opens with it. */
export function handOver(text: string): void {
  keepKey({ text, stays: false, contact: null });
}

/** Told when another tab has forgotten the key that was kept on the device. */
export function onForgotten(tell: () => void): void {
  addEventListener('storage', ({ key, newValue }) => {
    if ((key === name || key === null) && newValue === null) tell();
  });
}

function read(storage: () => Storage, stays: boolean): OwnKey | null {
  const kept: unknown = quietly(() => JSON.parse(storage().getItem(name) ?? 'null'));
  if (typeof kept !== 'object' || kept === null) return null;
  const { text, contact } = kept as { readonly text?: unknown; readonly contact?: unknown };
  if (typeof text !== 'string' || !isKey(text)) return null;
  return { text, stays, contact: typeof contact === 'string' ? contact : null };
}

function quietly<T>(use: () => T): T | null {
  try {
    return use();
  } catch {
    return null;
  }
}
