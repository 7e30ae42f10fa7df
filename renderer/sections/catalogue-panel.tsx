import { Tabs } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireCatalogue } from '../../server/wire/downloads.ts';
import { sumFor, type Purpose, type Recommendation } from '../fit.ts';
import { SpeedSentence } from '../parts/fit-sum.tsx';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useCatalogue } from '../queries.ts';
import { useFormat } from '../use-format.ts';
import styles from './catalogue-panel.module.css';
import { CatalogueRow } from './catalogue-row.tsx';

const purposes = ['chat', 'code', 'autocomplete', 'embeddings'] as const satisfies readonly Purpose[];

/** Well-known models by what they are for, with what to take on this computer. */
export function CataloguePanel(): ReactNode {
  const { t } = useTranslation();
  const query = useCatalogue();
  const [purpose, setPurpose] = useState<Purpose>('chat');
  return (
    <Panel title={t('getModel.catalogue')}>
      <QueryView query={query}>
        {(catalogue) => (
          <Tabs
            value={purpose}
            onChange={(value) => setPurpose(purposes.find((known) => known === value) ?? 'chat')}
            keepMounted={false}
          >
            <Tabs.List aria-label={t('getModel.purposes')}>
              {purposes.map((value) => (
                <Tabs.Tab key={value} value={value}>
                  {t(`getModel.purpose.${value}`)}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            {purposes.map((value) => (
              <Tabs.Panel key={value} value={value} pt="md">
                <ForPurpose purpose={value} catalogue={catalogue} />
              </Tabs.Panel>
            ))}
          </Tabs>
        )}
      </QueryView>
    </Panel>
  );
}

type ForPurposeProps = { readonly purpose: Purpose; readonly catalogue: WireCatalogue };

function ForPurpose({ purpose, catalogue }: ForPurposeProps): ReactNode {
  const recommendation = catalogue.recommended.find((each) => each.purpose === purpose);
  const id = recommendation?.modelId ?? null;
  const models = catalogue.models.filter((model) => model.purposes.includes(purpose));
  // What is advised comes first; the others stay in their order, which is the list's own.
  const sorted = [...models.filter((model) => model.id === id), ...models.filter((model) => model.id !== id)];
  return (
    <div className={styles['purpose']}>
      {recommendation !== undefined && (
        <RecommendationNote recommendation={recommendation} catalogue={catalogue} />
      )}
      <ul className={styles['models']}>
        {sorted.map((model) => (
          <CatalogueRow
            key={model.id}
            model={model}
            advised={model.id === id ? (recommendation ?? null) : null}
            bytesPerSecond={catalogue.bytesPerSecond}
          />
        ))}
      </ul>
    </div>
  );
}

type RecommendationNoteProps = {
  readonly recommendation: Recommendation;
  readonly catalogue: WireCatalogue;
};

/** What to take for this purpose and for how many people, or that this computer cannot; with the numbers behind it. */
function RecommendationNote({ recommendation, catalogue }: RecommendationNoteProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { purpose, modelId, slots, contextTokens, tokensPerSecond } = recommendation;
  const model = catalogue.models.find(({ id }) => id === modelId);
  const freeBytes = catalogue.models[0]?.fit.freeBytes ?? 0;
  const free = format.fileSize(freeBytes);
  if (model === undefined || slots === null || contextTokens === null) {
    return <Note tone="attention">{t(`getModel.none.${purpose}`, { free })}</Note>;
  }
  const { neededBytes } = sumFor(model, { slots, contextTokens }, freeBytes);
  return (
    <Note tone="ok">
      {t('getModel.recommended', {
        model: model.name,
        count: slots,
        tokens: format.integer(contextTokens),
        needed: format.fileSize(neededBytes ?? 0),
        free,
      })}
      <SpeedSentence tokensPerSecond={tokensPerSecond} />
    </Note>
  );
}
