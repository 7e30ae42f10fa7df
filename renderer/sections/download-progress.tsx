import { Anchor } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { WireDownload } from '../../server/wire/downloads.ts';
import { unknown } from '../format.ts';
import { Note } from '../parts/note.tsx';
import { ProgressLine } from '../parts/progress-line.tsx';
import { ServerSaid } from '../parts/server-said.tsx';
import { useCountdown } from '../use-countdown.ts';
import { useFormat } from '../use-format.ts';
import styles from './download-card.module.css';

/** Before its source has told what the file is called, the address is all there is: its end then. */
export function titleOf({ name }: WireDownload): string {
  return /^https?:/.test(name) ? (name.split('/').findLast((part) => part !== '') ?? name) : name;
}

/** How much is here, how fast it comes, and how long it still takes. */
export function DownloadProgress({ download }: { readonly download: WireDownload }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { doneBytes, totalBytes, state, bytesPerSecond, secondsLeft } = download;
  const total = totalBytes === null ? unknown : format.fileSize(totalBytes);
  if (state === 'ready') {
    return (
      <p className={styles['numbers']}>
        {total} ·{' '}
        <Anchor component={Link} href="/models">
          {t('getModel.toModels')}
        </Anchor>
      </p>
    );
  }
  const done = format.fileSize(doneBytes);
  const parts = [
    ...(totalBytes !== null ? [t('downloads.doneOf', { done, total })] : doneBytes > 0 ? [done] : []),
    ...(state === 'downloading' ? [format.speed(bytesPerSecond)] : []),
    ...(state === 'downloading' && secondsLeft !== null
      ? [t('downloads.left', { time: format.timeLeft(secondsLeft) })]
      : []),
  ];
  return (
    <>
      {totalBytes !== null && totalBytes > 0 && (
        <ProgressLine
          percent={(doneBytes / totalBytes) * 100}
          label={t('downloads.progressOf', { name: titleOf(download) })}
          rests={state !== 'downloading' && state !== 'checking'}
        />
      )}
      {parts.length > 0 && <p className={styles['numbers']}>{parts.join(' · ')}</p>}
    </>
  );
}

/** Why it does not go on, and when it will by itself. */
export function DownloadReason({ download }: { readonly download: WireDownload }): ReactNode {
  const { t } = useTranslation();
  const { reason, retryAtMs, attempt, state, heldBy } = download;
  if (heldBy !== null) return <Note tone="waiting">{t(`downloadQueue.heldBy.${heldBy}`)}</Note>;
  if (reason === null) return null;
  return (
    <Note tone={state === 'paused' || state === 'cancelled' ? 'quiet' : 'attention'}>
      <ServerSaid said={reason} />
      {state === 'failed' && <FailedLine download={download} />}
      {retryAtMs !== null && <RetryLine retryAtMs={retryAtMs} attempt={attempt} />}
    </Note>
  );
}

/** When it was given up, and after how many tries. */
function FailedLine({ download: { endedMs, tries } }: { readonly download: WireDownload }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  if (endedMs === null) return null;
  const time = format.dateTime(new Date(endedMs).toISOString());
  return (
    <p>
      {tries > 0
        ? t('downloadQueue.failedAfter', { time, count: tries })
        : t('downloadQueue.failedAt', { time })}
    </p>
  );
}

function RetryLine({
  retryAtMs,
  attempt,
}: {
  readonly retryAtMs: number;
  readonly attempt: number;
}): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const leftMs = useCountdown(new Date(retryAtMs).toISOString());
  const time = format.timeLeft(Math.max(1, leftMs / 1000));
  return <p>{attempt > 1 ? t('downloads.retryNth', { time, attempt }) : t('downloads.retryIn', { time })}</p>;
}
