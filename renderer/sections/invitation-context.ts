import { createContext, useContext } from 'react';
import type { KeyRecord } from '../../server/wire/admin.ts';
import type { InvitationRequest } from '../api.ts';

/** One dialog for all pages: adding a person, and a new link for a device whose address has changed. */
export type InvitationControl = {
  /** Opens the form. */
  readonly addPerson: () => void;
  /** Makes an invitation by which a device gets another text for its key; the old one goes on for so long. */
  readonly replace: (key: KeyRecord, overlapSeconds: number) => void;
  /** Of the invitation that the dialog shows. */
  readonly shownId: string | null;
};

export const InvitationContext = createContext<InvitationControl>({
  addPerson: () => undefined,
  replace: () => undefined,
  shownId: null,
});

export function useInvitation(): InvitationControl {
  return useContext(InvitationContext);
}

/** A device gets another text for the key that it has; the one of before goes on for so long. */
export function replacementOf(key: KeyRecord, overlapSeconds: number): InvitationRequest {
  return { replaces: key.id, overlapSeconds };
}
