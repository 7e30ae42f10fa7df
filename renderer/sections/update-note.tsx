import { Anchor } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { Note } from '../parts/note.tsx';
import { useUpdates } from '../queries-updates.ts';
import { UpdateQuestionNote } from './update-question.tsx';

/** That something newer is there; else the question whether to look, until it is answered. */
export function UpdateNote(): ReactNode {
  const { t } = useTranslation();
  const state = useUpdates().data;
  if (state === undefined) return null;
  const { news } = state;
  if (news === null) return <UpdateQuestionNote state={state} />;
  return (
    <Note
      tone={news.isSecurity ? 'attention' : 'quiet'}
      action={
        <Anchor component={Link} href="/health" size="sm">
          {t('updateNote.more')}
        </Anchor>
      }
    >
      {t(news.isSecurity ? 'updateNote.security' : 'updateNote.newer', { version: news.version })}
    </Note>
  );
}
