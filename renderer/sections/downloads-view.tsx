import { Button } from '@mantine/core';
import { Download, Settings2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { EmptyNote } from '../parts/empty-note.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useDownloads } from '../queries.ts';
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
              {/* The newest is what one has come for. */}
              {downloads.toReversed().map((download) => (
                <DownloadCard
                  key={download.id}
                  download={download}
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
