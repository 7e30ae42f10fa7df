import { Switch, Textarea } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Values } from '../use-values.ts';
import type { KeyValues } from './key-limits-form.ts';
import { ModelChoice } from './model-choice.tsx';

/** Which models, from which addresses, and whether a request may be answered elsewhere. */
export function KeyLimitsWhere({ form }: { readonly form: Values<KeyValues> }): ReactNode {
  const { t } = useTranslation();
  const { values, put, errors } = form;
  return (
    <>
      <ModelChoice value={values.models} onChange={(models) => put('models', models)} />
      <Textarea
        label={t('limits.ips')}
        description={t('limits.ipsHint')}
        placeholder="192.168.1.0/24"
        autosize
        minRows={2}
        maxRows={8}
        spellCheck={false}
        value={values.ips}
        error={errors['ips']}
        onChange={({ currentTarget: { value } }) => put('ips', value)}
      />
      <Switch
        label={t('limits.mayLeave')}
        description={t('limits.mayLeaveHint')}
        checked={values.mayLeave}
        onChange={({ currentTarget: { checked } }) => put('mayLeave', checked)}
      />
      <Switch
        label={t('limits.outside')}
        description={t('limits.outsideHint')}
        error={errors['outside']}
        checked={values.outside}
        onChange={({ currentTarget: { checked } }) => put('outside', checked)}
      />
      <Switch
        label={t('limits.cache')}
        description={t('limits.cacheHint')}
        checked={values.cache}
        onChange={({ currentTarget: { checked } }) => put('cache', checked)}
      />
    </>
  );
}
