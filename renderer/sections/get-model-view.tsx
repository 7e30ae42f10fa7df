import { useState, type ReactNode } from 'react';
import { CataloguePanel } from './catalogue-panel.tsx';
import { FoundModelsPanel } from './found-models-panel.tsx';
import { HubSearchPanel } from './hub-search-panel.tsx';
import { InspectPanel } from './inspect-panel.tsx';
import { ModelFoldersPanel } from './model-folders-panel.tsx';

/** All the ways to a model: from the list, from the hub, by an address, or from what is on this computer already. */
export function GetModelView(): ReactNode {
  /** Counted, so that the same one can be chosen again. */
  const [wanted, setWanted] = useState({ uri: '', turn: 0 });
  return (
    <>
      <CataloguePanel />
      <HubSearchPanel onChoose={(uri) => setWanted(({ turn }) => ({ uri, turn: turn + 1 }))} />
      <InspectPanel key={wanted.turn} first={wanted.uri} />
      <FoundModelsPanel />
      <ModelFoldersPanel />
    </>
  );
}
