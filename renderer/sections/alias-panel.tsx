import { Button, NativeSelect } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Plus, Trash2 } from 'lucide-react';
import type { TFunction } from 'i18next';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireModel } from '../../server/wire/admin.ts';
import type { AliasRecord } from '../../server/wire/aliases.ts';
import * as api from '../api.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { IconButton } from '../parts/icon-button.tsx';
import { StarterBadge } from '../parts/model-badge.tsx';
import { Chip } from '../parts/chip.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useAliasChange, useAliases, useModels } from '../queries.ts';
import { AddAliasDialog } from './add-alias-dialog.tsx';
import styles from './alias-panel.module.css';

/** The names that tools use, and what serves each: changed here, without touching a tool. */
export function AliasPanel(): ReactNode {
  const { t } = useTranslation();
  const query = useAliases();
  const [isAdding, setIsAdding] = useState(false);
  const [leaving, setLeaving] = useState<AliasRecord | null>(null);
  return (
    <Panel
      title={t('aliases.title')}
      action={
        <Button
          variant="default"
          size="xs"
          leftSection={<Plus size={16} aria-hidden />}
          onClick={() => setIsAdding(true)}
        >
          {t('aliases.add')}
        </Button>
      }
    >
      <p className={styles['lead']}>{t('aliases.lead')}</p>
      <QueryView query={query}>
        {(aliases) => (
          <ul className={styles['list']}>
            {aliases.map((alias) => (
              <Alias key={alias.name} alias={alias} onRemove={() => setLeaving(alias)} />
            ))}
          </ul>
        )}
      </QueryView>
      <AddAliasDialog isOpen={isAdding} onClose={() => setIsAdding(false)} />
      <RemoveAliasDialog alias={leaving} onClose={() => setLeaving(null)} />
    </Panel>
  );
}

function Alias({
  alias,
  onRemove,
}: {
  readonly alias: AliasRecord;
  readonly onRemove: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const models = useModels().data ?? [];
  const move = useAliasChange(api.setAlias);
  const { name, model, builtIn, fallback } = alias;
  const shownModel = move.isPending ? move.variables.model : model;
  return (
    <li className={styles['alias']}>
      <div className={styles['names']}>
        <code className={styles['name']}>{name}</code>
        <ServingChip alias={alias} models={models} />
        {builtIn && <span className={styles['role']}>{roleSentence(t, name)}</span>}
        {fallback.length > 0 && (
          <span className={styles['role']}>{t('aliases.fallback', { models: fallback.join(', ') })}</span>
        )}
      </div>
      <div className={styles['serving']}>
        <NativeSelect
          className={styles['select'] ?? ''}
          aria-label={t('aliases.servedBy', { name })}
          value={shownModel}
          disabled={move.isPending}
          data={modelNames(models, shownModel)}
          onChange={(event) =>
            move.mutate(
              { name, model: event.currentTarget.value },
              { onSuccess: (saved) => notifications.show({ message: t('aliases.moved', { ...saved }) }) },
            )
          }
        />
        {builtIn ? (
          <span className={styles['noButton']} />
        ) : (
          <IconButton
            label={t('aliases.removeWhat', { name })}
            icon={<Trash2 size={18} aria-hidden />}
            onClick={onRemove}
          />
        )}
      </div>
      {move.error !== null && <ErrorNote error={move.error} />}
    </li>
  );
}

function ServingChip(props: {
  readonly alias: AliasRecord;
  readonly models: readonly WireModel[];
}): ReactNode {
  const { t } = useTranslation();
  const { alias, models } = props;
  if (alias.isTestModel) return <StarterBadge />;
  const serving = models.find(({ id }) => id === alias.model);
  if (serving === undefined) return <Chip>{t('aliases.noSuchModel')}</Chip>;
  return serving.state === 'failed' ? <Chip>{t('aliases.modelFailed')}</Chip> : null;
}

/** One that is not there (yet) stays in the list, or the choice would look different from what it is. */
function modelNames(models: readonly WireModel[], chosen: string): string[] {
  const ids = models.map(({ id }) => id);
  return chosen === '' || ids.includes(chosen) ? ids : [...ids, chosen];
}

/** A built-in name that a newer server has is shown without a remark. */
function roleSentence(t: TFunction, name: string): string {
  switch (name) {
    case 'office':
    case 'office-code':
    case 'office-autocomplete':
    case 'office-embed':
      return t(`aliases.role.${name}`);
    default:
      return '';
  }
}

function RemoveAliasDialog(props: {
  readonly alias: AliasRecord | null;
  readonly onClose: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const remove = useAliasChange(api.removeAlias);
  const name = props.alias?.name ?? '';
  function close(): void {
    remove.reset();
    props.onClose();
  }
  return (
    <ConfirmDialog
      title={t('aliases.removeTitle', { name })}
      sentence={t('aliases.removeSentence')}
      confirm={t('aliases.remove')}
      isOpen={props.alias !== null}
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate(name, { onSuccess: close })}
      onClose={close}
    />
  );
}
