import type { ReactNode } from 'react';
import { usePairings } from '../queries.ts';
import { useInvitation } from './invitation-context.ts';
import { isAsking, JoinDecision } from './join-decision.tsx';
import styles from './join-requests.module.css';

/** On every page: the devices that wait for the owner's word. The one in the open dialog is decided there. */
export function JoinRequests(): ReactNode {
  const { shownId } = useInvitation();
  const asking = (usePairings().data ?? []).filter(isAsking).filter(({ id }) => id !== shownId);
  return asking.map((pairing) => (
    <div key={pairing.id} className={styles['banner']} role="alert">
      <JoinDecision pairing={pairing} />
    </div>
  ));
}
