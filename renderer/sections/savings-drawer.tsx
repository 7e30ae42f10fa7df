import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { SavingsAnswer } from '../../server/wire/savings.ts';
import { SideDrawer } from '../parts/side-drawer.tsx';
import { TokenNote } from '../parts/token-note.tsx';
import { useCalendar } from '../use-calendar.ts';
import styles from './savings-drawer.module.css';
import { assumptionKind, useAssumptionValue, type Assumption } from './use-assumption.ts';

type SavingsDrawerProps = {
  readonly answer: SavingsAnswer | undefined;
  readonly isOpen: boolean;
  readonly onClose: () => void;
};

/** Everything the estimate takes for granted: how much, from where, of when, and what it does. */
export function SavingsDrawer({ answer, isOpen, onClose }: SavingsDrawerProps): ReactNode {
  const { t } = useTranslation();
  return (
    <SideDrawer title={t('savings.assumptionsTitle')} isOpen={isOpen} onClose={onClose}>
      {answer !== undefined && (
        <>
          <p className={styles['lead']}>{t('savings.assumptionsLead')}</p>
          <dl className={styles['list']}>
            {answer.assumptions.map((assumption) => (
              <AssumptionLine key={assumption.id} assumption={assumption} currency={answer.currency} />
            ))}
          </dl>
          <TokenNote />
        </>
      )}
    </SideDrawer>
  );
}

type AssumptionLineProps = { readonly assumption: Assumption; readonly currency: string };

function AssumptionLine({ assumption, currency }: AssumptionLineProps): ReactNode {
  const { t } = useTranslation();
  const calendar = useCalendar();
  const valueOf = useAssumptionValue(currency);
  const { id, source, asOf, effect } = assumption;
  const kind = assumptionKind(id);
  const value = valueOf(assumption);
  const model = id.slice(id.indexOf(':') + 1);
  const when = asOf === null ? null : asOf.length === 7 ? calendar.month(asOf) : calendar.day(asOf);
  return (
    <div className={styles['one']}>
      <dt className={styles['name']}>
        {kind === null ? id : t(`savings.assumption.name.${kind}`, { model })}
      </dt>
      {value !== null && <dd className={styles['value']}>{value}</dd>}
      <dd className={styles['second']}>{kind === null ? effect : t(`savings.assumption.effect.${kind}`)}</dd>
      <dd className={styles['second']}>
        {[t(`savings.source.${source}`), ...(when === null ? [] : [when])].join(' · ')}
      </dd>
    </div>
  );
}
