import { Button } from '@mantine/core';
import { Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireModel } from '../../server/wire/admin.ts';
import * as api from '../api.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { IconButton } from '../parts/icon-button.tsx';
import { StarterBadge } from '../parts/model-badge.tsx';
import { LoadProgress, ModelFacts } from '../parts/model-facts.tsx';
import { ModelState } from '../parts/state-word.tsx';
import { useModelChange } from '../queries.ts';
import styles from './model-card.module.css';

/** One model: what it is, what it does now, and the one thing to do with it next. */
export function ModelCard({
  model,
  onRemove,
}: {
  readonly model: WireModel;
  readonly onRemove: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const load = useModelChange(api.loadModel);
  const unload = useModelChange(api.unloadModel);
  const error = load.error ?? unload.error;
  return (
    <li className={styles['card']}>
      <div className={styles['head']}>
        <div className={styles['names']}>
          <h2 className={styles['name']}>{model.id}</h2>
          {model.source === 'starter' && <StarterBadge />}
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
              load.reset();
              unload.mutate(model.id);
            }}
          />
          {model.source === 'added' && (
            <IconButton
              label={t('models.removeWhat', { model: model.id })}
              icon={<Trash2 size={18} aria-hidden />}
              onClick={onRemove}
            />
          )}
        </div>
      </div>
      <LoadProgress model={model} />
      {model.reason !== null && <p className={styles['reason']}>{model.reason}</p>}
      {/* Where the model itself has failed, its reason already says so. */}
      {error !== null && model.state !== 'failed' && <ErrorNote error={error} />}
      <ModelFacts model={model} />
      <p className={styles['path']} title={model.path}>
        {model.path}
      </p>
    </li>
  );
}

type LoadButtonProps = {
  readonly model: WireModel;
  readonly isBusy: boolean;
  readonly onLoad: () => void;
  readonly onUnload: () => void;
};

function LoadButton({ model, isBusy, onLoad, onUnload }: LoadButtonProps): ReactNode {
  const { t } = useTranslation();
  switch (model.state) {
    case 'ready':
    case 'busy':
      return (
        <Button
          variant="default"
          loading={isBusy}
          aria-label={t('models.unloadWhat', { model: model.id })}
          onClick={onUnload}
        >
          {t('models.unload')}
        </Button>
      );
    case 'loading':
      return null;
    case 'off':
    case 'failed':
      return (
        <Button
          variant="default"
          loading={isBusy}
          aria-label={t('models.loadWhat', { model: model.id })}
          onClick={onLoad}
        >
          {t('models.load')}
        </Button>
      );
    default:
      return model.state satisfies never;
  }
}
