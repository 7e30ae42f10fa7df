import type { AdminServices } from '../../server/http/admin-services.ts';

/** An owner who has taken nothing back, and has set no hours. */
export function noOwner(): AdminServices['owner'] {
  const pauses = { gpu: null, all: null };
  return {
    state: () => ({
      pauses,
      hours: {
        open: null,
        until: null,
        next: null,
        timeZone: 'UTC',
        models: [],
        awake: { phase: 'off', problem: null },
      },
    }),
    pauses: { take() {}, lift: () => false, state: () => pauses },
    hours: { look() {} },
  };
}
