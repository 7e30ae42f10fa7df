import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { FilePlus2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireFoundModel } from '../../server/wire/downloads.ts';
import * as api from '../api.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { FileDrop } from '../parts/file-drop.tsx';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { ServerSaid } from '../parts/server-said.tsx';
import { useFoundModels, useModelChange, useModels } from '../queries.ts';
import { useFormat } from '../use-format.ts';
import { AddModelDialog } from './add-model-dialog.tsx';
import styles from './place-list.module.css';

const programNames = { ollama: 'Ollama', 'lm-studio': 'LM Studio' } as const satisfies Record<
  WireFoundModel['program'],
  string
>;

/** What other programs have fetched already is used where it lies: no copy, no second download. */
export function FoundModelsPanel(): ReactNode {
  const { t } = useTranslation();
  const query = useFoundModels();
  /** The path to begin with; null while nothing is added. */
  const [adding, setAdding] = useState<string | null>(null);
  const [missing, setMissing] = useState<string | null>(null);
  const locate = useMutation({ mutationFn: api.locateFile });

  function drop(file: File): void {
    setMissing(null);
    locate.mutate(file, {
      onSuccess: (path) => (path === null ? setMissing(file.name) : setAdding(path)),
    });
  }

  return (
    <Panel
      title={t('found.title')}
      action={
        <Button
          variant="default"
          size="xs"
          leftSection={<FilePlus2 size={16} aria-hidden />}
          onClick={() => setAdding('')}
        >
          {t('found.addFile')}
        </Button>
      }
    >
      <FileDrop hint={t('discover.drop.hint')} onDrop={drop}>
        <p className={styles['lead']}>{t('found.lead')}</p>
        <p className={styles['lead']}>{t('discover.drop.lead')}</p>
        <div role="status">
          {missing !== null && <Note tone="attention">{t('discover.drop.missing', { file: missing })}</Note>}
        </div>
        {locate.error !== null && <ErrorNote error={locate.error} />}
        <QueryView query={query}>
          {(found) =>
            found.length === 0 ? (
              <p className={styles['none']}>{t('found.none')}</p>
            ) : (
              <ul className={styles['list']}>
                {found.map((model) => (
                  <FoundRow key={model.path} found={model} />
                ))}
              </ul>
            )
          }
        </QueryView>
      </FileDrop>
      <AddModelDialog first={adding} onClose={() => setAdding(null)} />
    </Panel>
  );
}

function FoundRow({ found }: { readonly found: WireFoundModel }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const add = useModelChange(api.addModel);
  // The list of models is the newer one: what was added a moment ago is in it already.
  const model = (useModels().data ?? []).find(({ path }) => path === found.path);
  const id = model?.id ?? found.modelId;
  return (
    <li className={styles['row']}>
      <div className={styles['what']}>
        <span className={styles['name']}>{found.name}</span>
        <span className={styles['more']}>
          {programNames[found.program]} · {format.fileSize(found.sizeBytes)}
        </span>
        {found.reason !== null && <ServerSaid said={found.reason} className={styles['more']} />}
        {found.reason === null && id !== null && (
          <span className={styles['more']}>{t('found.isHere', { model: id })}</span>
        )}
      </div>
      {found.reason === null && id === null && (
        <Button
          variant="default"
          size="xs"
          loading={add.isPending}
          aria-label={t('found.useWhat', { model: found.name })}
          onClick={() => add.mutate(found.path)}
        >
          {t('found.use')}
        </Button>
      )}
      {add.error !== null && <ErrorNote error={add.error} />}
    </li>
  );
}
