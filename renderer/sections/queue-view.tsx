import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { QueueList } from '../../server/wire/queue.ts';
import { QueryView } from '../parts/query-view.tsx';
import { useQueue } from '../queries-engines.ts';
import { useFormat } from '../use-format.ts';
import styles from './queue-view.module.css';
import today from './today-panel.module.css';

type ModelQueue = QueueList[number];
type Waiter = ModelQueue['waiting'][number];

/** Who is being answered and who waits, model by model. */
export function QueueView(): ReactNode {
  const { t } = useTranslation();
  const query = useQueue();
  return (
    <section className={today['part']} aria-label={t('queue.title')}>
      <QueryView query={query}>
        {(queues) => {
          const used = queues.filter(({ active, waiting }) => active > 0 || waiting.length > 0);
          if (used.length === 0) return <p className={styles['none']}>{t('queue.nobody')}</p>;
          return (
            <ul className={styles['list']}>
              {used.map((queue) => (
                <ModelQueueView key={`${queue.engine}/${queue.model}/${queue.task}`} queue={queue} />
              ))}
            </ul>
          );
        }}
      </QueryView>
    </section>
  );
}

/** More would push everything else off the page. */
const mostShown = 5;

function ModelQueueView({ queue }: { readonly queue: ModelQueue }): ReactNode {
  const { t } = useTranslation();
  const { model, active, slots, waiting } = queue;
  const hidden = waiting.length - mostShown;
  return (
    <li>
      <div className={styles['head']}>
        <span className={styles['model']}>{model}</span>
        <span className={styles['counts']}>
          {t('models.slotsBusy', { active, slots })}
          {waiting.length > 0 && ` · ${t('queue.waiting', { count: waiting.length })}`}
        </span>
      </div>
      {waiting.length > 0 && (
        <ol className={styles['waiting']}>
          {waiting.slice(0, mostShown).map((waiter) => (
            <WaiterRow key={waiter.place} waiter={waiter} />
          ))}
        </ol>
      )}
      {hidden > 0 && <p className={styles['none']}>{t('queue.more', { count: hidden })}</p>}
    </li>
  );
}

function WaiterRow({ waiter }: { readonly waiter: Waiter }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { place, key, estimateMs, waitedMs } = waiter;
  const waited = format.timeLeft(Math.max(1, waitedMs / 1000));
  return (
    <li className={styles['row']}>
      <span className={styles['key']}>
        {place}. {key ?? t('queue.someKey')}
      </span>
      <span className={styles['counts']}>
        {estimateMs === null
          ? t('queue.waited', { waited })
          : t('queue.waitedLeft', { waited, left: format.timeLeft(Math.max(1, estimateMs / 1000)) })}
      </span>
    </li>
  );
}
