import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import * as api from '../api.ts';
import { whatToUnload, type Fit } from '../fit.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { useModelChange, useModels } from '../queries.ts';
import { useFormat } from '../use-format.ts';
import styles from './free-by-unloading.module.css';

/** Where a model does not fit, but would if one that nobody uses just now left the memory. */
export function FreeByUnloading({ fit }: { readonly fit: Fit }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const unload = useModelChange(api.unloadModel);
  const model = whatToUnload(fit, useModels().data ?? []);
  if (model === null) return null;
  return (
    <div className={styles['ways']}>
      <Button
        variant="default"
        size="compact-sm"
        loading={unload.isPending}
        onClick={() => unload.mutate(model.id)}
      >
        {t('discover.freeBy', {
          size: format.fileSize(model.memory.measuredBytes ?? 0),
          model: model.id,
        })}
      </Button>
      {unload.error !== null && <ErrorNote error={unload.error} />}
    </div>
  );
}
