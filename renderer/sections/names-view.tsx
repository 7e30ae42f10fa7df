import type { ReactNode } from 'react';
import { AliasPanel } from './alias-panel.tsx';
import { CatchAllPanel } from './catch-all-panel.tsx';
import { UnknownNamesPanel } from './unknown-names-panel.tsx';

/** What tools ask for, what answers, and what becomes of names that nobody has defined. */
export function NamesView(): ReactNode {
  return (
    <>
      <AliasPanel />
      <UnknownNamesPanel />
      <CatchAllPanel />
    </>
  );
}
