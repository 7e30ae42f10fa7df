import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { InspectedModel } from '../../server/wire/downloads.ts';
import { unknown } from '../format.ts';
import { Fact, Facts } from '../parts/facts.tsx';
import { FitSentence, FitSum } from '../parts/fit-sum.tsx';
import { Note } from '../parts/note.tsx';
import { useFormat } from '../use-format.ts';
import { GetButton } from './catalogue-row.tsx';
import { FreeByUnloading } from './free-by-unloading.tsx';
import styles from './inspected-view.module.css';

/** What is at an address, before anything of it is fetched: its size, its parts, what it can do, and whether it fits. */
export function InspectedView({
  model,
  action,
}: {
  readonly model: InspectedModel;
  /** Default: fetching it. Null for nothing, where the dialog has the button. */
  readonly action?: ReactNode;
}): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { canUseTools, contextTokens, sizeBytes } = model;
  return (
    <article className={styles['view']} aria-label={model.name}>
      <div className={styles['head']}>
        <h3 className={styles['name']}>{model.name}</h3>
        {action === undefined ? (
          <GetButton name={model.name} uri={model.uri} verdict={model.fit.verdict} isFirst />
        ) : (
          action
        )}
      </div>
      <FitSentence fit={model.fit} />
      <FreeByUnloading fit={model.fit} />
      <Facts>
        <Fact
          label={t('getModel.download')}
          value={sizeBytes === null ? unknown : format.fileSize(sizeBytes)}
        />
        <Fact label={t('getModel.parts')} value={t('getModel.files', { count: model.fileCount })} />
        <Fact label={t('getModel.kind')} value={kindOf(model)} />
        <Fact
          label={t('getModel.context')}
          value={
            contextTokens === null ? unknown : t('getModel.upTo', { tokens: format.integer(contextTokens) })
          }
        />
        <Fact
          label={t('getModel.tools')}
          value={canUseTools === null ? unknown : t(canUseTools ? 'getModel.yes' : 'getModel.no')}
        />
      </Facts>
      <FitSum sum={model.fit} />
      <Doubts model={model} />
    </article>
  );
}

function kindOf({ architecture, quantisation }: InspectedModel): string {
  return [architecture, quantisation?.toUpperCase()].filter(Boolean).join(' · ') || unknown;
}

/** What one should know before a long download. */
function Doubts({ model }: { readonly model: InspectedModel }): ReactNode {
  const { t } = useTranslation();
  const doubts = [
    ...(model.hasChatTemplate ? [] : [t('getModel.noTemplate')]),
    ...(model.isResumable ? [] : [t('getModel.notResumable')]),
    ...(model.hasChecksum ? [] : [t('getModel.noChecksum')]),
  ];
  if (doubts.length === 0) return null;
  return (
    <Note tone="quiet">
      <ul>
        {doubts.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </Note>
  );
}
