import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireModel } from '../../server/wire/admin.ts';
import { backendNames } from '../parts/model-facts.tsx';
import { Fold } from '../parts/more-options.tsx';
import { Note } from '../parts/note.tsx';
import { ServerSaid } from '../parts/server-said.tsx';
import { useFormat } from '../use-format.ts';
import styles from './model-remarks.module.css';
import { servedLess } from './model-settings-form.ts';

type Attempt = WireModel['attempts'][number];

/** What is not as one would wish: why it failed, what it waits for, that it runs in a lesser way, that it has crashed. */
export function ModelRemarks({ model }: { readonly model: WireModel }): ReactNode {
  const { t } = useTranslation();
  const { reason, waitingFor, crashes, lastCrash } = model;
  return (
    <>
      {reason !== null && <ServerSaid said={reason} className={styles['reason']} />}
      {waitingFor !== null && <Note tone="waiting">{t(`models.waitingFor.${waitingFor}`)}</Note>}
      <ServedLessRemark model={model} />
      <AttemptsRemark model={model} />
      {crashes > 0 && (
        <Note tone="attention">
          <p>{t('models.crashed', { count: crashes })}</p>
          {lastCrash !== null && <ServerSaid said={lastCrash} />}
        </Note>
      )}
    </>
  );
}

/** Conversations are shorter than the owner has set. */
function ServedLessRemark({ model }: { readonly model: WireModel }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const less = servedLess(model);
  if (less === null) return null;
  const { wanted, served, because } = less;
  return (
    <Note tone="attention">
      {t(`models.less.${because}`, { wanted: format.integer(wanted), served: format.integer(served) })}
    </Note>
  );
}

/** Nothing where it was loaded as planned. */
function AttemptsRemark({ model: { attempts, state } }: { readonly model: WireModel }): ReactNode {
  const { t } = useTranslation();
  const failed = attempts.filter(({ reason }) => reason !== null);
  if (failed.length === 0) return null;
  const runs = state === 'ready' || state === 'busy';
  const list = (
    <Fold label={t('models.attempts', { count: failed.length })}>
      <ol className={styles['attempts']}>
        {failed.map((attempt, index) => (
          // They have no other name than their place, and none comes in between.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={index}>
            <AttemptView attempt={attempt} />
          </li>
        ))}
      </ol>
    </Fold>
  );
  if (!runs) return list;
  return (
    <Note tone="attention">
      <p>{t('models.lesser')}</p>
      {list}
    </Note>
  );
}

function AttemptView({ attempt }: { readonly attempt: Attempt }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { backend, gpuShare, slots, contextTokens, reason, cause } = attempt;
  const where =
    backend === 'cpu'
      ? backendNames[backend]
      : t('models.onGpu', { backend: backendNames[backend], share: format.percent(gpuShare * 100) });
  return (
    <>
      <p>{t('models.attempt', { where, count: slots, tokens: format.integer(contextTokens) })}</p>
      {reason !== null && <ServerSaid said={reason} />}
      {cause !== null && (
        <p className={styles['cause']} lang="en">
          {cause}
        </p>
      )}
    </>
  );
}
