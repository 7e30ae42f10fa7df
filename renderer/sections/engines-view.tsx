import type { ReactNode } from 'react';
import { NeighboursPanel } from './neighbours-panel.tsx';
import { OllamaPanel } from './ollama-panel.tsx';
import { UpstreamsPanel } from './upstreams-panel.tsx';

/** Who answers beside the built-in engine: Ollama on this computer, and servers elsewhere. */
export function EnginesView(): ReactNode {
  return (
    <>
      <OllamaPanel />
      <UpstreamsPanel />
      <NeighboursPanel />
    </>
  );
}
