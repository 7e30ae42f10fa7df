import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { RemovedModel, WireModel } from '../../server/wire/admin.ts';
import * as api from '../api.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { useAliases, useModelChange } from '../queries.ts';
import { useFormat } from '../use-format.ts';

type RemoveModelDialogProps = {
  /** Null while nothing is to be removed. */
  readonly model: WireModel | null;
  readonly onRemoved: (removed: RemovedModel) => void;
  readonly onClose: () => void;
};

/** Says what goes and what stays, before it goes: a file of the owner's stays, one that was downloaded goes. */
export function RemoveModelDialog({ model, onRemoved, onClose }: RemoveModelDialogProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const remove = useModelChange(api.removeModel);
  const aliases = (useAliases().data ?? []).filter((alias) => alias.model === model?.id);
  const id = model?.id ?? '';
  const deletesFile = model?.source === 'pulled';
  const what = deletesFile
    ? t('models.removeWithFile', { size: format.fileSize(model.sizeBytes) })
    : t('models.removeSentence');
  const names = aliases.map(({ name }) => name).join(', ');

  function close(): void {
    remove.reset();
    onClose();
  }

  return (
    <ConfirmDialog
      title={t('models.removeTitle', { model: id })}
      sentence={names === '' ? what : `${what} ${t('models.removeNames', { names })}`}
      confirm={t(deletesFile ? 'models.deleteFile' : 'models.remove')}
      isOpen={model !== null}
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() =>
        remove.mutate(
          { id, deletesFile },
          {
            onSuccess: (removed) => {
              onRemoved(removed);
              close();
            },
          },
        )
      }
      onClose={close}
    />
  );
}
