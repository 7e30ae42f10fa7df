import { useLayoutEffect, useSyncExternalStore } from 'react';

/**
 * Forms that hold what is not saved yet. Leaving the page, or a click on another one within the console, asks first
 * (`parts/unsaved-guard.tsx`); closing the tab asks by the browser's own words.
 */

const dirty = new Set<symbol>();
const listeners = new Set<() => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Whether something would be lost now. */
export function hasUnsaved(): boolean {
  return dirty.size > 0;
}

export function useHasUnsaved(): boolean {
  return useSyncExternalStore(listen, hasUnsaved);
}

type Held = { readonly address: string; readonly ask: (wanted: URL) => void };
let held: Held | null = null;

/** Whoever goes back in the browser's history stays at this address, and is asked. Returns the way to let them go. */
export function holdAddress(address: string, ask: (wanted: URL) => void): () => void {
  const own = { address, ask };
  held = own;
  return () => {
    if (held === own) held = null;
  };
}

// Listens from the beginning, since the router must not hear of it: of the window's listeners the first one is called first.
addEventListener('popstate', (event) => {
  if (held === null || !hasUnsaved() || location.href === held.address) return;
  event.stopImmediatePropagation();
  const wanted = new URL(location.href);
  history.pushState(null, '', held.address);
  held.ask(wanted);
});

/** To be called by every form with fields; `isDirty`: its fields are others than what is saved. */
export function useUnsaved(isDirty: boolean): void {
  // Before the browser does anything else: an effect behind the painting could come too late for a tab that is closed.
  useLayoutEffect(() => {
    if (!isDirty) return undefined;
    const form = Symbol('form');
    dirty.add(form);
    tell();
    return () => {
      dirty.delete(form);
      tell();
    };
  }, [isDirty]);
}
