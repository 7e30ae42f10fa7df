import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Plus, Settings2, Trash2 } from 'lucide-react';
import type { TFunction } from 'i18next';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireModel } from '../../server/wire/admin.ts';
import type { AliasRecord } from '../../server/wire/aliases.ts';
import { removeAlias, setAlias } from '../api-names.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { IconButton } from '../parts/icon-button.tsx';
import { StarterBadge } from '../parts/model-badge.tsx';
import { Chip } from '../parts/chip.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useAliasChange, useAliases, useModels } from '../queries.ts';
import { useFormat } from '../use-format.ts';
import { AliasDialog, type AliasSubject } from './alias-dialog.tsx';
import { percentOf } from './alias-form.ts';
import styles from './alias-panel.module.css';
import { TargetField } from './target-field.tsx';

/** The names that tools use, and what serves each: changed here, without touching a tool. */
export function AliasPanel(): ReactNode {
  const { t } = useTranslation();
  const query = useAliases();
  const [subject, setSubject] = useState<AliasSubject | null>(null);
  const [leaving, setLeaving] = useState<AliasRecord | null>(null);
  return (
    <Panel
      title={t('aliases.title')}
      action={
        <Button
          variant="default"
          size="xs"
          leftSection={<Plus size={16} aria-hidden />}
          onClick={() => setSubject({ kind: 'new', name: '' })}
        >
          {t('aliases.add')}
        </Button>
      }
    >
      <p className={styles['lead']}>{t('aliases.lead')}</p>
      <QueryView query={query}>
        {(aliases) => (
          <ul className={styles['list']}>
            {/* The catch-all has a switch of its own. */}
            {aliases
              .filter(({ name }) => name !== '*')
              .map((alias) => (
                <Alias
                  key={alias.name}
                  alias={alias}
                  onEdit={() => setSubject({ kind: 'kept', alias })}
                  onRemove={() => setLeaving(alias)}
                />
              ))}
          </ul>
        )}
      </QueryView>
      <AliasDialog subject={subject} onClose={() => setSubject(null)} />
      <RemoveAliasDialog alias={leaving} onClose={() => setLeaving(null)} />
    </Panel>
  );
}

type AliasProps = {
  readonly alias: AliasRecord;
  readonly onEdit: () => void;
  readonly onRemove: () => void;
};

function Alias({ alias, onEdit, onRemove }: AliasProps): ReactNode {
  const { t } = useTranslation();
  const models = useModels().data ?? [];
  const move = useAliasChange(setAlias);
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
        <ShareSentence shares={alias.shares} />
        {Object.values(alias.settings).some((value) => value !== null) && (
          <Chip tone="quiet">{t('names.hasSettings')}</Chip>
        )}
      </div>
      <div className={styles['serving']}>
        <TargetField
          className={styles['select'] ?? ''}
          aria-label={t('aliases.servedBy', { name })}
          ofName={name}
          value={shownModel}
          disabled={move.isPending}
          onChange={(event) =>
            move.mutate(
              { name, model: event.currentTarget.value },
              {
                onSuccess: (saved) =>
                  notifications.show({
                    message: t('aliases.moved', { name: saved.name, model: saved.model }),
                  }),
              },
            )
          }
        />
        <IconButton
          label={t('names.editWhat', { name })}
          icon={<Settings2 size={18} aria-hidden />}
          onClick={onEdit}
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
  const names = (useAliases().data ?? []).map(({ name }) => name);
  if (alias.isTestModel) return <StarterBadge />;
  if (alias.model.includes('*') || names.includes(alias.model)) return null;
  const serving = models.find(({ id }) => id === alias.model);
  if (serving === undefined) return <Chip>{t('aliases.noSuchModel')}</Chip>;
  return serving.state === 'failed' ? <Chip>{t('aliases.modelFailed')}</Chip> : null;
}

/** Who else has a part of the work, and how much. */
function ShareSentence({ shares }: Pick<AliasRecord, 'shares'>): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  if (shares.length === 0) return null;
  const parts = percentOf(shares).map(({ model, percent }) => `${model} ${format.percent(percent)}`);
  return <span className={styles['role']}>{t('names.sharedBy', { parts: parts.join(', ') })}</span>;
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
  const remove = useAliasChange(removeAlias);
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
