import { updateState } from '../wire/updates.ts';
import { route, type AdminRoute } from './admin-route.ts';

/** Newer versions of Inglenook itself. Whether and where to look is `updates.check` and `updates.feed` of the settings. */
export const updateRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/updates',
    summary: 'Which version runs, how old it is, and what is known of newer ones. Asks nobody.',
    // The console shows it on every page.
    isUse: false,
    answer: updateState,
    handle: ({ context }) => context.updates.state(),
  }),
  route({
    method: 'post',
    path: '/updates/check',
    summary:
      'Looks for a newer version now: one request without anything that tells who asks; what is not signed by the makers is not believed.',
    answer: updateState,
    handle: ({ context }) => context.updates.look(),
  }),
  route({
    method: 'post',
    path: '/updates/download',
    summary:
      'Fetches the newer version’s file for this system into the data folder and holds it against the signed SHA-256. Nothing installs it.',
    answer: updateState,
    handle: ({ context }) => context.updates.download(),
  }),
];
