import { Button } from '@mantine/core';
import { Inbox } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyNote } from '../parts/empty-note.tsx';
import { useKeys } from '../queries.ts';
import { useInvitation } from './invitation-context.ts';

/** Nothing has been asked yet; without a key nothing can be. */
export function NoRequestsNote(): ReactNode {
  const { t } = useTranslation();
  const { addPerson } = useInvitation();
  const hasNoKey = useKeys().data?.every(({ status }) => status !== 'active') ?? false;
  return (
    <EmptyNote
      icon={<Inbox size={28} />}
      sentence={t('log.empty')}
      action={hasNoKey && <Button onClick={addPerson}>{t('people.add')}</Button>}
    />
  );
}
