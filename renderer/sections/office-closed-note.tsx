import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorNote } from '../parts/error-note.tsx';
import { Note } from '../parts/note.tsx';
import { useLan, useSetLan } from '../queries.ts';

/** Before something is handed out that only this computer could use: the switch, where it is missed. */
export function OfficeClosedNote(): ReactNode {
  const { t } = useTranslation();
  const lan = useLan().data;
  const setLan = useSetLan();
  if (lan === undefined || lan.address !== null) return null;
  return (
    <>
      <Note
        tone="attention"
        action={
          !lan.on && (
            <Button
              variant="default"
              loading={setLan.isPending}
              onClick={() => setLan.mutate({ on: true, address: null })}
            >
              {t('office.switch')}
            </Button>
          )
        }
      >
        {t(lan.on ? 'office.noNetwork' : 'office.stillClosed')}
      </Note>
      {setLan.error !== null && <ErrorNote error={setLan.error} />}
    </>
  );
}
