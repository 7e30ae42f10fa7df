import { Checkbox, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useAliases, useModels } from '../queries.ts';

type HoursModelsProps = {
  readonly value: readonly string[];
  readonly onChange: (value: readonly string[]) => void;
};

/** Which are there when the office begins; none ticked leaves it to the models' own settings. */
export function HoursModels({ value, onChange }: HoursModelsProps): ReactNode {
  const { t } = useTranslation();
  const aliases = (useAliases().data ?? []).map(({ name }) => name);
  const models = (useModels().data ?? []).map(({ id }) => id);
  // What is chosen and not there any more can still be taken away.
  const names = [...new Set([...aliases, ...models, ...value])];
  return (
    <Checkbox.Group
      label={t('hours.models')}
      description={t('hours.modelsMean')}
      value={[...value]}
      onChange={onChange}
    >
      <Stack gap="xs" pt="xs">
        {names.map((name) => (
          <Checkbox key={name} value={name} label={name} />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}
