import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import type { WireLogRow } from '../../server/wire/admin.ts';
import { failureOf } from '../../server/wire/failures.ts';
import { guessClient } from '../client-name.ts';
import { unknown } from '../format.ts';
import { CopyBlock } from '../parts/copy-field.tsx';
import { Note } from '../parts/note.tsx';
import { RequestStatus } from '../parts/state-word.tsx';
import { TokenNote } from '../parts/token-note.tsx';
import { ServerSaid } from '../parts/server-said.tsx';
import { useStatus } from '../queries.ts';
import { useSpending } from '../queries-limits.ts';
import { requestCurl } from '../request-curl.ts';
import { useFormat } from '../use-format.ts';
import { SpentList } from './key-limits-meter.tsx';
import { KeptPrompt } from './request-kept-prompt.tsx';
import { RequestTimeline } from './request-timeline.tsx';
import styles from './request-details.module.css';

type RowProps = { readonly row: WireLogRow };

/** One request: what became of it and why, where the time went, who answered and who asked. */
export function RequestDetails({ row }: RowProps): ReactNode {
  const { t } = useTranslation();
  return (
    <div className={styles['details']}>
      <Remarks row={row} />
      <Outcome row={row} />
      <section>
        <h3 className={styles['title']}>{t('request.duration')}</h3>
        <RequestTimeline row={row} />
      </section>
      <Tokens row={row} />
      <AnsweredBy row={row} />
      <AskedBy row={row} />
      <LimitsNow row={row} />
      <AsCurl row={row} />
      <KeptPrompt row={row} />
    </div>
  );
}

/** Ended because there was no more room, in the words of any dialect. */
const cutReasons: readonly (string | null)[] = ['length', 'max_tokens', 'max_output_tokens', 'context'];

/** What somebody should know first: why it failed and what helps, and what is missing from the answer. */
function Remarks({ row }: RowProps): ReactNode {
  const { t } = useTranslation();
  const failure = failureOf(row);
  const isCut = cutReasons.includes(row.finishReason);
  if (failure === null && !isCut && row.dropped.length === 0 && row.cache !== 'hit') return null;
  return (
    <div className={styles['notes']}>
      {failure !== null && (
        <div className={styles['error']} data-is-quiet={failure === 'cancelled' || undefined}>
          <p className={styles['kind']}>{t(`failure.${failure}`)}</p>
          {row.error !== null && <ServerSaid said={row.error} />}
          <p>{t(`failureHelp.${failure}`)}</p>
        </div>
      )}
      {isCut && (
        <p className={styles['cut']}>
          <CircleAlert size={18} aria-hidden />
          {t('requests.cut')}
        </p>
      )}
      {row.dropped.length > 0 && (
        <Note tone="attention">{t('requests.dropped', { fields: row.dropped.join(', ') })}</Note>
      )}
      {row.cache === 'hit' && <Note tone="quiet">{t('requests.fromCache')}</Note>}
    </div>
  );
}

function Outcome({ row }: RowProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Fields
      title={t('request.outcome')}
      fields={[
        [t('request.status'), <RequestStatus key="status" status={row.status} />],
        [t('request.httpStatus'), String(row.httpStatus)],
        [t('request.finishReason'), row.finishReason, 'code'],
        [t('request.time'), format.dateTime(row.time)],
      ]}
    />
  );
}

/** Less cannot be told from what comes in one piece. */
const leastMeasuredMs = 20;

function Tokens({ row }: RowProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { decodeMs, completionTokens } = row;
  const isMeasured = decodeMs !== null && decodeMs >= leastMeasuredMs && completionTokens > 1;
  return (
    <Fields
      title={t('request.tokens')}
      fields={[
        [t('request.tokensIn'), format.integer(row.promptTokens)],
        [t('request.tokensCached'), format.integer(row.cachedTokens)],
        [t('request.tokensOut'), format.integer(completionTokens)],
        [
          t('requests.speed'),
          isMeasured && row.cache !== 'hit'
            ? t('usage.perSecond', { speed: format.rate(((completionTokens - 1) / decodeMs) * 1000) })
            : null,
        ],
      ]}
    >
      <TokenNote />
    </Fields>
  );
}

/** From the name that was asked for to what answered, each try a step. */
function AnsweredBy({ row }: RowProps): ReactNode {
  const { t } = useTranslation();
  const { model, tried, servedModel, engine, leftOffice } = row;
  const code = { code: <code /> };
  const failed = servedModel === null ? tried : tried.filter((_, index) => index < tried.length - 1);
  return (
    <section>
      <h3 className={styles['title']}>{t('request.answeredBy')}</h3>
      <ol className={styles['steps']}>
        {model !== null && (
          <li>
            <Trans t={t} i18nKey="requests.step.asked" values={{ model }} components={code} />
          </li>
        )}
        {failed.map((one, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- a model may be tried twice, and the order is what happened
          <li key={index}>
            <Trans t={t} i18nKey="requests.step.failed" values={{ model: one }} components={code} />
          </li>
        ))}
        <li>
          {servedModel === null ? (
            t('requests.step.nobody')
          ) : (
            <Trans
              t={t}
              // That it was this computer’s own engine goes without saying.
              i18nKey={
                engine === null || engine === 'builtin' ? 'requests.step.served' : 'requests.step.servedOn'
              }
              values={{ model: servedModel, engine }}
              components={code}
            />
          )}
        </li>
      </ol>
      {leftOffice !== null && (
        <Note tone="attention">{t('requests.leftOffice', { engine: leftOffice })}</Note>
      )}
    </section>
  );
}

function AskedBy({ row }: RowProps): ReactNode {
  const { t } = useTranslation();
  const client = guessClient(row.client);
  return (
    <Fields
      title={t('request.askedBy')}
      fields={[
        [t('request.key'), row.key],
        [t('request.person'), row.person],
        [t('request.team'), row.team],
        [t('request.device'), row.device],
        [t('request.endUser'), row.endUser],
        [
          t('request.client'),
          client === null || client === row.client ? client : `${client} (${row.client ?? ''})`,
        ],
        [t('request.ip'), row.ip, 'code'],
        [t('request.route'), row.route, 'code'],
        [t('request.id'), row.id, 'code'],
        ...(row.clientRequestId === null
          ? []
          : [[t('requests.clientRequestId'), row.clientRequestId, 'code'] satisfies Field]),
      ]}
    />
  );
}

/** What the device may still use. The log does not keep what it was then. */
function LimitsNow({ row: { keyId } }: RowProps): ReactNode {
  const { t } = useTranslation();
  const spending = useSpending().data;
  const accounts = spending?.keys.find(({ id }) => id === keyId)?.accounts;
  if (spending === undefined || accounts?.some(({ limits }) => limits.budgets.length > 0) !== true)
    return null;
  return (
    <section>
      <h3 className={styles['title']}>{t('requests.limitsNow')}</h3>
      <SpentList accounts={accounts} currency={spending.currency} />
    </section>
  );
}

function AsCurl({ row }: RowProps): ReactNode {
  const { t } = useTranslation();
  const status = useStatus().data;
  if (status === undefined) return null;
  const command = requestCurl(row, {
    address: status.lan.address ?? status.address,
    said: t('requests.curlPrompt'),
  });
  if (command === null) return null;
  return (
    <section>
      <h3 className={styles['title']}>{t('requests.again')}</h3>
      <CopyBlock label={t('requests.asCurl')} value={command} />
    </section>
  );
}

type Field = readonly [label: string, value: ReactNode, isCode?: 'code'];

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
