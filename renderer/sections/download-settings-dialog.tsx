import { Button, Checkbox, Group, NumberInput, Stack, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { SettingRecord } from '../../server/wire/settings.ts';
import { Dialog } from '../parts/dialog.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { PasswordField } from '../parts/password-field.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useSetSettings, useSettings } from '../queries.ts';
import { useUnsaved } from '../unsaved.ts';

type DownloadSettingsDialogProps = { readonly isOpen: boolean; readonly onClose: () => void };

/** How much of the disk stays free, how many connections, and the model hub with the owner's token for it. */
export function DownloadSettingsDialog({ isOpen, onClose }: DownloadSettingsDialogProps): ReactNode {
  const { t } = useTranslation();
  return (
    <Dialog title={t('downloadSettings.title')} isOpen={isOpen} onClose={onClose}>
      {isOpen && <LoadedSettings onClose={onClose} />}
    </Dialog>
  );
}

function LoadedSettings({ onClose }: { readonly onClose: () => void }): ReactNode {
  const query = useSettings();
  return (
    <QueryView query={query}>
      {(settings) => <DownloadSettingsForm settings={settings} onClose={onClose} />}
    </QueryView>
  );
}

type FormValues = {
  leaveFreeGb: number | string;
  connections: number | string;
  /** Empty: as fast as the line is. */
  mostMegabytes: number | string;
  isOnlyAtNight: boolean;
  from: string;
  until: string;
  hubAddress: string;
  /** Never filled in: what is set is not told. */
  hubToken: string;
  forgetsToken: boolean;
};

type DownloadSettingsFormProps = {
  readonly settings: readonly SettingRecord[];
  readonly onClose: () => void;
};

function DownloadSettingsForm({ settings, onClose }: DownloadSettingsFormProps): ReactNode {
  const { t } = useTranslation();
  const set = useSetSettings();
  const hasToken = valueOf(settings, 'hub.token') !== null;
  const hours = hoursOf(settings);
  const form = useForm<FormValues>({
    mode: 'controlled',
    initialValues: {
      leaveFreeGb: Number(valueOf(settings, 'downloads.leaveFreeGb') ?? 0),
      connections: Number(valueOf(settings, 'downloads.connections') ?? 1),
      mostMegabytes: Number(valueOf(settings, 'downloads.mostMegabytesPerSecond') ?? 0) || '',
      isOnlyAtNight: hours !== null,
      from: hours?.from ?? '22:00',
      until: hours?.until ?? '06:00',
      hubAddress: String(valueOf(settings, 'hub.address') ?? ''),
      hubToken: '',
      forgetsToken: false,
    },
    validate: {
      leaveFreeGb: (value) => (typeof value === 'number' ? null : t('downloadSettings.numberMissing')),
      connections: (value) => (typeof value === 'number' ? null : t('downloadSettings.numberMissing')),
      mostMegabytes: (value) =>
        value === '' || (typeof value === 'number' && value >= 0.1) ? null : t('downloadQueue.capRange'),
    },
  });
  useUnsaved(form.isDirty());

  function save(values: FormValues): void {
    const changes = changesOf(settings, values);
    set.mutate(changes, {
      onSuccess: () => {
        if (changes.length > 0) notifications.show({ message: t('downloadSettings.saved') });
        onClose();
      },
    });
  }

  return (
    <form onSubmit={form.onSubmit(save)} noValidate>
      <Stack gap="md">
        <NumberInput
          label={t('downloadSettings.leaveFree')}
          description={t('downloadSettings.leaveFreeMeans')}
          min={0}
          allowNegative={false}
          {...form.getInputProps('leaveFreeGb')}
        />
        <NumberInput
          label={t('downloadSettings.connections')}
          description={t('downloadSettings.connectionsMeans')}
          min={1}
          max={16}
          allowDecimal={false}
          {...form.getInputProps('connections')}
        />
        <NumberInput
          label={t('downloadQueue.cap')}
          description={t('downloadQueue.capMeans')}
          min={0.1}
          allowNegative={false}
          clampBehavior="none"
          {...form.getInputProps('mostMegabytes')}
        />
        <Switch
          label={t('downloadQueue.night')}
          description={t('downloadQueue.nightMeans')}
          {...form.getInputProps('isOnlyAtNight', { type: 'checkbox' })}
        />
        {form.values.isOnlyAtNight && (
          <Group gap="sm">
            <TextInput type="time" label={t('downloadQueue.from')} {...form.getInputProps('from')} />
            <TextInput type="time" label={t('downloadQueue.until')} {...form.getInputProps('until')} />
          </Group>
        )}
        <TextInput
          label={t('downloadSettings.hub')}
          description={t('downloadSettings.hubMeans')}
          autoComplete="off"
          spellCheck={false}
          {...form.getInputProps('hubAddress')}
        />
        <PasswordField
          label={t('downloadSettings.token')}
          description={t(hasToken ? 'downloadSettings.tokenSet' : 'downloadSettings.tokenMeans')}
          autoComplete="off"
          disabled={form.values.forgetsToken}
          {...form.getInputProps('hubToken')}
        />
        {hasToken && (
          <Checkbox
            label={t('downloadSettings.forgetToken')}
            {...form.getInputProps('forgetsToken', { type: 'checkbox' })}
          />
        )}
        {set.error !== null && <ErrorNote error={set.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={set.isPending}>
            {t('modelSettings.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function valueOf(settings: readonly SettingRecord[], name: string): SettingRecord['value'] {
  return settings.find((setting) => setting.name === name)?.value ?? null;
}

function hoursOf(
  settings: readonly SettingRecord[],
): { readonly from: string; readonly until: string } | null {
  const [from, until] = String(valueOf(settings, 'downloads.hours') ?? '').split('-');
  return from === undefined || until === undefined ? null : { from, until };
}

/** The token comes last: a new hub forgets the old one's. */
function changesOf(
  settings: readonly SettingRecord[],
  values: FormValues,
): Pick<SettingRecord, 'name' | 'value'>[] {
  const wanted = [
    { name: 'downloads.leaveFreeGb', value: values.leaveFreeGb },
    { name: 'downloads.connections', value: values.connections },
    {
      name: 'downloads.mostMegabytesPerSecond',
      value: values.mostMegabytes === '' ? null : values.mostMegabytes,
    },
    { name: 'downloads.hours', value: values.isOnlyAtNight ? `${values.from}-${values.until}` : null },
    { name: 'hub.address', value: values.hubAddress.trim() },
  ].filter(({ name, value }) => value !== valueOf(settings, name));
  if (values.forgetsToken) return [...wanted, { name: 'hub.token', value: null }];
  const token = values.hubToken.trim();
  return token === '' ? wanted : [...wanted, { name: 'hub.token', value: token }];
}
