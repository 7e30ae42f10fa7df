import type { ReactNode } from 'react';
import { CataloguePanel } from './catalogue-panel.tsx';
import { FoundModelsPanel } from './found-models-panel.tsx';
import { InspectPanel } from './inspect-panel.tsx';
import { ModelFoldersPanel } from './model-folders-panel.tsx';

/** All the ways to a model: from the list, by an address, or from what is on this computer already. */
export function GetModelView(): ReactNode {
  return (
    <>
      <CataloguePanel />
      <InspectPanel />
      <FoundModelsPanel />
      <ModelFoldersPanel />
    </>
  );
}
