import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CreatedKey } from '../../server/wire/admin.ts';
import { Dialog } from '../parts/dialog.tsx';
import { CreateKeyForm } from './create-key-form.tsx';
import { CreatedKeyView } from './created-key-view.tsx';

type CreateKeyDialogProps = { readonly isOpen: boolean; readonly onClose: () => void };

/** First the form, then the key, once. The second step closes by its button only: a stray click must not lose the key. */
export function CreateKeyDialog({ isOpen, onClose }: CreateKeyDialogProps): ReactNode {
  const { t } = useTranslation();
  const [created, setCreated] = useState<CreatedKey | null>(null);
  function close(): void {
    setCreated(null);
    onClose();
  }
  return (
    <Dialog
      title={created === null ? t('keys.create') : t('keys.createdTitle', { name: created.name })}
      isOpen={isOpen}
      onClose={close}
      closesByItself={created === null}
    >
      {created === null ? (
        <CreateKeyForm onCreated={setCreated} onCancel={close} />
      ) : (
        <CreatedKeyView created={created} onDone={close} />
      )}
    </Dialog>
  );
}
