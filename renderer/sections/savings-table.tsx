import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { SavingsAnswer } from '../../server/wire/savings.ts';
import { ScrollTable } from '../parts/scroll-table.tsx';
import { useCalendar } from '../use-calendar.ts';
import { useFormat } from '../use-format.ts';
import { useEstimate } from './use-estimate.ts';

/** The estimate by month, person, team or model. */
export function SavingsTable({ answer }: { readonly answer: SavingsAnswer }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const calendar = useCalendar();
  const { by, rows, total, currency } = answer;
  const { money } = useEstimate(currency);
  const nameOf = (group: string | null): string => {
    if (group === null) return t(`savings.nobody.${by}`);
    return by === 'month' ? calendar.month(group) : group;
  };
  return (
    <ScrollTable caption={t('savings.title')}>
      <thead>
        <tr>
          <th scope="col">{t(`savings.column.${by}`)}</th>
          <th scope="col">{t('savings.tokens')}</th>
          <th scope="col">{t('savings.cloud')}</th>
          <th scope="col">{t('savings.electricity')}</th>
          <th scope="col">{t('savings.worst')}</th>
          <th scope="col">{t('savings.likely')}</th>
          <th scope="col">{t('savings.best')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.group ?? ''}>
            <th scope="row">{nameOf(row.group)}</th>
            <td title={format.integer(row.promptTokens + row.completionTokens)}>
              {format.count(row.promptTokens + row.completionTokens)}
            </td>
            <Amounts cells={row} money={money} />
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">{t('usage.inAll')}</th>
          <td>{format.count(total.promptTokens + total.completionTokens)}</td>
          <Amounts cells={total} money={money} />
        </tr>
      </tfoot>
    </ScrollTable>
  );
}

type AmountsProps = {
  readonly cells: Pick<SavingsAnswer['total'], 'cloud' | 'electricity' | 'saved'>;
  readonly money: (amount: number) => string;
};

function Amounts({ cells: { cloud, electricity, saved }, money }: AmountsProps): ReactNode {
  return (
    <>
      <td>{money(cloud.likely)}</td>
      <td>{money(electricity.likely)}</td>
      <td>{money(saved.worst)}</td>
      <td>{money(saved.likely)}</td>
      <td>{money(saved.best)}</td>
    </>
  );
}
