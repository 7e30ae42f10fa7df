import type { ReactNode } from 'react';
import { PersonDataPanel } from './person-data-panel.tsx';
import { RetentionPanel } from './retention-panel.tsx';
import { TraceSearchPanel } from './trace-search-panel.tsx';
import { TracedKeysPanel } from './traced-keys-panel.tsx';
import { TracingPanel } from './tracing-panel.tsx';

/** Whose prompts are kept, how long anything is kept, and what is held of one person. */
export function PrivacyView(): ReactNode {
  return (
    <>
      <TracingPanel />
      <TracedKeysPanel />
      <TraceSearchPanel />
      <RetentionPanel />
      <PersonDataPanel />
    </>
  );
}
