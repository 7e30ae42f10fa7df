import { memo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { unknown } from '../format.ts';
import { Stat } from '../parts/stat.tsx';
import { useSavings } from '../queries-usage.ts';
import { useFormat, useNow } from '../use-format.ts';
import { dayIn } from '../zone.ts';

/** What the day has saved so far: an estimate, and marked as one. What it rests on is told under Usage. */
export const SavingToday = memo(function Saving({ zone }: { readonly zone: string }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const today = dayIn(zone, useNow());
  const answer = useSavings({ first: today, last: today }, 'month').data;
  return (
    <Stat
      label={t('today.saved')}
      value={answer === undefined ? unknown : format.estimate(answer.total.saved.likely, answer.currency)}
      exact={t('today.savedMeans')}
    />
  );
});
