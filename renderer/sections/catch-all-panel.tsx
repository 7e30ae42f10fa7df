import { Switch } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AliasRecord } from '../../server/wire/aliases.ts';
import { removeAlias, setAlias } from '../api-names.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useAliasChange, useAliases } from '../queries.ts';
import styles from './catch-all-panel.module.css';
import { TargetField } from './target-field.tsx';

/** The name for all names that nobody has defined. Off from the start: a misspelt name would never be noticed. */
const everyName = '*';

/** One model for whatever is asked for, if the owner wants that. */
export function CatchAllPanel(): ReactNode {
  const { t } = useTranslation();
  const query = useAliases();
  return (
    <Panel title={t('names.catchAllTitle')}>
      <QueryView query={query}>{(aliases) => <CatchAll aliases={aliases} />}</QueryView>
    </Panel>
  );
}

function CatchAll({ aliases }: { readonly aliases: readonly AliasRecord[] }): ReactNode {
  const { t } = useTranslation();
  const set = useAliasChange(setAlias);
  const remove = useAliasChange(removeAlias);
  const kept = aliases.find(({ name }) => name === everyName);
  const first = aliases.find(({ builtIn }) => builtIn)?.name ?? '';
  const error = set.error ?? remove.error;

  function toggle(isOn: boolean): void {
    set.reset();
    remove.reset();
    if (isOn) set.mutate({ name: everyName, model: first });
    else remove.mutate(everyName);
  }

  return (
    <div className={styles['fields']}>
      <Switch
        label={t('names.catchAll')}
        description={t('names.catchAllMeans')}
        checked={kept !== undefined}
        onChange={(event) => toggle(event.currentTarget.checked)}
      />
      {kept !== undefined && (
        <TargetField
          className={styles['target'] ?? ''}
          label={t('names.catchAllServedBy')}
          ofName=""
          value={kept.model}
          onChange={(event) => {
            remove.reset();
            set.mutate({ name: everyName, model: event.currentTarget.value });
          }}
        />
      )}
      {error !== null && <ErrorNote error={error} />}
    </div>
  );
}
