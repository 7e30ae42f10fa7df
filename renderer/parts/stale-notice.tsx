import { CloudOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { LiveState } from '../live.ts';
import { useFormat } from '../use-format.ts';
import styles from './stale-notice.module.css';

/** Says since when the numbers stand still. They are kept, and nothing is disabled. */
export function StaleNotice({ live }: { readonly live: LiveState }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <output className={styles['output']}>
      {live.phase === 'lost' && (
        <span className={styles['stale']}>
          <CloudOff size={16} aria-hidden />
          {t('state.stale', { time: format.time(live.since) })}
        </span>
      )}
    </output>
  );
}
