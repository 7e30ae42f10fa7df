import { useTranslation } from 'react-i18next';
import type { SavingsAnswer } from '../../server/wire/savings.ts';
import { useCalendar } from '../use-calendar.ts';
import { useFormat } from '../use-format.ts';

type Band = SavingsAnswer['total']['saved'];
type PaidOff = NonNullable<SavingsAnswer['computer']>['likely'];

/** How estimates are written: never without the sign that they are such. */
export function useEstimate(currency: string) {
  const { t } = useTranslation();
  const format = useFormat();
  const calendar = useCalendar();
  const money = (amount: number): string => {
    const sign = amount < 0 ? '−' : '';
    return `≈ ${sign}${format.money(Math.abs(amount), currency)}`;
  };
  return {
    money,
    /** The worst case to the best. */
    between: ({ worst, best }: Band) => t('savings.between', { worst: money(worst), best: money(best) }),
    paidOff({ state, month }: PaidOff): string {
      const when = month === null ? '' : calendar.month(month);
      switch (state) {
        case 'paid':
          return t('savings.paidIn', { month: when });
        case 'expected':
          return t('savings.expectedIn', { month: when });
        case 'not-at-this-pace':
          return t('savings.notAtThisPace');
        case 'too-early':
          return t('savings.tooEarly');
        default:
          return state satisfies never;
      }
    },
  };
}
