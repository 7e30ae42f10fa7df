import { Button } from '@mantine/core';
import { Download, Pause, Play, Settings2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { WireDownload } from '../../server/wire/downloads.ts';
import { EmptyNote } from '../parts/empty-note.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { Note } from '../parts/note.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { useDownloads, useSetSettings } from '../queries.ts';
import { useSettingValues } from '../use-setting.ts';
import { CancelDownloadDialog } from './cancel-download-dialog.tsx';
import { DownloadCard } from './download-card.tsx';
import { DownloadSettingsDialog } from './download-settings-dialog.tsx';
import styles from './local-models-view.module.css';

/** What is on its way, what has come, and what could not. */
export function DownloadsView(): ReactNode {
  const { t } = useTranslation();
  const query = useDownloads();
  const [leavingId, setLeavingId] = useState<string | null>(null);
  const [isSetting, setIsSetting] = useState(false);
  const leaving = query.data?.find(({ id }) => id === leavingId) ?? null;
  return (
    <>
      <AllDownloads hasOpen={(query.data ?? []).some(({ endedMs }) => endedMs === null)} />
      <QueryView query={query}>
        {(downloads) =>
          downloads.length === 0 ? (
            <EmptyNote
              isCard
              icon={<Download size={28} />}
              sentence={t('downloads.empty')}
              action={
                <Button component={Link} href="/models/get">
                  {t('models.getOne')}
                </Button>
              }
            />
          ) : (
            <ul className={styles['list']}>
              {inTurn(downloads).map((download, index, all) => (
                <DownloadCard
                  key={download.id}
                  download={download}
                  canMove={{
                    up: download.endedMs === null && index > 0,
                    down: download.endedMs === null && all[index + 1]?.endedMs === null,
                  }}
                  onCancel={() => setLeavingId(download.id)}
                />
              ))}
            </ul>
          )
        }
      </QueryView>
      <div>
        <Button
          variant="default"
          leftSection={<Settings2 size={16} aria-hidden />}
          onClick={() => setIsSetting(true)}
        >
          {t('downloadSettings.open')}
        </Button>
      </div>
      <CancelDownloadDialog download={leaving} onClose={() => setLeavingId(null)} />
      <DownloadSettingsDialog isOpen={isSetting} onClose={() => setIsSetting(false)} />
    </>
  );
}

/** What is still to come in the order of its turns, then what has ended, the newest first. */
function inTurn(downloads: readonly WireDownload[]): WireDownload[] {
  const isOpen = ({ endedMs }: WireDownload): boolean => endedMs === null;
  const ended = downloads.filter((download) => !isOpen(download));
  return [...downloads.filter(isOpen), ...ended.toSorted((a, b) => (b.endedMs ?? 0) - (a.endedMs ?? 0))];
}

/** All of them at once: paused by the owner, or outside of the hours that they may run in. */
function AllDownloads({ hasOpen }: { readonly hasOpen: boolean }): ReactNode {
  const { t } = useTranslation();
  const set = useSetSettings();
  const valueOf = useSettingValues();
  const isPaused = valueOf?.('downloads.paused') === true;
  const hours = valueOf?.('downloads.hours') ?? null;
  if (valueOf === undefined || (!hasOpen && !isPaused)) return null;
  const pauseAll = (value: boolean): void => set.mutate([{ name: 'downloads.paused', value }]);
  return (
    <>
      {isPaused ? (
        <Note
          tone="attention"
          action={
            <Button
              loading={set.isPending}
              leftSection={<Play size={16} aria-hidden />}
              onClick={() => pauseAll(false)}
            >
              {t('downloadQueue.resumeAll')}
            </Button>
          }
        >
          {t('downloadQueue.paused')}
        </Note>
      ) : (
        <div>
          <Button
            variant="default"
            loading={set.isPending}
            leftSection={<Pause size={16} aria-hidden />}
            onClick={() => pauseAll(true)}
          >
            {t('downloadQueue.pauseAll')}
          </Button>
        </div>
      )}
      {typeof hours === 'string' && (
        <Note tone="quiet">{t('downloadQueue.hours', { hours: hours.replace('-', ' – ') })}</Note>
      )}
      {set.error !== null && <ErrorNote error={set.error} />}
    </>
  );
}
