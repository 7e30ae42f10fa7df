import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { RemovedModel } from '../../server/wire/admin.ts';
import { Note } from '../parts/note.tsx';
import { useFormat } from '../use-format.ts';

type RemovedNoteProps = { readonly removed: RemovedModel | null; readonly onClose: () => void };

/** What became of a removal, in a sentence; it stays, because names may need a new model now. */
export function RemovedNote({ removed, onClose }: RemovedNoteProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div role="status">
      {removed !== null && (
        <Note
          tone={removed.brokenAliases.length > 0 ? 'attention' : 'ok'}
          action={
            <Button variant="default" size="xs" onClick={onClose}>
              {t('common.close')}
            </Button>
          }
        >
          <p>
            {removed.freedBytes > 0
              ? t('models.removedFreed', {
                  model: removed.removed,
                  size: format.fileSize(removed.freedBytes),
                })
              : t('models.removed', { model: removed.removed })}
          </p>
          {removed.brokenAliases.length > 0 && (
            <p>
              {t('models.brokenNames', {
                count: removed.brokenAliases.length,
                names: removed.brokenAliases.join(', '),
              })}
            </p>
          )}
        </Note>
      )}
    </div>
  );
}
