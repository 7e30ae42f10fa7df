import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireModel } from '../../server/wire/admin.ts';
import { unknown } from '../format.ts';
import { useFormat, useNow } from '../use-format.ts';
import { Fact, Facts } from './facts.tsx';
import { ProgressLine } from './progress-line.tsx';

/** How each backend is written. */
export const backendNames = { cpu: 'CPU', cuda: 'CUDA', vulkan: 'Vulkan', metal: 'Metal' } as const;

/** What is known about a model. One that is not loaded knows only its file. */
export function ModelFacts({ model }: { readonly model: WireModel }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { slots, activeSlots, backend, generatedTokens, source } = model;
  return (
    <Facts>
      {/* Other servers do not tell. */}
      {model.sizeBytes > 0 && <Fact label={t('models.size')} value={format.fileSize(model.sizeBytes)} />}
      <Fact label={t('models.source')} value={t(`models.sourceIs.${source}`)} />
      <MemoryFact model={model} />
      {slots !== null && (
        <Fact label={t('models.slots')} value={t('models.slotsBusy', { active: activeSlots, slots })} />
      )}
      <ContextFact model={model} />
      {backend !== null && <Fact label={t('models.computesOn')} value={<Backend model={model} />} />}
      {generatedTokens !== null && (
        <Fact label={t('models.written')} value={format.count(generatedTokens)} title={t('tokens.own')} />
      )}
      <KeepAliveFact model={model} />
    </Facts>
  );
}

/** How long a conversation may be, and how long it could be at most. */
function ContextFact({ model }: { readonly model: WireModel }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { header, settings } = model;
  const contextTokens = model.contextTokens ?? settings.contextTokens;
  const most = header?.trainContextTokens ?? null;
  if (contextTokens === null && most === null) return null;
  const shown = format.integer(contextTokens ?? 0);
  const value =
    contextTokens === null
      ? t('models.contextMost', { most: format.integer(most ?? 0) })
      : most === null
        ? t('models.tokens', { count: contextTokens, shown })
        : t('models.contextOf', { shown, most: format.integer(most) });
  return <Fact label={t('models.contextPerSlot')} value={value} />;
}

function Backend({ model: { backend, threads } }: { readonly model: WireModel }): ReactNode {
  const { t } = useTranslation();
  if (backend === null) return unknown;
  if (backend !== 'cpu' || threads === null) return backendNames[backend];
  return `${backendNames[backend]} · ${t('models.threads', { count: threads })}`;
}

/** What it really takes, beside what was reckoned before; the estimate alone while there is nothing better. */
function MemoryFact({ model }: { readonly model: WireModel }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { estimatedBytes, measuredBytes } = model.memory;
  const estimated = estimatedBytes === null ? null : format.fileSize(estimatedBytes);
  const measured = measuredBytes === null ? null : format.fileSize(measuredBytes);
  if (measured === null && estimated === null) return null;
  const value =
    measured === null
      ? t('models.memoryEstimated', { estimated })
      : estimated === null
        ? t('models.memoryMeasured', { measured })
        : t('models.memoryBoth', { measured, estimated });
  return <Fact label={t('models.memory')} value={value} />;
}

/** When it goes by itself. */
function KeepAliveFact({ model }: { readonly model: WireModel }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const { keepAliveUntilMs } = model;
  if (keepAliveUntilMs === null) return null;
  const left = format.timeLeft(Math.max(60, (keepAliveUntilMs - now.getTime()) / 1000));
  return (
    <Fact
      label={t('models.unloadsItself')}
      value={t('models.unloadsIn', { left })}
      title={format.time(new Date(keepAliveUntilMs))}
    />
  );
}

/** While a model loads: how far it is, in words too. */
export function LoadProgress({ model }: { readonly model: WireModel }): ReactNode {
  const { t } = useTranslation();
  if (model.state !== 'loading') return null;
  return (
    <ProgressLine percent={model.progressPercent ?? 0} label={t('models.loadingWhat', { model: model.id })} />
  );
}
