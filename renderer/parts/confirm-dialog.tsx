import { Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from './dialog.tsx';
import { ErrorNote } from './error-note.tsx';

type ConfirmDialogProps = {
  readonly title: string;
  /** What will happen, and what will not. */
  readonly sentence: string;
  /** Verb and object: "Revoke key". */
  readonly confirm: string;
  /** The way back. Default: Cancel. */
  readonly close?: string;
  readonly isOpen: boolean;
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
};

/** Asks before something that cannot be taken back. */
export function ConfirmDialog(props: ConfirmDialogProps): ReactNode {
  const { t } = useTranslation();
  return (
    <Dialog title={props.title} isOpen={props.isOpen} onClose={props.onClose}>
      <Stack gap="md">
        <Text>{props.sentence}</Text>
        {props.error !== null && <ErrorNote error={props.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={props.onClose} data-autofocus>
            {props.close ?? t('common.cancel')}
          </Button>
          <Button color="red" loading={props.isBusy} onClick={props.onConfirm}>
            {props.confirm}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
