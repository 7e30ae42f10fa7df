import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireLogRow } from '../../server/wire/admin.ts';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { RequestTable } from '../parts/request-table.tsx';
import { useLog } from '../queries.ts';
import { NoRequestsNote } from './no-requests-note.tsx';

const shownRows = 8;
/** The server's own checks of models come by the dozen, and nobody has asked them. */
const ofOthers = { checks: 'no' } as const;

/** The newest requests; a finished one appears by itself. */
export function LastRequestsPanel(props: {
  readonly action: ReactNode;
  readonly onOpen: (row: WireLogRow) => void;
}): ReactNode {
  const { t } = useTranslation();
  const query = useLog(ofOthers, shownRows);
  return (
    <Panel title={t('home.lastRequests')} action={props.action} flush>
      <QueryView query={query}>
        {(rows) =>
          rows.length === 0 ? (
            <NoRequestsNote />
          ) : (
            <RequestTable caption={t('home.lastRequests')} rows={rows} onOpen={props.onOpen} />
          )
        }
      </QueryView>
    </Panel>
  );
}
