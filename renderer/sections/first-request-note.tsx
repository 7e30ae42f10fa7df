import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CreatedKey } from '../../server/wire/admin.ts';
import { guessClient } from '../client-name.ts';
import { Note } from '../parts/note.tsx';
import { ServerSaid } from '../parts/server-said.tsx';
import { cameThrough, useFirstRequest } from '../use-first-request.ts';

/** Says whether the tool has got through, from the moment this is shown; with a new key, only that key counts. */
export function FirstRequestNote({ created }: { readonly created: CreatedKey | null }): ReactNode {
  const keyId = created?.id ?? null;
  return <FirstRequest key={keyId} keyId={keyId} />;
}

function FirstRequest({ keyId }: { readonly keyId: string | null }): ReactNode {
  const { t } = useTranslation();
  const row = useFirstRequest(keyId);
  if (row === null) {
    return (
      <Note tone="waiting" isLive>
        {t('firstSeen.waiting')}
      </Note>
    );
  }
  const from = { client: guessClient(row.client) ?? t('firstSeen.someProgram'), ip: row.ip };
  if (cameThrough(row)) {
    return (
      <Note tone="ok" isLive>
        {t('firstSeen.seen', { ...from, name: row.key ?? t('people.someDevice') })}
      </Note>
    );
  }
  return (
    <Note tone="attention" isLive>
      <p>{t(row.keyId === null ? 'firstSeen.wrongKey' : 'firstSeen.failed', from)}</p>
      {row.error !== null && <ServerSaid said={row.error} />}
    </Note>
  );
}
