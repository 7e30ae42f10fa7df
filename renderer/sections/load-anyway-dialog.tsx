import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import * as api from '../api.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { useModelChange } from '../queries.ts';

type LoadAnywayDialogProps = {
  /** Null while nothing is to be loaded so. */
  readonly modelId: string | null;
  readonly onClose: () => void;
};

/** Says what may happen, and then it is the owner's own choice. It ends as soon as the load has begun to be tried. */
export function LoadAnywayDialog({ modelId, onClose }: LoadAnywayDialogProps): ReactNode {
  const { t } = useTranslation();
  const load = useModelChange(api.loadModelAnyway);

  function close(): void {
    load.reset();
    onClose();
  }

  return (
    <ConfirmDialog
      title={t('loadAnyway.title', { model: modelId ?? '' })}
      sentence={t('loadAnyway.risk')}
      confirm={t('loadAnyway.confirm')}
      isOpen={modelId !== null}
      isBusy={false}
      error={load.error}
      onConfirm={() => {
        // What becomes of it is on the card: a load takes minutes.
        if (modelId !== null) load.mutate(modelId);
        onClose();
      }}
      onClose={close}
    />
  );
}
