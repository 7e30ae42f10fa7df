import { Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireDownload } from '../../server/wire/downloads.ts';
import * as api from '../api.ts';
import { Dialog } from '../parts/dialog.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { useDownloadChange } from '../queries.ts';
import { useFormat } from '../use-format.ts';

type CancelDownloadDialogProps = {
  /** Null while nothing is to be cancelled. */
  readonly download: WireDownload | null;
  readonly onClose: () => void;
};

/** Asks what becomes of the part that is here. */
export function CancelDownloadDialog({ download, onClose }: CancelDownloadDialogProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const cancel = useDownloadChange(api.cancelDownload);
  const part = download === null || download.doneBytes === 0 ? null : format.fileSize(download.doneBytes);

  function close(): void {
    cancel.reset();
    onClose();
  }

  function giveUp(keepsPart: boolean): void {
    if (download !== null) cancel.mutate({ id: download.id, keepsPart }, { onSuccess: close });
  }

  return (
    <Dialog
      title={t('downloads.cancelTitle', { name: download?.name ?? '' })}
      isOpen={download !== null}
      onClose={close}
    >
      <Stack gap="md">
        <Text>{part === null ? t('downloads.nothingYet') : t('downloads.keepPart', { part })}</Text>
        {cancel.error !== null && <ErrorNote error={cancel.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={close} data-autofocus>
            {t('downloads.goOn')}
          </Button>
          {part !== null && (
            <Button variant="default" loading={cancel.isPending} onClick={() => giveUp(true)}>
              {t('downloads.cancelKeeping')}
            </Button>
          )}
          <Button color="red" loading={cancel.isPending} onClick={() => giveUp(false)}>
            {part === null ? t('downloads.cancelDownload') : t('downloads.cancelDeleting')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
