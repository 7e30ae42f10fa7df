import { Stack } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';
import { Entrance } from './entrance.tsx';
import styles from './entrance-page.module.css';

type EntrancePageProps = { readonly title: string; readonly lead: string; readonly children: ReactNode };

/** Title, a sentence, and a form or the way on. */
export function EntrancePage({ title, lead, children }: EntrancePageProps): ReactNode {
  useEffect(() => {
    document.title = `${title} – Inglenook`;
  }, [title]);
  return (
    <Entrance>
      <h1 className={styles['title']}>{title}</h1>
      <p className={styles['lead']}>{lead}</p>
      <Stack gap="md">{children}</Stack>
    </Entrance>
  );
}
