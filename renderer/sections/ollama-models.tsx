import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireModel } from '../../server/wire/admin.ts';
import * as api from '../api.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { LoadButton } from '../parts/load-button.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { ModelState } from '../parts/state-word.tsx';
import { useModelChange, useModels } from '../queries.ts';
import { useFormat, useNow } from '../use-format.ts';
import { ModelCheckView } from './model-check-view.tsx';
import { RoleChips } from './model-standing.tsx';
import styles from './ollama-panel.module.css';

/** What Ollama has fetched, and what of it is in memory. */
export function OllamaModels(): ReactNode {
  const { t } = useTranslation();
  const query = useModels();
  return (
    <div className={styles['part']}>
      <h3 className={styles['partTitle']}>{t('ollama.models')}</h3>
      <QueryView query={query}>
        {(all) => {
          const models = all.filter(({ source }) => source === 'ollama');
          if (models.length === 0) return <p className={styles['more']}>{t('ollama.noModels')}</p>;
          return (
            <ul className={styles['list']}>
              {models.map((model) => (
                <OllamaModel key={model.id} model={model} />
              ))}
            </ul>
          );
        }}
      </QueryView>
    </div>
  );
}

function OllamaModel({ model }: { readonly model: WireModel }): ReactNode {
  const { t } = useTranslation();
  const load = useModelChange(api.loadModel);
  const unload = useModelChange(api.unloadModel);
  const error = load.error ?? unload.error;
  return (
    <li className={styles['row']}>
      <div className={styles['rowHead']}>
        <div className={styles['rowWhat']}>
          <span className={styles['name']}>{model.id}</span>
          <ModelState state={model.state} />
          {model.task === 'embed' ? (
            <span className={styles['more']}>{t('ollama.embeds')}</span>
          ) : (
            <RoleChips model={model} canUseTools={null} />
          )}
        </div>
        <LoadButton
          model={model}
          isBusy={load.isPending || unload.isPending}
          onLoad={() => {
            unload.reset();
            load.mutate(model.id);
          }}
          onUnload={() => {
            load.reset();
            unload.mutate(model.id);
          }}
        />
      </div>
      <MemorySentence model={model} />
      <ModelCheckView model={model.id} engine={model.engine} />
      {error !== null && <ErrorNote error={error} />}
    </li>
  );
}

const dayMs = 86_400_000;

/** How large it is, and while it is in memory, how much of it and for how long. */
function MemorySentence({ model }: { readonly model: WireModel }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const { keepAliveUntilMs, memory, sizeBytes } = model;
  const leftMs = keepAliveUntilMs === null ? null : keepAliveUntilMs - now.getTime();
  const parts = [
    t('ollama.onDisk', { size: format.fileSize(sizeBytes) }),
    ...(memory.measuredBytes === null
      ? []
      : [t('ollama.inMemory', { size: format.fileSize(memory.measuredBytes) })]),
    // Years ahead stand for "for ever".
    ...(leftMs === null || leftMs > dayMs * 366
      ? []
      : [t('ollama.leavesIn', { left: format.timeLeft(Math.max(60, leftMs / 1000)) })]),
  ];
  return <p className={styles['more']}>{parts.join(' · ')}</p>;
}
