import { NativeSelect } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { KeyRecord } from '../../server/wire/admin.ts';
import { Note } from '../parts/note.tsx';
import { useFormat } from '../use-format.ts';
import type { Values } from '../use-values.ts';
import { isTraced, traceChoices, type KeyValues } from './key-limits-form.ts';

type KeyLimitsTraceProps = { readonly form: Values<KeyValues>; readonly record: KeyRecord };

/** Whether what this device asks is kept, and until when. There is always an end. */
export function KeyLimitsTrace({ form, record }: KeyLimitsTraceProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { values, put, errors } = form;
  const offered = traceChoices.filter((choice) => choice !== 'keep' || isTraced(record));
  const labelOf = (choice: (typeof traceChoices)[number]): string => {
    if (choice === 'off') return t('limits.keep.off');
    if (choice === 'keep') {
      return t('limits.keep.until', { time: format.dateTime(record.traceUntil ?? '') });
    }
    return t('limits.keep.days', { count: Number(choice) });
  };
  return (
    <>
      <NativeSelect
        label={t('limits.keep.label')}
        description={t('limits.keep.means')}
        data={offered.map((value) => ({ value, label: labelOf(value) }))}
        value={values.trace}
        error={errors['trace']}
        onChange={({ currentTarget: { value } }) =>
          put('trace', traceChoices.find((known) => known === value) ?? values.trace)
        }
      />
      {values.trace !== 'off' && <Note tone="attention">{t('limits.keep.told')}</Note>}
    </>
  );
}
