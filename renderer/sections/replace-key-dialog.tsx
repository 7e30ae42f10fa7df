import { Button, NativeSelect, Stack, Text } from '@mantine/core';
import { QrCode } from 'lucide-react';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CreatedKey, KeyRecord } from '../../server/wire/admin.ts';
import { replaceKey } from '../api-pairing.ts';
import { Dialog } from '../parts/dialog.tsx';
import { DialogForm } from '../parts/dialog-form.tsx';
import { Note } from '../parts/note.tsx';
import { useKeyTextChange } from '../queries-pairing.ts';
import { useFormat } from '../use-format.ts';
import { CreatedKeyView } from './created-key-view.tsx';
import { useInvitation } from './invitation-context.ts';

type ReplaceKeyDialogProps = {
  /** Null while the dialog is closed. */
  readonly record: KeyRecord | null;
  readonly onClose: () => void;
};

/** For how long the old key goes on, in seconds. */
const overlaps = { atOnce: 0, hour: 3_600, day: 86_400, week: 604_800 } as const;
type Overlap = keyof typeof overlaps;
const overlapNames = Object.keys(overlaps) as Overlap[];

/** Another key for the same device: made here and shown once, or fetched by the device itself. */
export function ReplaceKeyDialog({ record, onClose }: ReplaceKeyDialogProps): ReactNode {
  const { t } = useTranslation();
  const [created, setCreated] = useState<CreatedKey | null>(null);
  function close(): void {
    setCreated(null);
    onClose();
  }
  return (
    <Dialog
      title={t('replaceKey.title', { name: record?.name ?? '' })}
      isOpen={record !== null}
      onClose={close}
      closesByItself={created === null}
    >
      {record !== null && created === null && (
        <ReplaceKeyForm record={record} onReplaced={setCreated} onClose={close} />
      )}
      {created !== null && <ReplacedKeyView created={created} onDone={close} />}
    </Dialog>
  );
}

type ReplaceKeyFormProps = {
  readonly record: KeyRecord;
  readonly onReplaced: (created: CreatedKey) => void;
  readonly onClose: () => void;
};

function ReplaceKeyForm({ record, onReplaced, onClose }: ReplaceKeyFormProps): ReactNode {
  const { t } = useTranslation();
  const { replace } = useInvitation();
  const change = useKeyTextChange(replaceKey);
  const [overlap, setOverlap] = useState<Overlap>('day');
  const overlapSeconds = overlaps[overlap];

  function submit(event: FormEvent): void {
    event.preventDefault();
    change.mutate({ id: record.id, overlapSeconds }, { onSuccess: onReplaced });
  }
  function byInvitation(): void {
    onClose();
    replace(record, overlapSeconds);
  }

  return (
    <DialogForm
      submit={t('replaceKey.here')}
      isBusy={change.isPending}
      error={change.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <Text>{t('replaceKey.lead')}</Text>
      <NativeSelect
        label={t('replaceKey.overlap')}
        description={t('replaceKey.overlapHint')}
        data={overlapNames.map((value) => ({ value, label: t(`replaceKey.lasts.${value}`) }))}
        value={overlap}
        onChange={({ currentTarget: { value } }) =>
          setOverlap(overlapNames.find((name) => name === value) ?? overlap)
        }
      />
      {overlap === 'atOnce' && <Note tone="attention">{t('replaceKey.atOnce')}</Note>}
      {record.role === 'inference' && (
        <Note
          tone="quiet"
          action={
            <Button variant="default" leftSection={<QrCode size={16} aria-hidden />} onClick={byInvitation}>
              {t('replaceKey.byInvitation')}
            </Button>
          }
        >
          {t('replaceKey.byInvitationMeans')}
        </Note>
      )}
    </DialogForm>
  );
}

type ReplacedKeyViewProps = { readonly created: CreatedKey; readonly onDone: () => void };

function ReplacedKeyView({ created, onDone }: ReplacedKeyViewProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const [former] = created.formerKeys;
  return (
    <Stack gap="md">
      <Note tone="quiet">
        {former === undefined
          ? t('replaceKey.oldEnded')
          : t('replaceKey.oldUntil', { hint: former.hint, when: format.dateTime(former.endsAt) })}
      </Note>
      <CreatedKeyView created={created} onDone={onDone} />
    </Stack>
  );
}
