import { Button } from '@mantine/core';
import { Package, Plus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireModel } from '../../server/wire/admin.ts';
import * as api from '../api.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { EmptyNote } from '../parts/empty-note.tsx';
import { Page } from '../parts/page.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useModelChange, useModels } from '../queries.ts';
import { AddModelDialog } from '../sections/add-model-dialog.tsx';
import { AliasPanel } from '../sections/alias-panel.tsx';
import { ModelCard } from '../sections/model-card.tsx';
import styles from './models.module.css';

/** Which models are on this computer, and which of them are in memory. */
export function ModelsPage(): ReactNode {
  const { t } = useTranslation();
  const query = useModels();
  const [isAdding, setIsAdding] = useState(false);
  const [leaving, setLeaving] = useState<WireModel | null>(null);
  const addButton = (
    <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => setIsAdding(true)}>
      {t('models.add')}
    </Button>
  );
  const isEmpty = query.data?.length === 0;
  return (
    <Page title={t('models.title')} lead={t('models.lead')} action={isEmpty ? null : addButton}>
      <QueryView query={query}>
        {(models) =>
          models.length === 0 ? (
            <EmptyNote isCard icon={<Package size={28} />} sentence={t('models.empty')} action={addButton} />
          ) : (
            <ul className={styles['list']}>
              {models.map((model) => (
                <ModelCard key={model.id} model={model} onRemove={() => setLeaving(model)} />
              ))}
            </ul>
          )
        }
      </QueryView>
      <AliasPanel />
      <AddModelDialog isOpen={isAdding} onClose={() => setIsAdding(false)} />
      <RemoveModelDialog model={leaving} onClose={() => setLeaving(null)} />
    </Page>
  );
}

function RemoveModelDialog(props: {
  readonly model: WireModel | null;
  readonly onClose: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const remove = useModelChange(api.removeModel);
  const id = props.model?.id ?? '';
  function close(): void {
    remove.reset();
    props.onClose();
  }
  return (
    <ConfirmDialog
      title={t('models.removeTitle', { model: id })}
      sentence={t('models.removeSentence')}
      confirm={t('models.remove')}
      isOpen={props.model !== null}
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate(id, { onSuccess: close })}
      onClose={close}
    />
  );
}
