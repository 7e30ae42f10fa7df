import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Settings2, Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireModel } from '../../server/wire/admin.ts';
import type { AliasRecord } from '../../server/wire/aliases.ts';
import { setAlias } from '../api-names.ts';
import * as api from '../api.ts';
import { Chip } from '../parts/chip.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { IconButton } from '../parts/icon-button.tsx';
import { LoadButton } from '../parts/load-button.tsx';
import { StarterBadge } from '../parts/model-badge.tsx';
import { LoadProgress, ModelFacts } from '../parts/model-facts.tsx';
import { ModelState } from '../parts/state-word.tsx';
import { finalModel } from '../model-use.ts';
import type { ModelUse } from '../queries-models.ts';
import { useAliasChange, useModelChange } from '../queries.ts';
import { tell } from '../server-words.ts';
import { LoadAnywayDialog } from './load-anyway-dialog.tsx';
import styles from './model-card.module.css';
import { ModelCheckView } from './model-check-view.tsx';
import { ModelRemarks } from './model-remarks.tsx';
import { ModelStanding, RoleChips } from './model-standing.tsx';

type ModelCardProps = {
  readonly model: WireModel;
  /** Undefined while they are not known. */
  readonly aliases: readonly AliasRecord[] | undefined;
  readonly use: ModelUse | undefined;
  /** What its header says; null where nobody has read it. */
  readonly canUseTools: boolean | null;
  readonly onSettings: () => void;
  readonly onRemove: () => void;
};

/** One model: what it is, what it does now, and the one thing to do with it next. */
export function ModelCard(props: ModelCardProps): ReactNode {
  const { model, aliases, use, onSettings, onRemove } = props;
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
          <RoleChips model={model} canUseTools={props.canUseTools} />
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
      <LoadAnyway model={model} />
      {/* Where the model itself has failed, its reason already says so. */}
      {error !== null && model.state !== 'failed' && <ErrorNote error={error} />}
      <ModelStanding model={model} aliases={aliases} use={use} />
      <ModelFacts model={model} />
      <OfficeDefault model={model} aliases={aliases} />
      <ModelCheckView model={model.id} engine={model.engine} />
      {model.threadsReason !== null && model.backend === 'cpu' && (
        <p className={styles['small']}>
          {t('models.threadsWhy', { reason: tell(model.threadsReason) ?? model.threadsReason })}
        </p>
      )}
      <p className={styles['path']} title={model.path}>
        {model.path}
      </p>
    </li>
  );
}

/** Where it was refused for its memory: the owner may know better. */
function LoadAnyway({ model }: { readonly model: WireModel }): ReactNode {
  const { t } = useTranslation();
  const [isAsking, setIsAsking] = useState(false);
  if (model.isTooBig !== true && !isAsking) return null;
  return (
    <div>
      <Button
        variant="default"
        aria-label={t('loadAnyway.openWhat', { model: model.id })}
        onClick={() => setIsAsking(true)}
      >
        {t('loadAnyway.open')}
      </Button>
      <LoadAnywayDialog modelId={isAsking ? model.id : null} onClose={() => setIsAsking(false)} />
    </div>
  );
}

/** The name that tools ask for, so that no tool has to be touched. */
const officeName = 'office';

function OfficeDefault({ model, aliases }: Pick<ModelCardProps, 'model' | 'aliases'>): ReactNode {
  const { t } = useTranslation();
  const set = useAliasChange(setAlias);
  if (aliases === undefined || model.task !== 'generate') return null;
  if (finalModel(officeName, aliases) === model.id) {
    return (
      <div>
        <Chip tone="ok" title={t('modelCard.isDefaultMeans')}>
          {t('modelCard.isDefault')}
        </Chip>
      </div>
    );
  }
  return (
    <>
      <div>
        <Button
          variant="default"
          size="compact-sm"
          loading={set.isPending}
          aria-label={t('modelCard.makeDefaultWhat', { model: model.id })}
          onClick={() =>
            set.mutate(
              { name: officeName, model: model.id },
              {
                onSuccess: () =>
                  notifications.show({ message: t('modelCard.madeDefault', { model: model.id }) }),
              },
            )
          }
        >
          {t('modelCard.makeDefault')}
        </Button>
      </div>
      {set.error !== null && <ErrorNote error={set.error} />}
    </>
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
