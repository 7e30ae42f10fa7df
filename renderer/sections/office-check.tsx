import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { getFindings } from '../api-health.ts';
import { currentLanguage } from '../i18n.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { CheckWord } from '../parts/state-word.tsx';
import { cacheKeys } from '../queries.ts';
import styles from './office-check.module.css';

/** Of all that the doctor looks at, what can stand between the office and this computer. */
const asked: ReadonlySet<string> = new Set(['last-request', 'firewall']);

/** Looks once more whether others get through, and at this computer's firewall. */
export function OfficeCheck(): ReactNode {
  const { t } = useTranslation();
  const client = useQueryClient();
  const check = useMutation({
    mutationFn: () => getFindings(currentLanguage()),
    onSettled: () => client.invalidateQueries({ queryKey: cacheKeys.lan }),
  });
  const found = (check.data?.checks ?? []).filter(({ id }) => asked.has(id));
  return (
    <div className={styles['check']}>
      <div>
        <Button variant="default" size="xs" loading={check.isPending} onClick={() => check.mutate()}>
          {t('officeCheck.again')}
        </Button>
      </div>
      {check.error !== null && <ErrorNote error={check.error} />}
      <output>
        {found.map(({ id, state, title, sentence, fix }) => (
          <span key={id} className={styles['found']}>
            <span className={styles['title']}>
              {title} <CheckWord state={state} />
            </span>
            <span>{sentence}</span>
            {fix !== null && <span>{fix}</span>}
          </span>
        ))}
      </output>
    </div>
  );
}
