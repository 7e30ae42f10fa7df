import { Button, NativeSelect, NumberInput, Textarea } from '@mantine/core';
import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../parts/icon-button.tsx';
import { useModels } from '../queries.ts';
import { efforts } from './alias-form.ts';
import styles from './alias-more-fields.module.css';
import { TargetField } from './target-field.tsx';
import type { AliasFormApi } from './use-alias-form.ts';

type Fields = { readonly form: AliasFormApi };

/** What most names do without: who steps in, who shares the work, and settings that come with the name. */
export function AliasMoreFields({ form }: Fields): ReactNode {
  return (
    <>
      <FallbackFields form={form} />
      <ShareFields form={form} />
      <SettingFields form={form} />
    </>
  );
}

const most = 10;

function FallbackFields({ form }: Fields): ReactNode {
  const { t } = useTranslation();
  const { fallback, name } = form.values;
  const next = useNextModel([form.values.model, ...fallback.map(({ model }) => model)]);
  return (
    <fieldset className={styles['group']}>
      <legend className={styles['legend']}>{t('names.fallbacks')}</legend>
      <p className={styles['means']}>{t('names.fallbacksMean')}</p>
      {fallback.length > 0 && (
        <ol className={styles['list']}>
          {fallback.map((one, index) => (
            // oxlint-disable-next-line react/no-array-index-key -- the place in the order is what a row is
            <li key={index} className={styles['row']}>
              <TargetField
                className={styles['grows'] ?? ''}
                aria-label={t('names.fallbackNth', { number: index + 1 })}
                ofName={name.trim()}
                {...form.getInputProps(`fallback.${index}.model`)}
                value={one.model}
              />
              <IconButton
                label={t('names.earlier', { model: one.model })}
                icon={<ArrowUp size={18} aria-hidden />}
                disabled={index === 0}
                onClick={() => form.reorderListItem('fallback', { from: index, to: index - 1 })}
              />
              <IconButton
                label={t('names.later', { model: one.model })}
                icon={<ArrowDown size={18} aria-hidden />}
                disabled={index === fallback.length - 1}
                onClick={() => form.reorderListItem('fallback', { from: index, to: index + 1 })}
              />
              <IconButton
                label={t('names.dropFallback', { model: one.model })}
                icon={<Trash2 size={18} aria-hidden />}
                onClick={() => form.removeListItem('fallback', index)}
              />
            </li>
          ))}
        </ol>
      )}
      {next !== null && fallback.length < most && (
        <AddButton
          label={t('names.addFallback')}
          onClick={() => form.insertListItem('fallback', { model: next })}
        />
      )}
    </fieldset>
  );
}

function ShareFields({ form }: Fields): ReactNode {
  const { t } = useTranslation();
  const { others, model, name } = form.values;
  const next = useNextModel([model, ...others.map((other) => other.model)]);
  return (
    <fieldset className={styles['group']}>
      <legend className={styles['legend']}>{t('names.shares')}</legend>
      <p className={styles['means']}>{t('names.sharesMean')}</p>
      {others.length > 0 && (
        <ul className={styles['list']}>
          <li className={styles['row']}>
            <span className={styles['grows']}>{model}</span>
            <WeightInput label={t('names.weightOf', { model })} {...form.getInputProps('weight')} />
            <span className={styles['noButton']} />
          </li>
          {others.map((other, index) => (
            // oxlint-disable-next-line react/no-array-index-key -- two rows may hold the same model until it is chosen
            <li key={index} className={styles['row']}>
              <TargetField
                className={styles['grows'] ?? ''}
                aria-label={t('names.shareNth', { number: index + 2 })}
                ofName={name.trim()}
                {...form.getInputProps(`others.${index}.model`)}
                value={other.model}
              />
              <WeightInput
                label={t('names.weightOf', { model: other.model })}
                {...form.getInputProps(`others.${index}.weight`)}
              />
              <IconButton
                label={t('names.dropShare', { model: other.model })}
                icon={<Trash2 size={18} aria-hidden />}
                onClick={() => form.removeListItem('others', index)}
              />
            </li>
          ))}
        </ul>
      )}
      {next !== null && others.length < most - 1 && (
        <AddButton
          label={t('names.addShare')}
          onClick={() => form.insertListItem('others', { model: next, weight: 1 })}
        />
      )}
    </fieldset>
  );
}

/** The first model that is not in use here yet. */
function useNextModel(used: readonly string[]): string | null {
  return (useModels().data ?? []).find(({ id }) => !used.includes(id))?.id ?? null;
}

type WeightInputProps = { readonly label: string } & ReturnType<AliasFormApi['getInputProps']>;

function WeightInput({ label, ...input }: WeightInputProps): ReactNode {
  return (
    <NumberInput
      className={styles['weight'] ?? ''}
      aria-label={label}
      min={0}
      max={1000}
      allowNegative={false}
      clampBehavior="none"
      {...input}
    />
  );
}

function AddButton({ label, onClick }: { readonly label: string; readonly onClick: () => void }): ReactNode {
  return (
    <div>
      <Button variant="default" size="xs" leftSection={<Plus size={16} aria-hidden />} onClick={onClick}>
        {label}
      </Button>
    </div>
  );
}

function SettingFields({ form }: Fields): ReactNode {
  const { t } = useTranslation();
  return (
    <fieldset className={styles['group']}>
      <legend className={styles['legend']}>{t('names.settings')}</legend>
      <p className={styles['means']}>{t('names.settingsMean')}</p>
      <div className={styles['pair']}>
        <NumberInput
          label={t('names.temperature')}
          description={t('names.temperatureMeans')}
          min={0}
          max={2}
          step={0.1}
          allowNegative={false}
          clampBehavior="none"
          {...form.getInputProps('temperature')}
        />
        <NumberInput
          label={t('names.topP')}
          description={t('names.topPMeans')}
          min={0}
          max={1}
          step={0.05}
          allowNegative={false}
          clampBehavior="none"
          {...form.getInputProps('topP')}
        />
        <NumberInput
          label={t('names.maxTokens')}
          description={t('names.maxTokensMeans')}
          min={1}
          step={256}
          allowDecimal={false}
          allowNegative={false}
          clampBehavior="none"
          {...form.getInputProps('maxTokens')}
        />
        <NativeSelect
          label={t('names.thinking')}
          description={t('names.thinkingMeans')}
          data={[
            { value: '', label: t('names.leftToTool') },
            ...efforts.map((effort) => ({ value: effort, label: t(`names.effort.${effort}`) })),
          ]}
          {...form.getInputProps('reasoningEffort')}
        />
      </div>
      <Textarea
        label={t('names.systemPrompt')}
        description={t('names.systemPromptMeans')}
        rows={4}
        maxLength={20_000}
        {...form.getInputProps('systemPrompt')}
      />
    </fieldset>
  );
}
