import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { RemovedModel, WireModel } from '../../server/wire/admin.ts';
import * as api from '../api.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { keysOnlyFor, namesOf } from '../model-use.ts';
import { useAliases, useKeys, useModelChange } from '../queries.ts';
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
  const aliases = useAliases().data ?? [];
  const keys = useKeys().data ?? [];
  const id = model?.id ?? '';
  const deletesFile = model?.source === 'pulled';
  const what = deletesFile
    ? t('models.removeWithFile', { size: format.fileSize(model.sizeBytes) })
    : t('models.removeSentence');
  const names = namesOf(id, aliases).join(', ');
  const devices = keysOnlyFor(id, aliases, keys)
    .map(({ name }) => name)
    .join(', ');
  const sentence = [
    what,
    ...(names === '' ? [] : [t('models.removeNames', { names })]),
    ...(devices === '' ? [] : [t('modelCard.removeKeys', { devices })]),
  ].join(' ');

  function close(): void {
    remove.reset();
    onClose();
  }

  return (
    <ConfirmDialog
      title={t('models.removeTitle', { model: id })}
      sentence={sentence}
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
