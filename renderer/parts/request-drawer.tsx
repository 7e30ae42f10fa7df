import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireLogRow } from '../../server/wire/admin.ts';
import { unknown } from '../format.ts';
import { useFormat } from '../use-format.ts';
import { RequestStatus } from './state-word.tsx';
import { SideDrawer } from './side-drawer.tsx';
import { RequestTimeline } from './request-timeline.tsx';
import { TokenNote } from './token-note.tsx';
import styles from './request-drawer.module.css';

type RequestDrawerProps = { readonly row: WireLogRow | null; readonly onClose: () => void };

/** Everything the log knows about one request. */
export function RequestDrawer({ row, onClose }: RequestDrawerProps): ReactNode {
  const { t } = useTranslation();
  return (
    <SideDrawer title={t('request.details')} isOpen={row !== null} onClose={onClose}>
      {row !== null && <RequestDetails row={row} />}
    </SideDrawer>
  );
}

type Field = readonly [label: string, value: ReactNode, isCode?: 'code'];

function RequestDetails({ row }: { readonly row: WireLogRow }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const tokens = (count: number): string => format.integer(count);

  const outcome: readonly Field[] = [
    [t('request.status'), <RequestStatus key="status" status={row.status} />],
    [t('request.httpStatus'), String(row.httpStatus)],
    [t('request.finishReason'), row.finishReason, 'code'],
    [t('request.time'), format.dateTime(row.time)],
  ];
  const counts: readonly Field[] = [
    [t('request.tokensIn'), tokens(row.promptTokens)],
    [t('request.tokensCached'), tokens(row.cachedTokens)],
    [t('request.tokensOut'), tokens(row.completionTokens)],
  ];
  const answered: readonly Field[] = [
    [t('request.model'), row.model, 'code'],
    [t('request.servedModel'), row.servedModel, 'code'],
    [t('request.tried'), row.tried.length === 0 ? null : row.tried.join(' → '), 'code'],
    [t('request.engine'), row.engine],
    [t('request.dropped'), row.dropped.length === 0 ? null : row.dropped.join(', '), 'code'],
  ];
  const asked: readonly Field[] = [
    [t('request.key'), row.key],
    [t('request.person'), row.person],
    [t('request.team'), row.team],
    [t('request.device'), row.device],
    [t('request.endUser'), row.endUser],
    [t('request.client'), row.client],
    [t('request.ip'), row.ip, 'code'],
    [t('request.route'), row.route, 'code'],
    [t('request.id'), row.id, 'code'],
  ];

  return (
    <div className={styles['details']}>
      {row.error !== null && <p className={styles['error']}>{row.error}</p>}
      <Fields title={t('request.outcome')} fields={outcome} />
      <section>
        <h3 className={styles['title']}>{t('request.duration')}</h3>
        <RequestTimeline row={row} />
      </section>
      <Fields title={t('request.tokens')} fields={counts}>
        <TokenNote />
      </Fields>
      <Fields title={t('request.answeredBy')} fields={answered} />
      <Fields title={t('request.askedBy')} fields={asked} />
      <p className={styles['privacy']}>{t('request.noPrompt')}</p>
    </div>
  );
}

type FieldsProps = {
  readonly title: string;
  readonly fields: readonly Field[];
  readonly children?: ReactNode;
};

function Fields({ title, fields, children }: FieldsProps): ReactNode {
  return (
    <section>
      <h3 className={styles['title']}>{title}</h3>
      <dl className={styles['fields']}>
        {fields.map(([label, value, isCode]) => (
          <div key={label} className={styles['field']}>
            <dt>{label}</dt>
            <dd className={isCode === undefined ? undefined : styles['code']}>{value ?? unknown}</dd>
          </div>
        ))}
      </dl>
      {children}
    </section>
  );
}
