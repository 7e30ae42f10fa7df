import { Checkbox, NativeSelect, NumberInput, Stack, Switch, Textarea } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { MoreOptions } from '../parts/more-options.tsx';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { isTestModel, type Choices } from '../playground/choices.ts';
import { playground, usePlayground } from '../playground/open.ts';
import { lanes, type Lane } from '../playground/talk.ts';
import { useUpstreams } from '../queries-engines.ts';
import { useAliases, useKeys, useModels } from '../queries.ts';
import styles from './playground-set-up.module.css';

type PlaygroundSetUpProps = {
  readonly choices: Choices;
  /** Who is asked now, chosen or not. */
  readonly asked: readonly [string, string];
};

/** Which model is asked, as whom, and how. */
export function PlaygroundSetUp({ choices, asked }: PlaygroundSetUpProps): ReactNode {
  const { t } = useTranslation();
  const { settings } = usePlayground();
  const shown = settings.isSideBySide ? lanes : lanes.slice(0, 1);
  return (
    <Panel title={t('playground.whom')}>
      <Stack gap="md">
        <div className={styles['fields']}>
          {shown.map((lane) => (
            <ModelField key={lane} lane={lane} choices={choices} value={asked[lane]} />
          ))}
          <AsField />
        </div>
        <Switch
          label={t('playground.sideBySide')}
          checked={settings.isSideBySide}
          onChange={({ currentTarget: { checked } }) => playground.set({ isSideBySide: checked })}
        />
        <TestModelNote names={shown.map((lane) => asked[lane])} />
        <HowFields />
      </Stack>
    </Panel>
  );
}

type ModelFieldProps = { readonly lane: Lane; readonly choices: Choices; readonly value: string };

function ModelField({ lane, choices: { names, models }, value }: ModelFieldProps): ReactNode {
  const { t } = useTranslation();
  const [first, second] = usePlayground().settings.models;
  return (
    <NativeSelect
      label={t(lane === 0 ? 'playground.model' : 'playground.secondModel')}
      value={value}
      data={[
        ...(names.length === 0 ? [] : [{ group: t('playground.names'), items: [...names] }]),
        ...(models.length === 0 ? [] : [{ group: t('playground.models'), items: [...models] }]),
      ]}
      onChange={({ currentTarget: { value: model } }) =>
        playground.set({ models: lane === 0 ? [model, second] : [first, model] })
      }
    />
  );
}

/** By whose limits; a key that has ended tries nothing. */
function AsField(): ReactNode {
  const { t } = useTranslation();
  const { as } = usePlayground().settings;
  const keys = (useKeys().data ?? []).filter(
    ({ status, role }) => role === 'inference' && (status === 'active' || status === 'paused'),
  );
  return (
    <NativeSelect
      label={t('playground.as')}
      description={t('playground.asMeans')}
      inputWrapperOrder={['label', 'input', 'description']}
      value={keys.some(({ id }) => id === as) ? (as ?? '') : ''}
      data={[
        { value: '', label: t('playground.asNobody') },
        ...keys.map(({ id, name, status }) => ({
          value: id,
          label: status === 'paused' ? t('playground.paused', { name }) : name,
        })),
      ]}
      onChange={({ currentTarget: { value } }) => playground.set({ as: value === '' ? null : value })}
    />
  );
}

function TestModelNote({ names }: { readonly names: readonly string[] }): ReactNode {
  const { t } = useTranslation();
  const models = useModels().data ?? [];
  const aliases = useAliases().data ?? [];
  const tests = [...new Set(names)].filter((name) => isTestModel(name, models, aliases));
  if (tests.length === 0) return null;
  return <Note tone="attention">{t('playground.testModel', { name: tests.join(', ') })}</Note>;
}

function HowFields(): ReactNode {
  const { t } = useTranslation();
  const { settings } = usePlayground();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <MoreOptions isOpen={isOpen} onToggle={setIsOpen}>
      <Stack gap="md">
        <Textarea
          label={t('playground.system')}
          description={t('playground.systemMeans')}
          autosize
          minRows={2}
          maxRows={10}
          maxLength={20_000}
          value={settings.system}
          onChange={({ currentTarget: { value } }) => playground.set({ system: value })}
        />
        <div className={styles['fields']}>
          <NumberInput
            label={t('playground.temperature')}
            description={t('playground.temperatureMeans')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            min={0}
            max={2}
            step={0.1}
            decimalScale={2}
            allowNegative={false}
            clampBehavior="strict"
            value={settings.temperature ?? ''}
            onChange={(value) => playground.set({ temperature: typeof value === 'number' ? value : null })}
          />
          <NumberInput
            label={t('playground.maxTokens')}
            description={t('playground.maxTokensMeans')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            min={1}
            max={1_000_000}
            step={64}
            allowDecimal={false}
            allowNegative={false}
            clampBehavior="strict"
            value={settings.maxTokens ?? ''}
            onChange={(value) =>
              playground.set({ maxTokens: typeof value === 'number' && value >= 1 ? value : null })
            }
          />
        </div>
        <MayLeaveField />
      </Stack>
    </MoreOptions>
  );
}

/** Only where there is somewhere to go; a key has its own right. */
function MayLeaveField(): ReactNode {
  const { t } = useTranslation();
  const { mayLeave, as } = usePlayground().settings;
  const leads = useUpstreams().data?.some((upstream) => upstream.mayLeave) ?? false;
  if (!leads || as !== null) return null;
  return (
    <Checkbox
      label={t('playground.mayLeave')}
      description={t('playground.mayLeaveMeans')}
      checked={mayLeave}
      onChange={({ currentTarget: { checked } }) => playground.set({ mayLeave: checked })}
    />
  );
}
