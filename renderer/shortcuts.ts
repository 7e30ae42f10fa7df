import { useEffect, useSyncExternalStore } from 'react';

/** Keys of the whole console. Each can be done without; who works by voice, or types a lot, can switch them off. */

/** The second key after `g`, and where it leads. */
export const goTo = {
  h: '/',
  m: '/models',
  p: '/people',
  u: '/usage',
  t: '/playground',
  c: '/connect',
  s: '/settings',
} as const;
type GoKey = keyof typeof goTo;

export type ShortcutActions = {
  readonly go: (path: string) => void;
  readonly openPalette: () => void;
  readonly openList: () => void;
};

/** Whoever presses `g` and thinks for longer means something else by then. */
const secondKeyMs = 1_500;

export function useShortcuts(actions: ShortcutActions): void {
  const isOn = useShortcutsOn();
  useEffect(() => {
    if (!isOn) return undefined;
    const press = keyReader(actions, () => performance.now());
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [isOn, actions]);
}

/** Remembers a `g` until the next key. */
function keyReader(actions: ShortcutActions, nowMs: () => number): (event: KeyboardEvent) => void {
  let goUntilMs = 0;
  return (event) => {
    if (event.defaultPrevented || event.isComposing || event.repeat || isDialogOpen()) return;
    if (isPaletteKey(event)) {
      event.preventDefault();
      actions.openPalette();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const isSecond = nowMs() < goUntilMs;
    goUntilMs = 0;
    const path = isSecond ? pathOf(event.key) : null;
    if (path !== null) {
      event.preventDefault();
      actions.go(path);
    } else if (event.key === 'g') goUntilMs = nowMs() + secondKeyMs;
    else if (event.key === '/') {
      // Firefox would look for words on the page.
      event.preventDefault();
      search(actions);
    } else if (event.key === '?') {
      event.preventDefault();
      actions.openList();
    }
  };
}

function isPaletteKey({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean {
  return key.toLowerCase() === 'k' && ctrlKey !== metaKey && !altKey && !shiftKey;
}

function pathOf(key: string): string | null {
  return Object.hasOwn(goTo, key) ? goTo[key as GoKey] : null;
}

/** The page's own search, or the palette where it has none. */
function search({ openPalette }: ShortcutActions): void {
  const field = document.querySelector<HTMLInputElement>('main input[type=search]');
  if (field === null) return openPalette();
  field.focus();
  field.select();
}

function isDialogOpen(): boolean {
  return document.querySelector('[role=dialog]') !== null;
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null
  );
}

// --- the switch --------------------------------------------------------------------------------------------

const storageKey = 'inglenook-shortcuts';
const listeners = new Set<() => void>();
/** For where storage is forbidden: until the page is closed. */
let isOnHere: boolean | null = null;

export function useShortcutsOn(): boolean {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    addEventListener('storage', listener);
    return () => {
      listeners.delete(listener);
      removeEventListener('storage', listener);
    };
  }, isOn);
}

export function setShortcutsOn(on: boolean): void {
  isOnHere = on;
  try {
    localStorage.setItem(storageKey, on ? 'on' : 'off');
    isOnHere = null;
  } catch {
    // Kept above.
  }
  for (const listener of listeners) listener();
}

function isOn(): boolean {
  if (isOnHere !== null) return isOnHere;
  try {
    return localStorage.getItem(storageKey) !== 'off';
  } catch {
    return true;
  }
}

/** ⌘ on Apple's keyboards, Ctrl on others. */
export function commandKey(): string {
  return navigator.userAgent.includes('Mac') ? '⌘' : 'Ctrl';
}
