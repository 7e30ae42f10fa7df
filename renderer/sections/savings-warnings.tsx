import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { SavingsAnswer } from '../../server/wire/savings.ts';
import { Note } from '../parts/note.tsx';

const known = [
  'cloud_prices_broken',
  'currency_changed',
  'exchange_rate_missing',
  'compared_model_missing',
  'models_without_price',
] as const;

/** What the owner should look at. Where a warning is not known here, the server's own words. */
export function SavingsWarnings({ warnings }: Pick<SavingsAnswer, 'warnings'>): ReactNode {
  const { t } = useTranslation();
  return warnings.map(({ code, message }) => {
    const name = known.find((one) => one === code);
    return (
      <Note key={code} tone={code === 'exchange_rate_missing' ? 'quiet' : 'attention'}>
        <p>{name === undefined ? message : t(`savings.warning.${name}`)}</p>
        {/* It names the file and the entry. */}
        {name === 'cloud_prices_broken' && <p>{message}</p>}
      </Note>
    );
  });
}
