import { Anchor } from '@mantine/core';
import { lazy, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { MachineState } from '../../server/wire/machine.ts';
import { memoryShares, type MemoryShares } from '../memory-shares.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { LazyPart } from '../parts/lazy-part.tsx';
import { MemoryBar } from '../parts/memory-bar.tsx';
import { Panel } from '../parts/panel.tsx';
import { useMachine } from '../queries-set-up.ts';
import { useModels } from '../queries.ts';
import { useFormat } from '../use-format.ts';
import { ActiveDownloads } from './active-downloads.tsx';
import { LoadedModels } from './loaded-models.tsx';
import styles from './memory-panel.module.css';

const TakeBack = lazy(async () => ({ default: (await import('./take-back.tsx')).TakeBack }));

/** The memory with the models in it, what each of them does, those on their way, and how the owner gets it back. */
export function MemoryPanel(): ReactNode {
  const { t } = useTranslation();
  const machine = useMachine();
  return (
    <Panel
      title={t('home.models')}
      action={
        <Anchor component={Link} href="/models" size="sm">
          {t('home.allModels')}
        </Anchor>
      }
    >
      <div className={styles['body']}>
        {machine.data !== undefined && <MemoryBars machine={machine.data} />}
        {machine.isError && machine.data === undefined && (
          <ErrorNote error={machine.error} onRetry={() => void machine.refetch()} />
        )}
        <LoadedModels />
        <ActiveDownloads title={t('memory.downloads')} />
        <LazyPart waiting={null}>
          <TakeBack />
        </LazyPart>
      </div>
    </Panel>
  );
}

function MemoryBars({ machine }: { readonly machine: MachineState }): ReactNode {
  const { t } = useTranslation();
  const models = useModels().data ?? [];
  const { gpu, memory } = memoryShares(models, machine);
  return (
    <>
      {gpu !== null && <SharesBar name={t('memory.graphics')} shares={gpu} />}
      {memory !== null && (
        <SharesBar
          name={t(machine.gpu?.isShared === true ? 'memory.unified' : 'memory.ordinary')}
          shares={memory}
        />
      )}
    </>
  );
}

function SharesBar({ name, shares }: { readonly name: string; readonly shares: MemoryShares }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { totalBytes, models, othersBytes, freeBytes } = shares;
  const segment = (label: string, bytes: number, kind: 'model' | 'others' | 'free') => ({
    name: label,
    bytes,
    size: format.fileSize(bytes),
    kind,
  });
  return (
    <MemoryBar
      label={t('memory.of', { name, total: format.fileSize(totalBytes) })}
      segments={[
        ...models.map(({ id, bytes }) => segment(id, bytes, 'model')),
        segment(t('memory.others'), othersBytes, 'others'),
        segment(t('memory.free'), freeBytes, 'free'),
      ]}
    />
  );
}
