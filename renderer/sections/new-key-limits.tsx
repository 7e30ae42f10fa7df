import { Switch, Textarea } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CreateKeyRequest } from '../../server/wire/admin.ts';
import type { PairingPreset } from '../../server/wire/pairing.ts';
import { presetPolicy } from '../../server/wire/presets.ts';
import { MoreOptions } from '../parts/more-options.tsx';
import { useSpending } from '../queries-limits.ts';
import { useFormat } from '../use-format.ts';
import type { Problems } from '../use-values.ts';
import { KeyLimitsBudgets } from './key-limits-budgets.tsx';
import { KeyLimitsPace } from './key-limits-pace.tsx';
import { areUsual } from './key-limits-presets.ts';
import { limitsOf, limitsProblems, limitsValues, noLimits, type LimitsValues } from './key-limits-values.ts';

type NewKeyLimitsProps = {
  readonly preset: PairingPreset;
  readonly limits: LimitsValues;
  /** One address or range a line. */
  readonly ips: string;
  /** Whether it was tried to go on with limits that cannot be: what is wrong must be seen. */
  readonly hasFailed: boolean;
  readonly onLimits: (limits: LimitsValues) => void;
  readonly onIps: (ips: string) => void;
};

/** What a device that is not there yet may use: the preset's, and every number of it to be changed. */
export function NewKeyLimits(props: NewKeyLimitsProps): ReactNode {
  const { t } = useTranslation();
  const { preset, limits, hasFailed, onLimits } = props;
  const usual = useUsualLimits(preset);
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Switch
        label={t('limits.usual')}
        description={usual}
        checked={areUsual(preset, limits)}
        onChange={({ currentTarget: { checked } }) =>
          onLimits(limitsValues(checked ? presetPolicy(preset).limits : noLimits))
        }
      />
      <MoreOptions label={t('newKey.limits')} isOpen={isOpen || hasFailed} onToggle={setIsOpen}>
        <Fields {...props} />
      </MoreOptions>
    </>
  );
}

function Fields({ limits, ips, hasFailed, onLimits, onIps }: NewKeyLimitsProps): ReactNode {
  const { t } = useTranslation();
  const currency = useSpending().data?.currency ?? 'EUR';
  const problems: Problems = hasFailed ? problemsOf(limits) : {};
  const errorAt = (path: string): ReactNode => {
    const problem = problems[path];
    return problem === undefined ? undefined : t(`limits.problem.${problem}`);
  };
  return (
    <>
      <KeyLimitsBudgets
        budgets={limits.budgets}
        currency={currency}
        errorAt={errorAt}
        onChange={(budgets) => onLimits({ ...limits, budgets })}
      />
      <KeyLimitsPace values={limits} errorAt={errorAt} onChange={onLimits} />
      <Textarea
        label={t('limits.ips')}
        description={t('limits.ipsHint')}
        placeholder="192.168.1.0/24"
        autosize
        minRows={1}
        maxRows={4}
        spellCheck={false}
        value={ips}
        onChange={({ currentTarget: { value } }) => onIps(value)}
      />
    </>
  );
}

export const problemsOf = limitsProblems;

/** A preset's limits in a sentence. */
export function useUsualLimits(preset: PairingPreset): string {
  const { t } = useTranslation();
  const format = useFormat();
  const { requestsPerMinute, maxParallel, budgets } = presetPolicy(preset).limits;
  const [budget] = budgets;
  const pace = t('limits.usualPace', { requests: requestsPerMinute, parallel: maxParallel });
  return budget === undefined ? pace : t('limits.usualAll', { pace, tokens: format.integer(budget.amount) });
}

/** Addresses or ranges as people part them; null for everywhere. */
export function rangesOf(text: string): string[] | null {
  const ranges = text.split(/[\s,;]+/).filter((range) => range !== '');
  return ranges.length === 0 ? null : ranges;
}

/** All of them are said, also those that are lifted: what is left out would be the preset's. */
export function requestedLimits(
  preset: PairingPreset,
  { limits, ips }: { readonly limits: LimitsValues; readonly ips: string },
): Pick<CreateKeyRequest, 'limits' | 'priority' | 'ips'> {
  const wanted = limitsOf(limits);
  const isLimited = Object.values(wanted).some((limit) =>
    Array.isArray(limit) ? limit.length > 0 : limit !== null,
  );
  return {
    limits: wanted,
    priority: isLimited ? presetPolicy(preset).priority : 'normal',
    ips: rangesOf(ips),
  };
}
