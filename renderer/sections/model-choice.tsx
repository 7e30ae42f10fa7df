import { Checkbox, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useAliases, useModels } from '../queries.ts';

type ModelChoiceProps = { readonly value?: string[]; readonly onChange?: (value: string[]) => void };

/** Which models and names a key may use; none ticked means all. */
export function ModelChoice({ value = [], onChange }: ModelChoiceProps): ReactNode {
  const { t } = useTranslation();
  const aliases = (useAliases().data ?? []).map(({ name }) => name);
  const models = (useModels().data ?? []).map(({ id }) => id);
  // What is chosen and not there, or not any more, can still be taken away.
  const names = [...new Set([...aliases, ...models, ...value])];
  if (names.length === 0) return null;
  return (
    <Checkbox.Group
      label={t('keys.mayUse')}
      description={t('keys.mayUseHint')}
      value={value}
      {...(onChange === undefined ? {} : { onChange })}
    >
      <Stack gap="xs" pt="xs">
        {names.map((name) => (
          <Checkbox key={name} value={name} label={name} />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}
