import { Settings2, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireModel } from '../../server/wire/admin.ts';
import * as api from '../api.ts';
import { Chip } from '../parts/chip.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { IconButton } from '../parts/icon-button.tsx';
import { LoadButton } from '../parts/load-button.tsx';
import { StarterBadge } from '../parts/model-badge.tsx';
import { LoadProgress, ModelFacts } from '../parts/model-facts.tsx';
import { ModelState } from '../parts/state-word.tsx';
import { useModelChange } from '../queries.ts';
import styles from './model-card.module.css';
import { ModelCheckView } from './model-check-view.tsx';
import { ModelRemarks } from './model-remarks.tsx';

type ModelCardProps = {
  readonly model: WireModel;
  readonly onSettings: () => void;
  readonly onRemove: () => void;
};

/** One model: what it is, what it does now, and the one thing to do with it next. */
export function ModelCard({ model, onSettings, onRemove }: ModelCardProps): ReactNode {
  const { t } = useTranslation();
  const load = useModelChange(api.loadModel);
  const unload = useModelChange(api.unloadModel);
  const error = load.error ?? unload.error;
  return (
    <li className={styles['card']}>
      <div className={styles['head']}>
        <div className={styles['names']}>
          <h2 className={styles['name']}>{model.id}</h2>
          <ModelChips model={model} />
          <ModelState state={model.state} />
        </div>
        <div className={styles['actions']}>
          <LoadButton
            model={model}
            isBusy={load.isPending || unload.isPending}
            onLoad={() => {
              unload.reset();
              load.mutate(model.id);
            }}
            onUnload={() => {
              // What is not to be loaded any more is no error of the loading.
              load.reset();
              unload.mutate(model.id);
            }}
          />
          <IconButton
            label={t('models.settingsOf', { model: model.id })}
            icon={<Settings2 size={18} aria-hidden />}
            onClick={onSettings}
          />
          {canBeRemoved(model) && (
            <IconButton
              label={t('models.removeWhat', { model: model.id })}
              icon={<Trash2 size={18} aria-hidden />}
              onClick={onRemove}
            />
          )}
        </div>
      </div>
      <LoadProgress model={model} />
      <ModelRemarks model={model} />
      {/* Where the model itself has failed, its reason already says so. */}
      {error !== null && model.state !== 'failed' && <ErrorNote error={error} />}
      <ModelFacts model={model} />
      <ModelCheckView model={model.id} engine={model.engine} />
      {model.threadsReason !== null && model.backend === 'cpu' && (
        <p className={styles['small']}>{t('models.threadsWhy', { reason: model.threadsReason })}</p>
      )}
      <p className={styles['path']} title={model.path}>
        {model.path}
      </p>
    </li>
  );
}

/** What lies in a folder comes and goes with the folder, and the starter model stays. */
function canBeRemoved({ source }: WireModel): boolean {
  return source === 'added' || source === 'pulled';
}

function ModelChips({ model: { source, settings } }: { readonly model: WireModel }): ReactNode {
  const { t } = useTranslation();
  return (
    <>
      {source === 'starter' && <StarterBadge />}
      {settings.pinned && <Chip tone="quiet">{t('models.pinned')}</Chip>}
      {settings.preload && <Chip tone="quiet">{t('models.preload')}</Chip>}
    </>
  );
}
