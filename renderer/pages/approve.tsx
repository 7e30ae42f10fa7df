import { Smartphone } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyNote } from '../parts/empty-note.tsx';
import { Page } from '../parts/page.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { usePairings } from '../queries.ts';
import { InvitationsPanel } from '../sections/invitations-panel.tsx';
import { isAsking } from '../sections/join-decision.tsx';

/** For the owner’s phone: only who asks to be let in. The question itself stands above, as on every page. */
export function ApprovePage(): ReactNode {
  const { t } = useTranslation();
  return (
    <Page title={t('approve.title')} lead={t('approve.lead')}>
      <QueryView query={usePairings()}>
        {(pairings) =>
          pairings.some(isAsking) ? null : (
            <EmptyNote isCard icon={<Smartphone size={28} />} sentence={t('approve.nobody')} />
          )
        }
      </QueryView>
      <InvitationsPanel />
    </Page>
  );
}
