import { NumberInput, Switch, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { SettingRecord } from '../../server/wire/settings.ts';
import { Dialog } from '../parts/dialog.tsx';
import { DialogForm } from '../parts/dialog-form.tsx';
import { Note } from '../parts/note.tsx';
import { useSetSettings } from '../queries.ts';
import { useUnsaved } from '../unsaved.ts';
import { numberOf } from './model-settings-form.ts';
import type { KeptKind } from './retention-kinds.ts';

type RetentionDialogProps = {
  /** Null while the dialog is closed. */
  readonly kind: KeptKind | null;
  readonly settings: readonly SettingRecord[];
  readonly onClose: () => void;
};

/** How long one kind is kept. */
export function RetentionDialog({ kind, settings, onClose }: RetentionDialogProps): ReactNode {
  const { t } = useTranslation();
  const title = kind === null ? '' : t(`settings.kept.kind.${kind.name}`);
  return (
    <Dialog title={title} isOpen={kind !== null} onClose={onClose}>
      {kind !== null && (
        <RetentionForm
          kind={kind}
          before={settings.find(({ name }) => name === kind.setting)?.value ?? null}
          onClose={onClose}
        />
      )}
    </Dialog>
  );
}

type RetentionFormProps = {
  readonly kind: KeptKind;
  readonly before: SettingRecord['value'];
  readonly onClose: () => void;
};

const usualDays = 90;

function RetentionForm({ kind, before, onClose }: RetentionFormProps): ReactNode {
  const { t } = useTranslation();
  const set = useSetSettings();
  const [isForever, setIsForever] = useState(before === kind.forever);
  const [amount, setAmount] = useState<number | string>(before === kind.forever ? usualDays : Number(before));
  const [isWrong, setIsWrong] = useState(false);
  useUnsaved(isForever ? before !== kind.forever : amount !== before);

  function save(event: FormEvent): void {
    event.preventDefault();
    const number = numberOf(amount);
    const isRight =
      isForever ||
      (number !== null && Number.isInteger(number) && number >= kind.least && number <= kind.most);
    setIsWrong(!isRight);
    if (!isRight) return;
    const value = isForever ? (kind.forever ?? null) : number;
    set.mutate([{ name: kind.setting, value }], {
      onSuccess: () => {
        notifications.show({ message: t('settings.kept.saved') });
        onClose();
      },
    });
  }

  return (
    <DialogForm
      submit={t('settings.save')}
      isBusy={set.isPending}
      error={set.error}
      onSubmit={save}
      onClose={onClose}
    >
      <Text>{t(`settings.kept.means.${kind.name}`)}</Text>
      {kind.forever !== undefined && (
        <Switch
          label={t('settings.kept.keepForever')}
          checked={isForever}
          onChange={({ currentTarget: { checked } }) => setIsForever(checked)}
        />
      )}
      {!isForever && (
        <>
          <NumberInput
            label={t(`settings.kept.amount.${kind.unit}`)}
            min={kind.least}
            max={kind.most}
            allowDecimal={false}
            allowNegative={false}
            clampBehavior="none"
            value={amount}
            error={isWrong ? t('engines.range', { min: kind.least, max: kind.most }) : undefined}
            onChange={setAmount}
          />
          <Note tone="attention">{t('settings.kept.older')}</Note>
        </>
      )}
    </DialogForm>
  );
}
