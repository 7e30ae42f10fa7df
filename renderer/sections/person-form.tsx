import { Button, Group, NativeSelect, SegmentedControl, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useId, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { PairingPreset } from '../../server/wire/pairing.ts';
import type { InvitationRequest } from '../api.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { MoreOptions } from '../parts/more-options.tsx';
import { useUnsaved } from '../unsaved.ts';
import { ExpiryFields } from './expiry-fields.tsx';
import { expiryDate, type ExpiryChoice } from './key-expiry.ts';
import { areUsual, firstLimits, presets } from './key-limits-presets.ts';
import type { LimitsValues } from './key-limits-values.ts';
import { ModelChoice } from './model-choice.tsx';
import { NewKeyLimits, problemsOf, requestedLimits, useUsualLimits } from './new-key-limits.tsx';
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
  limits: LimitsValues;
  /** One address or range a line. */
  ips: string;
  /** How long the invitation itself counts. */
  validMinutes: number;
  team: string;
  models: string[];
};

/** Ten minutes for somebody who stands beside; longer for a card on paper. */
const lifetimes = { tenMinutes: 10, day: 1_440, threeDays: 4_320, week: 10_080 } as const;
const lifetimeNames = Object.keys(lifetimes) as (keyof typeof lifetimes)[];

function usualLifetime(preset: PairingPreset): number {
  return preset === 'guest' ? lifetimes.day : lifetimes.tenMinutes;
}

const emptyForm: PersonValues = {
  name: '',
  device: '',
  preset: 'teammate',
  expiry: 'preset',
  expiryDay: '',
  limits: firstLimits('teammate'),
  ips: '',
  validMinutes: lifetimes.tenMinutes,
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
      limits: (limits) => (Object.keys(problemsOf(limits)).length > 0 ? t('newKey.limitsWrong') : null),
    },
  });
  useUnsaved(form.isDirty());
  const { preset, expiry, limits } = form.values;
  const usualLimits = useUsualLimits(preset);
  return (
    <form
      onSubmit={form.onSubmit(
        (values) => onSubmit(toRequest(values)),
        (errors) => setHasMore((was) => was || 'expiryDay' in errors || 'limits' in errors),
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
              form.setValues({
                preset: value,
                limits: firstLimits(value),
                validMinutes: usualLifetime(value),
              });
            }}
          />
          <p className={styles['hint']}>{t(`people.presetMeans.${preset}`)}</p>
          {areUsual(preset, limits) && <p className={styles['hint']}>{usualLimits}</p>}
        </div>
        <MoreOptions isOpen={hasMore} onToggle={setHasMore}>
          <ExpiryFields
            first={{ value: 'preset', label: t(`people.presetExpiry.${preset}`) }}
            isDate={expiry === 'date'}
            choice={form.getInputProps('expiry')}
            day={form.getInputProps('expiryDay')}
          />
          <NewKeyLimits
            preset={preset}
            limits={limits}
            ips={form.values.ips}
            hasFailed={form.errors['limits'] !== undefined}
            onLimits={(changed) => form.setFieldValue('limits', changed)}
            onIps={(ips) => form.setFieldValue('ips', ips)}
          />
          <NativeSelect
            label={t('newKey.lifetime')}
            description={t('newKey.lifetimeHint')}
            data={lifetimeNames.map((name) => ({
              value: String(lifetimes[name]),
              label: t(`newKey.lasts.${name}`),
            }))}
            value={String(form.values.validMinutes)}
            onChange={({ currentTarget: { value } }) => form.setFieldValue('validMinutes', Number(value))}
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
    ...requestedLimits(preset, values),
    validMinutes: values.validMinutes,
    ...(expiry === 'preset' ? {} : { expiresAt: expiryDate({ expiry, expiryDay })?.toISOString() ?? null }),
  };
}
