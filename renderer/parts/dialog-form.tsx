import { Button, Stack } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { DialogWays } from './dialog-ways.tsx';
import { ErrorNote } from './error-note.tsx';

type DialogFormProps = {
  /** Verb and object: "Add a name". */
  readonly submit: string;
  readonly isBusy: boolean;
  /** Null where there is none, or where a field shows it. */
  readonly error: unknown;
  /** Default: Cancel. */
  readonly close?: string;
  /** What it does cannot be taken back. */
  readonly isDangerous?: boolean;
  readonly onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
};

/** The form inside a dialog: fields, what went wrong, and the two ways out. */
export function DialogForm(props: DialogFormProps): ReactNode {
  const { t } = useTranslation();
  return (
    <form onSubmit={props.onSubmit} noValidate>
      <Stack gap="md">
        {props.children}
        {props.error !== null && <ErrorNote error={props.error} />}
        <DialogWays>
          <Button variant="default" onClick={props.onClose}>
            {props.close ?? t('common.cancel')}
          </Button>
          <Button
            type="submit"
            loading={props.isBusy}
            {...(props.isDangerous === true ? { color: 'red' } : {})}
          >
            {props.submit}
          </Button>
        </DialogWays>
      </Stack>
    </form>
  );
}
