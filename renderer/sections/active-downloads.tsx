import { Anchor } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { WireDownload } from '../../server/wire/downloads.ts';
import { DownloadState } from '../parts/state-word.tsx';
import { useDownloads } from '../queries.ts';
import { DownloadProgress, DownloadReason, titleOf } from './download-progress.tsx';
import styles from './memory-panel.module.css';

const over: ReadonlySet<WireDownload['state']> = new Set(['ready', 'cancelled']);

/** What is being fetched, or has stopped by itself. Nothing at all while there is none. */
export function ActiveDownloads({ title }: { readonly title: string }): ReactNode {
  const { t } = useTranslation();
  const active = (useDownloads().data ?? []).filter(({ state }) => !over.has(state));
  if (active.length === 0) return null;
  return (
    <div className={styles['downloads']}>
      <div className={styles['head']}>
        <h3 className={styles['title']}>{title}</h3>
        <Anchor component={Link} href="/models/downloads" size="sm">
          {t('memory.allDownloads')}
        </Anchor>
      </div>
      <ul className={styles['list']}>
        {active.map((download) => (
          <li key={download.id}>
            <div className={styles['head']}>
              <span className={styles['name']}>{titleOf(download)}</span>
              <output>
                <DownloadState state={download.state} />
              </output>
            </div>
            <DownloadProgress download={download} />
            <DownloadReason download={download} />
          </li>
        ))}
      </ul>
    </div>
  );
}
