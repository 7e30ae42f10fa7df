import { Button, TextInput } from '@mantine/core';
import { ShieldCheck } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditVerification } from '../../server/wire/audit.ts';
import { verifyAudit } from '../api-safety.ts';
import { CopyField } from '../parts/copy-field.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { Fold } from '../parts/more-options.tsx';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { useSafetyChange } from '../queries-safety.ts';
import { useFormat } from '../use-format.ts';
import styles from './settings.module.css';

/** Whether every row of the audit is as it was written, and none is missing. */
export function VerifyPanel(): ReactNode {
  const { t } = useTranslation();
  const verify = useSafetyChange(verifyAudit);
  const [expected, setExpected] = useState('');
  const link = expected.trim();
  return (
    <Panel title={t('settings.verify.title')}>
      <div className={styles['body']}>
        <p className={styles['sentence']}>{t('settings.verify.lead')}</p>
        <div>
          <Button
            variant="default"
            leftSection={<ShieldCheck size={16} aria-hidden />}
            loading={verify.isPending}
            onClick={() => verify.mutate(link === '' ? null : link)}
          >
            {t('settings.verify.submit')}
          </Button>
        </div>
        {verify.data !== undefined && <Verdict verification={verify.data} />}
        {verify.error !== null && <ErrorNote error={verify.error} />}
        <Fold label={t('settings.verify.earlier')}>
          <TextInput
            label={t('settings.verify.expected')}
            description={t('settings.verify.expectedMeans')}
            placeholder="120:9f86d081…"
            autoComplete="off"
            spellCheck={false}
            value={expected}
            onChange={({ currentTarget: { value } }) => setExpected(value)}
          />
        </Fold>
      </div>
    </Panel>
  );
}

function Verdict({ verification }: { readonly verification: AuditVerification }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { ok, rows, purgedThrough, head, problems, checkedAt } = verification;
  return (
    <>
      <Note tone={ok ? 'ok' : 'attention'} isLive>
        <p>
          {ok
            ? t('settings.verify.ok', {
                count: rows,
                shown: format.integer(rows),
                time: format.dateTime(checkedAt),
              })
            : t('settings.verify.notOk', { count: problems.length })}
        </p>
        {problems.length > 0 && (
          <ul>
            {problems.map(({ kind, seq, sentence }) => (
              <li key={`${kind} ${seq}`}>{sentence}</li>
            ))}
          </ul>
        )}
        {purgedThrough > 0 && <p>{t('settings.verify.purged', { seq: format.integer(purgedThrough) })}</p>}
      </Note>
      <CopyField
        label={t('settings.verify.head')}
        description={t('settings.verify.headMeans')}
        value={`${head.seq}:${head.hash}`}
      />
    </>
  );
}
