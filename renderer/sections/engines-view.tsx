import { lazy, type ReactNode } from 'react';
import { LazyPart } from '../parts/lazy-part.tsx';
import { EnginePanel } from './engine-panel.tsx';
import { NeighboursPanel } from './neighbours-panel.tsx';
import { OllamaPanel } from './ollama-panel.tsx';
import { UpstreamsPanel } from './upstreams-panel.tsx';

const GraphicsPanel = lazy(async () => ({ default: (await import('./graphics-panel.tsx')).GraphicsPanel }));

/** Who answers: the engine that comes with Inglenook, Ollama on this computer, and servers elsewhere. */
export function EnginesView(): ReactNode {
  return (
    <>
      <EnginePanel />
      <OllamaPanel />
      <UpstreamsPanel />
      <NeighboursPanel />
      <LazyPart>
        <GraphicsPanel />
      </LazyPart>
    </>
  );
}
