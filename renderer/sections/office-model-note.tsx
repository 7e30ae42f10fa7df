import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { dismissOfficeModel, undoOfficeModel } from '../api-set-up.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { Note } from '../parts/note.tsx';
import { useOfficeModel, useOfficeModelChange } from '../queries-set-up.ts';
import { useFormat, useNow } from '../use-format.ts';

/** That another model answers for the office now, with the way back; or why it does not yet. */
export function OfficeModelNote(): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const state = useOfficeModel().data;
  const undo = useOfficeModelChange(undoOfficeModel);
  const dismiss = useOfficeModelChange(dismissOfficeModel);
  const isBusy = undo.isPending || dismiss.isPending;
  const error = undo.error ?? dismiss.error;
  if (state === undefined) return null;
  const { moved, waitingFor } = state;
  if (moved !== null) {
    return (
      <>
        <Note
          tone="ok"
          isLive
          action={
            <Group gap="xs">
              <Button variant="default" size="xs" disabled={isBusy} onClick={() => undo.mutate()}>
                {t('officeModel.undo')}
              </Button>
              <Button variant="default" size="xs" disabled={isBusy} onClick={() => dismiss.mutate()}>
                {t('officeModel.keep')}
              </Button>
            </Group>
          }
        >
          <p>
            {t('officeModel.moved', {
              to: moved.to,
              from: moved.from,
              names: moved.names.join(', '),
              when: format.ago(moved.at, now),
            })}
          </p>
        </Note>
        {error !== null && <ErrorNote error={error} />}
      </>
    );
  }
  if (waitingFor === null || waitingFor.problem === null) return null;
  return (
    <>
      <Note
        tone="attention"
        isLive
        action={
          <Button variant="default" size="xs" disabled={isBusy} onClick={() => dismiss.mutate()}>
            {t('officeModel.giveUp')}
          </Button>
        }
      >
        <p>{t('officeModel.problem', { problem: waitingFor.problem })}</p>
      </Note>
      {error !== null && <ErrorNote error={error} />}
    </>
  );
}
