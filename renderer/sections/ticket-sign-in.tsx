import { useEffect, type ReactNode } from 'react';
import * as api from '../api.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { useSessionChange } from '../queries.ts';

/** Signs in by the ticket in the address, as the app's “Open in browser” puts it there; one that is too old is told. */
export function TicketSignIn(): ReactNode {
  const { mutate, error } = useSessionChange(api.signInByTicket);
  useEffect(() => {
    const ticket = location.hash.slice(1);
    if (!/^[\w-]{43}$/.test(ticket)) return;
    // Used up by this: what stays in the address would only be tried again.
    history.replaceState(history.state, '', location.pathname + location.search);
    mutate(ticket);
  }, [mutate]);
  return error === null ? null : <ErrorNote error={error} />;
}
