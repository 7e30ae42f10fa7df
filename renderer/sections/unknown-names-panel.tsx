import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { EyeOff } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { UnknownNameRecord } from '../../server/wire/aliases.ts';
import { addUsualNames } from '../api-names.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { IconButton } from '../parts/icon-button.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useForgetUnknownName, useUnknownNames } from '../queries-engines.ts';
import { useAliasChange } from '../queries.ts';
import { useFormat, useNow } from '../use-format.ts';
import { AliasDialog } from './alias-dialog.tsx';
import styles from './place-list.module.css';

/** What tools have asked for in vain, each with the one click that makes it work. */
export function UnknownNamesPanel(): ReactNode {
  const { t } = useTranslation();
  const query = useUnknownNames();
  const [pointed, setPointed] = useState<string | null>(null);
  return (
    <Panel title={t('names.unknownTitle')} action={<UsualNamesButton />}>
      <p className={styles['lead']}>{t('names.unknownLead')}</p>
      <QueryView query={query}>
        {(names) =>
          names.length === 0 ? (
            <p className={styles['none']}>{t('names.unknownNone')}</p>
          ) : (
            <ul className={styles['list']}>
              {names.map((unknown) => (
                <UnknownName key={unknown.name} unknown={unknown} onPoint={() => setPointed(unknown.name)} />
              ))}
            </ul>
          )
        }
      </QueryView>
      <AliasDialog
        subject={pointed === null ? null : { kind: 'new', name: pointed }}
        onClose={() => setPointed(null)}
      />
    </Panel>
  );
}

type UnknownNameProps = { readonly unknown: UnknownNameRecord; readonly onPoint: () => void };

function UnknownName({ unknown, onPoint }: UnknownNameProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const forget = useForgetUnknownName();
  const { name, requests, lastAt, key } = unknown;
  const when = format.ago(lastAt, now);
  return (
    <li className={styles['row']}>
      <div className={styles['what']}>
        <code className={styles['name']}>{name}</code>
        <span className={styles['more']} title={format.dateTime(lastAt)}>
          {key === null
            ? t('names.asked', { count: requests, when })
            : t('names.askedBy', { count: requests, when, key })}
        </span>
      </div>
      <div className={styles['ways']}>
        <Button variant="default" size="xs" aria-label={t('names.pointWhat', { name })} onClick={onPoint}>
          {t('names.point')}
        </Button>
        <IconButton
          label={t('names.ignoreWhat', { name })}
          icon={<EyeOff size={18} aria-hidden />}
          loading={forget.isPending}
          onClick={() => forget.mutate(name)}
        />
      </div>
      {forget.error !== null && <ErrorNote error={forget.error} />}
    </li>
  );
}

function UsualNamesButton(): ReactNode {
  const { t } = useTranslation();
  const add = useAliasChange(addUsualNames);
  return (
    <>
      <Button
        variant="default"
        size="xs"
        loading={add.isPending}
        title={t('names.usualMeans')}
        onClick={() =>
          add.mutate(undefined, {
            onSuccess: ({ added }) =>
              notifications.show({
                message:
                  added.length === 0
                    ? t('names.usualThere')
                    : t('names.usualAdded', { count: added.length, names: added.join(', ') }),
              }),
          })
        }
      >
        {t('names.addUsual')}
      </Button>
      {add.error !== null && <ErrorNote error={add.error} />}
    </>
  );
}
