import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { resetCloudPrices } from '../api-usage.ts';
import { unknown } from '../format.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { Fold } from '../parts/more-options.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { ScrollTable } from '../parts/scroll-table.tsx';
import { useCloudPrices, useSavingsChange } from '../queries-usage.ts';
import { useStatus } from '../queries.ts';
import { useCalendar } from '../use-calendar.ts';
import { useFormat } from '../use-format.ts';
import styles from './savings-price-list.module.css';

/** Which prices there are, of when, and whether the list is the owner's own. */
export function SavingsPriceList(): ReactNode {
  const { t } = useTranslation();
  const { price: shown } = useFormat();
  const calendar = useCalendar();
  const query = useCloudPrices();
  const dataDir = useStatus().data?.dataDir ?? '';
  const reset = useSavingsChange(() => resetCloudPrices());
  return (
    <Fold label={t('savings.priceList')}>
      <QueryView query={query}>
        {({ prices, from, problem }) => (
          <div className={styles['list']}>
            <p className={styles['sentence']}>{t(`savings.listFrom.${from}`, { folder: dataDir })}</p>
            {problem !== null && <p className={styles['sentence']}>{problem}</p>}
            {(from === 'own' || problem !== null) && (
              <div>
                <Button
                  variant="default"
                  size="xs"
                  loading={reset.isPending}
                  onClick={() => reset.mutate(undefined)}
                >
                  {t('savings.resetList')}
                </Button>
              </div>
            )}
            {reset.error !== null && <ErrorNote error={reset.error} />}
            <ScrollTable caption={t('savings.priceList')} isTall>
              <thead>
                <tr>
                  <th scope="col">{t('savings.cloudModel')}</th>
                  <th scope="col">{t('savings.priceIn')}</th>
                  <th scope="col">{t('savings.priceAgain')}</th>
                  <th scope="col">{t('savings.priceOut')}</th>
                  <th scope="col">{t('savings.priceDate')}</th>
                </tr>
              </thead>
              <tbody>
                {prices.map((price) => (
                  <tr key={price.id}>
                    <th scope="row">{price.name}</th>
                    <td>{shown(price.input)}</td>
                    <td>{price.cachedInput === null ? unknown : shown(price.cachedInput)}</td>
                    <td>{shown(price.output)}</td>
                    <td>{calendar.month(price.date)}</td>
                  </tr>
                ))}
              </tbody>
            </ScrollTable>
            <p className={styles['second']}>{t('savings.priceUnit')}</p>
          </div>
        )}
      </QueryView>
    </Fold>
  );
}
