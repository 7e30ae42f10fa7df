import { NativeSelect, type NativeSelectProps } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useAliases, useModels } from '../queries.ts';

type TargetFieldProps = Omit<NativeSelectProps, 'data' | 'value'> & {
  readonly value: string;
  /** The name that leads there; it is not offered to itself, and its `*` can be handed on. */
  readonly ofName: string;
};

/** What a name can lead to: a model, or another name. */
export function TargetField({ value, ofName, ...rest }: TargetFieldProps): ReactNode {
  const { t } = useTranslation();
  const models = (useModels().data ?? []).map(({ id }) => id);
  const names = (useAliases().data ?? []).map(({ name }) => name).filter((name) => isOffered(name, ofName));
  const star = ofName.includes('*') ? [{ value: '*', label: t('names.whatTheStarIs') }] : [];
  const isKnown = [...models, ...names, ...star.map((option) => option.value)].includes(value);
  return (
    <NativeSelect
      {...rest}
      value={value}
      data={[
        // One that is not there (yet) stays in the list, or the choice would look different from what it is.
        ...(isKnown || value === '' ? [] : [value]),
        ...star,
        ...(models.length === 0 ? [] : [{ group: t('names.models'), items: models }]),
        ...(names.length === 0 ? [] : [{ group: t('names.otherNames'), items: names }]),
      ]}
    />
  );
}

function isOffered(name: string, ofName: string): boolean {
  return name !== ofName && !name.includes('*');
}
