import { Badge, Button } from '@mantine/core';
import { LogOut } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { SessionRecord } from '../../server/wire/security.ts';
import * as api from '../api-security.ts';
import { guessClient } from '../client-name.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { IconButton } from '../parts/icon-button.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useSecurityChange, useSessions } from '../queries-security.ts';
import { useFormat, useNow } from '../use-format.ts';
import styles from './place-list.module.css';

/** Browsers that are signed in by password, each with its way out. */
export function SessionsPanel(): ReactNode {
  const { t } = useTranslation();
  const query = useSessions();
  const endOthers = useSecurityChange(api.endOtherSessions);
  const hasOthers = query.data?.some(({ current }) => !current) === true;
  return (
    <Panel
      title={t('security.sessions.title')}
      action={
        hasOthers && (
          <Button variant="default" loading={endOthers.isPending} onClick={() => endOthers.mutate(undefined)}>
            {t('security.sessions.endOthers')}
          </Button>
        )
      }
    >
      <QueryView query={query}>
        {(sessions) =>
          sessions.length === 0 ? (
            <p className={styles['none']}>{t('security.sessions.none')}</p>
          ) : (
            <ul className={styles['list']}>
              {sessions.map((session) => (
                <SessionRow key={session.id} session={session} />
              ))}
            </ul>
          )
        }
      </QueryView>
      {endOthers.error !== null && <ErrorNote error={endOthers.error} />}
    </Panel>
  );
}

function SessionRow({ session }: { readonly session: SessionRecord }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const end = useSecurityChange(api.endSession);
  const client = guessClient(session.client) ?? t('security.sessions.unknownClient');
  const created = format.moment(session.createdAt, now);
  const used = format.moment(session.lastUsedAt, now);
  return (
    <li className={styles['row']}>
      <div className={styles['what']}>
        <span className={styles['name']}>{client}</span>
        <span className={styles['more']}>
          {t('security.sessions.more', { ip: session.ip, created, used })}
        </span>
      </div>
      {session.current ? (
        <Badge variant="default">{t('security.sessions.current')}</Badge>
      ) : (
        <IconButton
          label={t('security.sessions.end', { client })}
          icon={<LogOut size={18} aria-hidden />}
          loading={end.isPending}
          onClick={() => end.mutate(session.id)}
        />
      )}
      {end.error !== null && <ErrorNote error={end.error} />}
    </li>
  );
}
