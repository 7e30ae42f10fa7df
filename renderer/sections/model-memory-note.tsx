import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireModel } from '../../server/wire/admin.ts';
import { sumFor } from '../fit.ts';
import { FitSum } from '../parts/fit-sum.tsx';
import { Note } from '../parts/note.tsx';
import { useCatalogue } from '../queries.ts';
import { useFormat } from '../use-format.ts';

type ModelMemoryNoteProps = {
  readonly model: WireModel;
  /** As typed; null where the computer chooses. */
  readonly slots: number | null;
  readonly contextTokens: number | null;
  readonly isOwn: boolean;
};

/** What the choice costs: the sum, by what the model's header says, else what is known of it now. */
export function ModelMemoryNote(props: ModelMemoryNoteProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { model, slots, contextTokens, isOwn } = props;
  const { header } = model;
  const freeBytes = useCatalogue().data?.models[0]?.fit.freeBytes ?? null;
  const plan = isOwn ? { slots, contextTokens } : { slots: model.slots, contextTokens: model.contextTokens };
  if (plan.slots === null || plan.contextTokens === null) {
    return <Note tone="quiet">{t('modelSettings.computerChooses')}</Note>;
  }
  const settled = { slots: plan.slots, contextTokens: plan.contextTokens };
  if (header !== undefined && freeBytes !== null) {
    // What the model itself holds now is free for its next load.
    const forIt = freeBytes + (model.memory.measuredBytes ?? 0);
    return <FitSum sum={sumFor({ ...header, sizeBytes: model.sizeBytes }, settled, forIt)} />;
  }
  const isAsNow = settled.slots === model.slots && settled.contextTokens === model.contextTokens;
  return (
    <Note tone="quiet">
      <p>
        {t('modelSettings.product', {
          count: settled.slots,
          tokens: format.integer(settled.contextTokens),
          together: format.integer(settled.slots * settled.contextTokens),
        })}
      </p>
      {model.memory.measuredBytes !== null && (
        <p>
          {t(isAsNow ? 'modelSettings.measuredAsNow' : 'modelSettings.measuredOtherwise', {
            size: format.fileSize(model.memory.measuredBytes),
            count: model.slots ?? 0,
            tokens: format.integer(model.contextTokens ?? 0),
          })}
        </p>
      )}
    </Note>
  );
}
