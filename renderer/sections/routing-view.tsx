import { Anchor, Button, NativeSelect, NumberInput, Switch } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { SettingRecord } from '../../server/wire/settings.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useSetSettings, useSettings } from '../queries.ts';
import { useUnsaved } from '../unsaved.ts';
import styles from './settings.module.css';

/** Which model answers, what is given again without computing it, and what happens when an engine fails. */
export function RoutingView(): ReactNode {
  const { t } = useTranslation();
  const query = useSettings();
  return (
    <>
      <Panel title={t('routing.names.title')}>
        <div className={styles['body']}>
          <p className={styles['sentence']}>{t('routing.names.lead')}</p>
          <Anchor component={Link} href="/models/names">
            {t('routing.names.open')}
          </Anchor>
        </div>
      </Panel>
      <Panel title={t('routing.cache.title')}>
        <QueryView query={query}>{(settings) => <CacheForm settings={settings} />}</QueryView>
      </Panel>
      <Panel title={t('routing.prefixes.title')}>
        <QueryView query={query}>{(settings) => <Prefixes settings={settings} />}</QueryView>
      </Panel>
      <Panel title={t('routing.retries.title')}>
        <div className={styles['body']}>
          <p className={styles['sentence']}>{t('routing.retries.lead')}</p>
          <ul className={styles['steps']}>
            <li>{t('routing.retries.again')}</li>
            <li>{t('routing.retries.fallback')}</li>
            <li>{t('routing.retries.rest')}</li>
          </ul>
        </div>
        <QueryView query={query}>{(settings) => <Retries settings={settings} />}</QueryView>
      </Panel>
    </>
  );
}

type SettingsProps = { readonly settings: readonly SettingRecord[] };

type CacheValues = {
  enabled: boolean;
  maxAgeMinutes: number | string;
  maxMegabytes: number | string;
  anySampling: boolean;
  shareAnswers: boolean;
};

function cacheOf(settings: readonly SettingRecord[]): CacheValues {
  const valueOf = (name: string) => settings.find((one) => one.name === `cache.${name}`)?.value ?? null;
  return {
    enabled: valueOf('enabled') === true,
    maxAgeMinutes: Number(valueOf('maxAgeMinutes') ?? 0),
    maxMegabytes: Number(valueOf('maxMegabytes') ?? 0),
    anySampling: valueOf('anySampling') === true,
    shareAnswers: valueOf('shareAnswers') === true,
  };
}

const cacheNames = ['enabled', 'maxAgeMinutes', 'maxMegabytes', 'anySampling', 'shareAnswers'] as const;

function CacheForm({ settings }: SettingsProps): ReactNode {
  const { t } = useTranslation();
  const set = useSetSettings();
  const saved = cacheOf(settings);
  const form = useForm<CacheValues>({
    mode: 'controlled',
    initialValues: saved,
    validate: {
      maxAgeMinutes: (value) => (typeof value === 'number' ? null : t('downloadSettings.numberMissing')),
      maxMegabytes: (value) => (typeof value === 'number' ? null : t('downloadSettings.numberMissing')),
    },
  });
  const changed = cacheNames.filter((name) => form.values[name] !== saved[name]);
  useUnsaved(changed.length > 0);

  function save(values: CacheValues): void {
    const changes = changed.map((name) => ({ name: `cache.${name}`, value: values[name] }));
    set.mutate(changes, { onSuccess: () => notifications.show({ message: t('routing.cache.saved') }) });
  }

  return (
    <form className={styles['body']} onSubmit={form.onSubmit(save)} noValidate>
      <p className={styles['sentence']}>{t('routing.cache.lead')}</p>
      <Switch
        label={t('routing.cache.enabled')}
        description={t('routing.cache.enabledMeans')}
        {...form.getInputProps('enabled', { type: 'checkbox' })}
      />
      {form.values.enabled && (
        <>
          <div className={styles['fields']}>
            <NumberInput
              label={t('routing.cache.maxAgeMinutes')}
              allowDecimal={false}
              allowNegative={false}
              clampBehavior="none"
              {...form.getInputProps('maxAgeMinutes')}
            />
            <NumberInput
              label={t('routing.cache.maxMegabytes')}
              allowDecimal={false}
              allowNegative={false}
              clampBehavior="none"
              {...form.getInputProps('maxMegabytes')}
            />
          </div>
          <Switch
            label={t('routing.cache.anySampling')}
            description={t('routing.cache.anySamplingMeans')}
            {...form.getInputProps('anySampling', { type: 'checkbox' })}
          />
          <Switch
            label={t('routing.cache.shareAnswers')}
            description={t('routing.cache.shareAnswersMeans')}
            {...form.getInputProps('shareAnswers', { type: 'checkbox' })}
          />
        </>
      )}
      {set.error !== null && <ErrorNote error={set.error} />}
      <div className={styles['ways']}>
        <Button type="submit" loading={set.isPending} disabled={changed.length === 0}>
          {t('settings.save')}
        </Button>
        {changed.length > 0 && (
          <Button variant="default" onClick={() => form.setValues(saved)}>
            {t('network.list.discard')}
          </Button>
        )}
      </div>
    </form>
  );
}

const prefixSetting = 'cache.sharePrefixes';

function Prefixes({ settings }: SettingsProps): ReactNode {
  const { t } = useTranslation();
  const set = useSetSettings();
  const isOn = settings.find(({ name }) => name === prefixSetting)?.value === true;
  return (
    <div className={styles['body']}>
      <Switch
        label={t('routing.prefixes.label')}
        description={t('routing.prefixes.means')}
        checked={set.isPending ? set.variables[0]?.value === true : isOn}
        disabled={set.isPending}
        onChange={({ currentTarget: { checked } }) => set.mutate([{ name: prefixSetting, value: checked }])}
      />
      {set.error !== null && <ErrorNote error={set.error} />}
    </div>
  );
}

const retriesSetting = 'routing.retries';
const retryWords = ['never', 'once', 'twice'] as const;

function Retries({ settings }: SettingsProps): ReactNode {
  const { t } = useTranslation();
  const set = useSetSettings();
  const saved = settings.find(({ name }) => name === retriesSetting)?.value;
  const shown = set.isPending ? set.variables[0]?.value : saved;
  return (
    <div className={styles['body']}>
      <NativeSelect
        label={t('routing.retries.label')}
        description={t('routing.retries.means')}
        data={retryWords.map((word, count) => ({
          value: String(count),
          label: t(`routing.retries.times.${word}`),
        }))}
        value={String(shown)}
        disabled={set.isPending}
        onChange={({ currentTarget: { value } }) =>
          set.mutate([{ name: retriesSetting, value: Number(value) }])
        }
      />
      {set.error !== null && <ErrorNote error={set.error} />}
    </div>
  );
}
