import { createContext, useContext } from 'react';
import type { KeyRecord } from '../../server/wire/admin.ts';
import type { InvitationRequest } from '../api.ts';

/** One dialog for all pages: adding a person, and a new link for a device whose address has changed. */
export type InvitationControl = {
  /** Opens the form. */
  readonly addPerson: () => void;
  /** Makes an invitation for the same device once more; its old key is offered for revoking afterwards. */
  readonly renew: (key: KeyRecord) => void;
  /** Of the invitation that the dialog shows. */
  readonly shownId: string | null;
};

export const InvitationContext = createContext<InvitationControl>({
  addPerson: () => undefined,
  renew: () => undefined,
  shownId: null,
});

export function useInvitation(): InvitationControl {
  return useContext(InvitationContext);
}

/** The same person, device and limits as the key has. */
export function requestLike(key: KeyRecord): InvitationRequest {
  return {
    person: key.person,
    device: key.device ?? (key.person === null ? key.name : null),
    team: key.team,
    models: key.models,
    preset: key.preset ?? 'teammate',
    expiresAt: key.expiresAt,
    labels: key.labels,
    ips: key.ips,
    priority: key.priority,
    trace: key.trace,
    mayLeave: key.mayLeave,
    cache: key.cache,
    limits: key.limits,
    modelLimits: key.modelLimits,
  };
}
