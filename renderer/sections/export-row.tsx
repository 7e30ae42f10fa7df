import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ExportRecord } from '../../server/wire/exports.ts';
import { testExport } from '../api-safety.ts';
import { Chip } from '../parts/chip.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { Fact, Facts } from '../parts/facts.tsx';
import { Note } from '../parts/note.tsx';
import { ServerSaid } from '../parts/server-said.tsx';
import { ExportState } from '../parts/state-word.tsx';
import { useSafetyChange } from '../queries-safety.ts';
import { useFormat, useNow } from '../use-format.ts';
import styles from './settings.module.css';
import { ConnectionActions } from './connection-actions.tsx';

type ExportRowProps = {
  readonly record: ExportRecord;
  readonly onEdit: () => void;
  readonly onRemove: () => void;
};

/** One export: whether it works, how far it is, and what is wrong. */
export function ExportRow({ record, onEdit, onRemove }: ExportRowProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const test = useSafetyChange(testExport, ['exports']);
  const { name, kind, state, problem, nextTryAt, mayLeave } = record;
  return (
    <li className={styles['rowBlock']}>
      <div className={styles['head']}>
        <div className={styles['ways']}>
          <h3 className={styles['name']}>{name}</h3>
          <output>
            <ExportState state={state} />
          </output>
          <Chip tone="quiet">{t(`settings.exports.kind.${kind}`)}</Chip>
          {mayLeave && <Chip title={t('settings.exports.mayLeaveMeans')}>{t('engines.outside')}</Chip>}
        </div>
        <div className={styles['ways']}>
          <ConnectionActions
            name={name}
            isTesting={test.isPending}
            onTest={() => test.mutate(name)}
            onEdit={onEdit}
            onRemove={onRemove}
          />
        </div>
      </div>
      {problem !== null && (
        <Note tone="attention">
          <ServerSaid said={problem} />
          {nextTryAt !== null && (
            <p>{t('settings.exports.nextTry', { time: format.moment(nextTryAt, now) })}</p>
          )}
        </Note>
      )}
      {test.data !== undefined && (
        <Note tone={test.data.works ? 'ok' : 'attention'} isLive>
          {test.data.works ? (
            t('settings.exports.works', { time: format.duration(test.data.latencyMs) })
          ) : test.data.reason === null ? (
            t('settings.exports.worksNot')
          ) : (
            <ServerSaid said={test.data.reason} />
          )}
        </Note>
      )}
      <ExportFacts record={record} />
      {test.error !== null && <ErrorNote error={test.error} />}
    </li>
  );
}

function ExportFacts({ record }: { readonly record: ExportRecord }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const { url, lastSuccessAt, backlog, sent, skipped, people, prompts, kind } = record;
  return (
    <Facts>
      <Fact label={t('ollama.address')} value={url} />
      <Fact
        label={t('settings.exports.lastSuccess')}
        value={lastSuccessAt === null ? t('settings.exports.never') : format.ago(lastSuccessAt, now)}
        title={lastSuccessAt === null ? undefined : format.dateTime(lastSuccessAt)}
      />
      <Fact label={t('settings.exports.backlog')} value={format.integer(backlog)} />
      <Fact label={t('settings.exports.sent')} value={format.integer(sent)} />
      {skipped > 0 && <Fact label={t('settings.exports.skipped')} value={format.integer(skipped)} />}
      <Fact
        label={t('settings.exports.people')}
        value={t(people ? 'settings.exports.withPeople' : 'settings.exports.withoutPeople')}
      />
      {kind !== 'postgres' && (
        <Fact
          label={t('settings.exports.prompts')}
          value={t(prompts ? 'settings.exports.tracedPrompts' : 'settings.exports.noPrompts')}
        />
      )}
    </Facts>
  );
}
