import { Button, NativeSelect } from '@mantine/core';
import { ListChecks, Settings2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { SavingsAnswer } from '../../server/wire/savings.ts';
import type { SavingsGroup } from '../api-usage.ts';
import { Chip } from '../parts/chip.tsx';
import { Fact, Facts } from '../parts/facts.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { Waiting } from '../parts/waiting.tsx';
import type { Period } from '../period.ts';
import { useSavings } from '../queries-usage.ts';
import { useFormat } from '../use-format.ts';
import { SavingsDrawer } from './savings-drawer.tsx';
import { SavingsDialog } from './savings-dialog.tsx';
import styles from './savings-panel.module.css';
import { SavingsTable } from './savings-table.tsx';
import { SavingsWarnings } from './savings-warnings.tsx';
import { useEstimate } from './use-estimate.ts';

const groups = ['month', 'person', 'team', 'model'] as const satisfies readonly SavingsGroup[];

/** What the same would have cost in the cloud, less electricity. Always an estimate, and marked as one. */
export function SavingsPanel({ period }: { readonly period: Period }): ReactNode {
  const { t } = useTranslation();
  const [by, setBy] = useState<SavingsGroup>('month');
  const [isTelling, setIsTelling] = useState(false);
  const [isSetting, setIsSetting] = useState(false);
  const query = useSavings(period, by);
  const settings = (
    <Button
      variant="default"
      size="xs"
      leftSection={<Settings2 size={16} aria-hidden />}
      onClick={() => setIsSetting(true)}
    >
      {t('savings.settings')}
    </Button>
  );
  return (
    <>
      <Panel title={t('savings.title')} action={<Chip tone="info">{t('savings.estimate')}</Chip>} flush>
        <div className={styles['room']}>
          <QueryView
            query={query}
            waiting={
              <div className={styles['body']}>
                <Waiting lines={5} />
              </div>
            }
          >
            {(answer) => (
              <>
                <div className={styles['body']}>
                  <Estimate answer={answer}>
                    <Button
                      variant="default"
                      size="xs"
                      leftSection={<ListChecks size={16} aria-hidden />}
                      onClick={() => setIsTelling(true)}
                    >
                      {t('savings.assumptions')}
                    </Button>
                    {settings}
                  </Estimate>
                  <SavingsWarnings warnings={answer.warnings} />
                </div>
                <div className={styles['by']}>
                  <h3 className={styles['byTitle']}>{t('savings.split')}</h3>
                  <NativeSelect
                    size="xs"
                    aria-label={t('savings.by')}
                    data={groups.map((value) => ({ value, label: t(`savings.group.${value}`) }))}
                    value={by}
                    onChange={({ currentTarget: { value } }) =>
                      setBy(groups.find((known) => known === value) ?? 'month')
                    }
                  />
                </div>
                <SavingsTable answer={answer} />
              </>
            )}
          </QueryView>
        </div>
      </Panel>
      <SavingsDrawer answer={query.data} isOpen={isTelling} onClose={() => setIsTelling(false)} />
      <SavingsDialog isOpen={isSetting} onClose={() => setIsSetting(false)} />
    </>
  );
}

type EstimateProps = { readonly answer: SavingsAnswer; readonly children: ReactNode };

function Estimate({ answer, children }: EstimateProps): ReactNode {
  const { t } = useTranslation();
  const { total, currency, computer } = answer;
  const kept = answer.leftOut.kept.promptTokens + answer.leftOut.kept.completionTokens;
  const estimate = useEstimate(currency);
  const format = useFormat();
  return (
    <>
      <p className={styles['sentence']}>{t('savings.lead')}</p>
      <div className={styles['top']}>
        <div>
          <p className={styles['value']}>{estimate.money(total.saved.likely)}</p>
          <p className={styles['between']}>{estimate.between(total.saved)}</p>
        </div>
        <div className={styles['ways']}>{children}</div>
      </div>
      <Facts>
        <Fact label={t('savings.cloud')} value={estimate.money(total.cloud.likely)} />
        <Fact label={t('savings.electricity')} value={estimate.money(total.electricity.likely)} />
        <Fact
          label={t('savings.paidOff')}
          value={computer === null ? t('savings.noComputer') : estimate.paidOff(computer.likely)}
        />
        {computer !== null && (
          <>
            <Fact label={t('savings.bestCase')} value={estimate.paidOff(computer.best)} />
            <Fact label={t('savings.worstCase')} value={estimate.paidOff(computer.worst)} />
          </>
        )}
        {kept > 0 && (
          <Fact
            label={t('savings.assumption.name.left-out-kept')}
            value={t('savings.assumption.unit.tokens', { amount: format.count(kept) })}
          />
        )}
      </Facts>
    </>
  );
}
