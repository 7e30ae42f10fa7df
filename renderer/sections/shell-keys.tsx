import { lazy, useMemo, useState, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { useShortcuts } from '../shortcuts.ts';
import { LazyPart } from '../parts/lazy-part.tsx';
import { ShortcutListContext } from '../parts/shortcut-list-context.ts';

/** Fetched at the first press: most people never ask for them. */
const CommandPalette = lazy(async () => ({
  default: (await import('./command-palette.tsx')).CommandPalette,
}));
const ShortcutList = lazy(async () => ({
  default: (await import('../parts/shortcut-list.tsx')).ShortcutList,
}));

type Shown = 'none' | 'palette' | 'list';

/** What the console's keys open. Once fetched they stay, so that closing gives the focus back. */
export function ShellKeys({ children }: { readonly children: ReactNode }): ReactNode {
  const [, navigate] = useLocation();
  const [shown, setShown] = useState<Shown>('none');
  const [wasShown, setWasShown] = useState<ReadonlySet<Shown>>(new Set());
  const actions = useMemo(() => {
    const show = (what: Shown): void => {
      setShown(what);
      setWasShown((before) => new Set(before).add(what));
    };
    return { go: navigate, openPalette: () => show('palette'), openList: () => show('list') };
  }, [navigate]);
  useShortcuts(actions);
  const close = (): void => setShown('none');
  return (
    <ShortcutListContext value={actions.openList}>
      {children}
      {wasShown.has('palette') && (
        <LazyPart waiting={null}>
          <CommandPalette isOpen={shown === 'palette'} onClose={close} />
        </LazyPart>
      )}
      {wasShown.has('list') && (
        <LazyPart waiting={null}>
          <ShortcutList isOpen={shown === 'list'} onClose={close} />
        </LazyPart>
      )}
    </ShortcutListContext>
  );
}
