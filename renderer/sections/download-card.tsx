import { Button } from '@mantine/core';
import { ArrowDown, ArrowUp, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireDownload } from '../../server/wire/downloads.ts';
import * as api from '../api.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { IconButton } from '../parts/icon-button.tsx';
import { DownloadState } from '../parts/state-word.tsx';
import { useDownloadChange } from '../queries.ts';
import styles from './download-card.module.css';
import { DownloadProgress, DownloadReason, titleOf } from './download-progress.tsx';

type DownloadCardProps = {
  readonly download: WireDownload;
  /** Whether its turn can come earlier, or later. */
  readonly canMove: { readonly up: boolean; readonly down: boolean };
  readonly onCancel: () => void;
};

/** One download: how far, how fast, why not, and what can be done about it. */
export function DownloadCard({ download, canMove, onCancel }: DownloadCardProps): ReactNode {
  const { t } = useTranslation();
  const pause = useDownloadChange(api.pauseDownload);
  const resume = useDownloadChange(api.resumeDownload);
  const remove = useDownloadChange(api.removeDownload);
  const move = useDownloadChange(api.moveDownload);
  const { id, state } = download;
  const name = titleOf(download);
  const error = pause.error ?? resume.error ?? remove.error ?? move.error;
  const ways = waysOf(state);

  function act(way: typeof pause | typeof remove): void {
    for (const other of [pause, resume, remove]) other.reset();
    way.mutate(id);
  }

  return (
    <li className={styles['card']}>
      <div className={styles['head']}>
        <div className={styles['names']}>
          <h2 className={styles['name']}>{name}</h2>
          {/* Said by screen readers when it changes; the numbers below are not, they change all the time. */}
          <output>
            <DownloadState state={state} />
          </output>
        </div>
        <div className={styles['actions']}>
          {(canMove.up || canMove.down) && (
            <>
              <IconButton
                label={t('downloadQueue.upWhat', { name })}
                icon={<ArrowUp size={18} aria-hidden />}
                disabled={!canMove.up}
                onClick={() => move.mutate({ id, direction: 'up' })}
              />
              <IconButton
                label={t('downloadQueue.downWhat', { name })}
                icon={<ArrowDown size={18} aria-hidden />}
                disabled={!canMove.down}
                onClick={() => move.mutate({ id, direction: 'down' })}
              />
            </>
          )}
          {ways.resume !== null && (
            <Button
              variant="default"
              loading={resume.isPending}
              aria-label={t(`downloads.${ways.resume}What`, { name })}
              onClick={() => act(resume)}
            >
              {t(`downloads.${ways.resume}`)}
            </Button>
          )}
          {ways.pause && (
            <Button
              variant="default"
              loading={pause.isPending}
              aria-label={t('downloads.pauseWhat', { name })}
              onClick={() => act(pause)}
            >
              {t('downloads.pause')}
            </Button>
          )}
          {ways.cancel && (
            <Button variant="default" aria-label={t('downloads.cancelWhat', { name })} onClick={onCancel}>
              {t('downloads.cancel')}
            </Button>
          )}
          {ways.remove && (
            <IconButton
              label={t('downloads.removeWhat', { name })}
              icon={<Trash2 size={18} aria-hidden />}
              loading={remove.isPending}
              onClick={() => act(remove)}
            />
          )}
        </div>
      </div>
      <DownloadProgress download={download} />
      <DownloadReason download={download} />
      {error !== null && <ErrorNote error={error} />}
      {name !== download.uri && <p className={styles['from']}>{download.uri}</p>}
    </li>
  );
}

type Ways = {
  readonly pause: boolean;
  /** By which word it goes on. */
  readonly resume: 'resume' | 'tryNow' | 'again' | null;
  readonly cancel: boolean;
  readonly remove: boolean;
};

/** What can be done in each state. */
function waysOf(state: WireDownload['state']): Ways {
  switch (state) {
    case 'waiting':
    case 'downloading':
      return { pause: true, resume: null, cancel: true, remove: false };
    case 'checking':
      return { pause: false, resume: null, cancel: true, remove: false };
    case 'stalled':
    case 'no-space':
      return { pause: true, resume: 'tryNow', cancel: true, remove: false };
    case 'paused':
      return { pause: false, resume: 'resume', cancel: true, remove: false };
    case 'cancelled':
    case 'failed':
      return { pause: false, resume: 'again', cancel: false, remove: true };
    case 'ready':
      return { pause: false, resume: null, cancel: false, remove: true };
    default:
      return state satisfies never;
  }
}
