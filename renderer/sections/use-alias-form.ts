import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import type { AliasForm } from './alias-form.ts';
import { numberOf } from './model-settings-form.ts';

export type AliasFormApi = ReturnType<typeof useAliasForm>;

/** The form of a name, with what must be true of it; `taken` are names that it may not have. */
export function useAliasForm(initialValues: AliasForm, taken: readonly string[]) {
  const { t } = useTranslation();
  const weight = (value: number | string): string | null =>
    isWithin(value, 0, 1000) && value !== '' && numberOf(value) !== 0 ? null : t('names.weightRange');
  return useForm<AliasForm>({
    mode: 'controlled',
    initialValues,
    validateInputOnChange: ['name'],
    validate: {
      name: (value) => {
        const name = value.trim();
        if (name === '') return t('aliases.nameMissing');
        if (name.split('*').length > 2) return t('names.oneStar');
        // An existing one would be pointed elsewhere unasked.
        return taken.includes(name) ? t('aliases.nameTaken') : null;
      },
      model: (value) => (value === '' ? t('names.modelMissing') : null),
      weight: (value, { others }) => (others.length === 0 ? null : weight(value)),
      others: {
        weight,
        model: (value, { others, model }) =>
          value === model || others.filter((other) => other.model === value).length > 1
            ? t('names.sharedTwice')
            : null,
      },
      temperature: (value) => (isWithin(value, 0, 2) ? null : t('names.temperatureRange')),
      topP: (value) => (isWithin(value, 0, 1) && numberOf(value) !== 0 ? null : t('names.topPRange')),
      maxTokens: (value) =>
        isWithin(value, 1, 10_000_000) && Number.isInteger(numberOf(value) ?? 1)
          ? null
          : t('names.maxTokensRange'),
    },
  });
}

/** An empty field leaves it to the tool. */
function isWithin(value: number | string, least: number, most: number): boolean {
  const number = numberOf(value);
  return number === null ? value === '' : number >= least && number <= most;
}
