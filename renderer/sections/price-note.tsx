import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Note } from '../parts/note.tsx';
import { usePrices } from '../queries-limits.ts';

/** Where a money budget is set: what it counts by, and that without any price it refuses. */
export function PriceNote({ onOpen }: { readonly onOpen: () => void }): ReactNode {
  const { t } = useTranslation();
  const isMissing = usePrices().data?.length === 0;
  return (
    <Note
      tone={isMissing ? 'attention' : 'quiet'}
      isLive
      action={
        <Button variant="default" size="xs" onClick={onOpen}>
          {t(isMissing ? 'prices.set' : 'prices.open')}
        </Button>
      }
    >
      {t(isMissing ? 'prices.missing' : 'prices.countedBy')}
    </Note>
  );
}
