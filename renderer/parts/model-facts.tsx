import { Progress } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireModel } from '../../server/wire/admin.ts';
import { unknown } from '../format.ts';
import { useFormat } from '../use-format.ts';
import styles from './model-facts.module.css';

/** How each backend is written. */
const backendNames = { cpu: 'CPU', cuda: 'CUDA', vulkan: 'Vulkan', metal: 'Metal' } as const;

/** What is known about a model. One that is not loaded knows only its file. */
export function ModelFacts({ model }: { readonly model: WireModel }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { contextTokens, slots, activeSlots, backend, generatedTokens } = model;
  return (
    <dl className={styles['facts']}>
      <Fact label={t('models.size')} value={format.fileSize(model.sizeBytes)} />
      {contextTokens !== null && (
        <Fact
          label={t('models.contextPerSlot')}
          value={t('models.tokens', { count: contextTokens, shown: format.integer(contextTokens) })}
        />
      )}
      {slots !== null && (
        <Fact label={t('models.slots')} value={t('models.slotsBusy', { active: activeSlots, slots })} />
      )}
      {backend !== null && <Fact label={t('models.computesOn')} value={<Backend model={model} />} />}
      {generatedTokens !== null && <Fact label={t('models.written')} value={format.count(generatedTokens)} />}
    </dl>
  );
}

function Backend({ model: { backend, threads } }: { readonly model: WireModel }): ReactNode {
  const { t } = useTranslation();
  if (backend === null) return unknown;
  if (backend !== 'cpu' || threads === null) return backendNames[backend];
  return `${backendNames[backend]} · ${t('models.threads', { count: threads })}`;
}

function Fact({ label, value }: { readonly label: string; readonly value: ReactNode }): ReactNode {
  return (
    <div>
      <dt className={styles['label']}>{label}</dt>
      <dd className={styles['value']}>{value}</dd>
    </div>
  );
}

/** While a model loads: how far it is, in words too. */
export function LoadProgress({ model }: { readonly model: WireModel }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  if (model.state !== 'loading') return null;
  const percent = Math.round(model.progressPercent ?? 0);
  return (
    <div className={styles['progress']}>
      <Progress.Root size={8} radius="xl" className={styles['track'] ?? ''}>
        <Progress.Section value={percent} aria-label={t('models.loadingWhat', { model: model.id })} />
      </Progress.Root>
      <span className={styles['percent']}>{format.percent(percent)}</span>
    </div>
  );
}
