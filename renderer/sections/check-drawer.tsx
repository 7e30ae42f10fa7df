import { Drawer } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CheckVerdict, ModelCheck } from '../../server/wire/checks.ts';
import { Fact, Facts } from '../parts/facts.tsx';
import { VerdictWord } from '../parts/state-word.tsx';
import { useFormat, useNow } from '../use-format.ts';
import styles from './check-drawer.module.css';

type CheckDrawerProps = { readonly check: ModelCheck | null; readonly onClose: () => void };

/** What was tried with a model and what came of it, sentence by sentence. */
export function CheckDrawer({ check, onClose }: CheckDrawerProps): ReactNode {
  const { t } = useTranslation();
  return (
    <Drawer.Root opened={check !== null} onClose={onClose} position="right" size={520} padding="lg">
      <Drawer.Overlay backgroundOpacity={0.45} />
      <Drawer.Content>
        {/* The library makes it a page's header otherwise, of which there is one already. */}
        <Drawer.Header role="presentation">
          <Drawer.Title className={styles['heading'] ?? ''}>
            {t('checks.detailsOf', { model: check?.model ?? '' })}
          </Drawer.Title>
          <Drawer.CloseButton aria-label={t('common.close')} />
        </Drawer.Header>
        <Drawer.Body>{check !== null && <CheckDetails check={check} />}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}

function CheckDetails({ check }: { readonly check: ModelCheck }): ReactNode {
  const { t } = useTranslation();
  return (
    <div className={styles['details']}>
      <p className={styles['sentence']}>{t('checks.lead')}</p>
      <CheckFacts check={check} />
      <section>
        <h3 className={styles['title']}>{t('checks.tried')}</h3>
        <ul className={styles['list']}>
          {check.verdicts.map((verdict) => (
            <VerdictRow key={verdict.point} verdict={verdict} />
          ))}
        </ul>
      </section>
    </div>
  );
}

function CheckFacts({ check }: { readonly check: ModelCheck }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const { checkedAt, tookMs, engineVersion, contextTokens } = check;
  return (
    <>
      {checkedAt !== null && (
        <p className={styles['sentence']} title={format.dateTime(checkedAt)}>
          {t('checks.checked', { when: format.ago(checkedAt, now), took: format.duration(tookMs ?? 0) })}
        </p>
      )}
      <Facts>
        {engineVersion !== null && <Fact label={t('checks.version')} value={engineVersion} />}
        {contextTokens !== null && (
          <Fact
            label={t('checks.context')}
            value={t('models.tokens', { count: contextTokens, shown: format.integer(contextTokens) })}
          />
        )}
      </Facts>
    </>
  );
}

function VerdictRow({ verdict }: { readonly verdict: CheckVerdict }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { point, state, code, values, tookMs } = verdict;
  const shown = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'number' ? format.integer(value) : value,
    ]),
  );
  return (
    <li className={styles['row']}>
      <div className={styles['point']}>
        <span className={styles['name']}>{t(`checks.point.${point}`)}</span>
        <VerdictWord state={state} />
      </div>
      <p className={styles['sentence']}>
        {/* TypeScript gives up on so many sentences with values of their own; this one stands for all. */}
        {t(`checks.why.${code}` as 'checks.why.error', shown as Record<'status' | 'message', string>)}
        {tookMs >= 100 && ` (${format.duration(tookMs)})`}
      </p>
    </li>
  );
}
