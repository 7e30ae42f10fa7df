import { Button, Group, SegmentedControl, Stack, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useId, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { PairingPreset } from '../../server/wire/pairing.ts';
import type { InvitationRequest } from '../api.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { MoreOptions } from '../parts/more-options.tsx';
import { useFormat } from '../use-format.ts';
import { ExpiryFields } from './expiry-fields.tsx';
import { expiryDate, type ExpiryChoice } from './key-expiry.ts';
import { presetPolicy, presets } from './key-limits-presets.ts';
import { ModelChoice } from './model-choice.tsx';
import { OfficeClosedNote } from './office-closed-note.tsx';
import { TeamField } from './team-field.tsx';
import styles from './person-form.module.css';

type PersonFormProps = {
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly onSubmit: (request: InvitationRequest) => void;
  readonly onCancel: () => void;
};

type PersonValues = {
  name: string;
  device: string;
  preset: PairingPreset;
  /** `preset`: as the server does for it. */
  expiry: ExpiryChoice | 'preset';
  expiryDay: string;
  /** Whether the limits that are usual for the preset are set. */
  hasUsualLimits: boolean;
  team: string;
  models: string[];
};

const emptyForm: PersonValues = {
  name: '',
  device: '',
  preset: 'teammate',
  expiry: 'preset',
  expiryDay: '',
  hasUsualLimits: false,
  team: '',
  models: [],
};

/** Who is to be let in: two words at most, the rest has defaults. */
export function PersonForm({ isBusy, error, onSubmit, onCancel }: PersonFormProps): ReactNode {
  const { t } = useTranslation();
  const [hasMore, setHasMore] = useState(false);
  const presetId = useId();
  const form = useForm<PersonValues>({
    initialValues: emptyForm,
    validate: {
      name: (name) => (name.trim() === '' ? t('people.nameMissing') : null),
      expiryDay: (_, { expiry, expiryDay }) =>
        expiry === 'date' && expiryDate({ expiry, expiryDay }) === null ? t('keys.dayMissing') : null,
    },
  });
  const { preset, expiry, hasUsualLimits } = form.values;
  const usualLimits = useUsualLimits(preset);
  return (
    <form
      onSubmit={form.onSubmit(
        (values) => onSubmit(toRequest(values)),
        (errors) => setHasMore((was) => was || 'expiryDay' in errors),
      )}
      noValidate
    >
      <Stack gap="md">
        <OfficeClosedNote />
        <TextInput
          label={t(`people.nameOf.${preset}`)}
          required
          withAsterisk={false}
          maxLength={100}
          autoComplete="off"
          data-autofocus
          {...form.getInputProps('name')}
        />
        {preset !== 'script' && (
          <TextInput
            label={t('people.device')}
            description={t('people.deviceHint')}
            placeholder={t('people.deviceExample')}
            maxLength={100}
            autoComplete="off"
            {...form.getInputProps('device')}
          />
        )}
        <div>
          <div id={presetId} className={styles['label']}>
            {t('people.preset')}
          </div>
          <SegmentedControl
            fullWidth
            aria-labelledby={presetId}
            value={preset}
            data={presets.map((value) => ({ value, label: t(`people.presetName.${value}`) }))}
            onChange={(value) => {
              form.setFieldValue('preset', value);
              // Colleagues are trusted; what runs by itself or belongs to a visitor must not use up everything.
              form.setFieldValue('hasUsualLimits', value !== 'teammate');
            }}
          />
          <p className={styles['hint']}>{t(`people.presetMeans.${preset}`)}</p>
          {hasUsualLimits && <p className={styles['hint']}>{usualLimits}</p>}
        </div>
        <MoreOptions isOpen={hasMore} onToggle={setHasMore}>
          <ExpiryFields
            first={{ value: 'preset', label: t(`people.presetExpiry.${preset}`) }}
            isDate={expiry === 'date'}
            choice={form.getInputProps('expiry')}
            day={form.getInputProps('expiryDay')}
          />
          <Switch
            label={t('limits.usual')}
            description={usualLimits}
            {...form.getInputProps('hasUsualLimits', { type: 'checkbox' })}
          />
          <TeamField value={form.values.team} onChange={(team) => form.setFieldValue('team', team)} />
          <ModelChoice {...form.getInputProps('models')} />
        </MoreOptions>
        {error !== null && <ErrorNote error={error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onCancel}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={isBusy}>
            {t('people.invite')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function useUsualLimits(preset: PairingPreset): string {
  const { t } = useTranslation();
  const format = useFormat();
  const { requestsPerMinute, maxParallel, budgets } = presetPolicy(preset).limits;
  const [budget] = budgets;
  const pace = t('limits.usualPace', { requests: requestsPerMinute, parallel: maxParallel });
  return budget === undefined ? pace : t('limits.usualAll', { pace, tokens: format.integer(budget.amount) });
}

/** A script is a device of nobody's. */
function toRequest(values: PersonValues): InvitationRequest {
  const { preset, expiry, expiryDay } = values;
  const [name, device, team] = [values.name.trim(), values.device.trim(), values.team.trim()];
  return {
    preset,
    person: preset === 'script' ? null : name,
    device: preset === 'script' ? name : device === '' ? null : device,
    team: team === '' ? null : team,
    models: values.models.length === 0 ? null : values.models,
    ...(values.hasUsualLimits ? presetPolicy(preset) : {}),
    ...(expiry === 'preset' ? {} : { expiresAt: expiryDate({ expiry, expiryDay })?.toISOString() ?? null }),
  };
}
