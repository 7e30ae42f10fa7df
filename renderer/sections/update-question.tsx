import { Button, Group, Radio } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { UpdateState } from '../../server/wire/updates.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { useSetUpdates, useUpdates } from '../queries-updates.ts';

/** Nobody is asked where there is nothing to look at, and nobody who has answered. */
const isOpen = ({ choice, isPossible }: UpdateState): boolean => choice === 'ask' && isPossible;

/** The question in the set-up. It stays once answered, so that the answer is seen; whoever comes again is not asked. */
export function UpdateQuestionPanel(): ReactNode {
  const { t } = useTranslation();
  const state = useUpdates().data;
  const set = useSetUpdates('check');
  if (state === undefined || (!isOpen(state) && !set.isSuccess)) return null;
  return (
    <Panel title={t('updateNote.ask')}>
      <Radio.Group
        label={t('updateNote.ask')}
        labelProps={{ hidden: true }}
        description={t('updateNote.choiceMeans')}
        value={set.isPending ? (set.variables ?? '') : state.choice}
        onChange={(value) => set.mutate(value)}
      >
        <Radio mt="xs" value="yes" label={t('updateNote.askYes')} />
        <Radio mt="xs" value="no" label={t('updateNote.askNo')} />
      </Radio.Group>
      {set.error !== null && <ErrorNote error={set.error} />}
    </Panel>
  );
}

/** The same on Home, for who was not asked in a set-up or has not answered there. */
export function UpdateQuestionNote({ state }: { readonly state: UpdateState }): ReactNode {
  const { t } = useTranslation();
  const set = useSetUpdates('check');
  if (!isOpen(state)) return null;
  return (
    <Note
      tone="quiet"
      action={
        <Group gap="xs">
          <Button size="xs" loading={set.isPending} onClick={() => set.mutate('yes')}>
            {t('updateNote.askYes')}
          </Button>
          <Button size="xs" variant="default" disabled={set.isPending} onClick={() => set.mutate('no')}>
            {t('updateNote.askNo')}
          </Button>
        </Group>
      }
    >
      <strong>{t('updateNote.ask')}</strong> {t('updateNote.choiceMeans')}
      {set.error !== null && <ErrorNote error={set.error} />}
    </Note>
  );
}
