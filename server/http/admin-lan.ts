import { lanState, setLanRequest } from '../wire/lan.ts';
import { route, type AdminRoute } from './admin-route.ts';

/** The one switch that lets the office in. */
export const lanRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/lan',
    summary: 'Whether the office is let in, at which address, and whether anybody has been seen from there.',
    answer: lanState,
    handle: ({ context }) => context.office.state(),
  }),
  route({
    method: 'put',
    path: '/lan',
    summary: 'Lets the office in, or closes to everyone but this computer.',
    body: setLanRequest,
    answer: lanState,
    handle: async ({ context, body }) => {
      await context.office.choose({ on: body.on, address: body.address ?? null, port: body.port });
      return context.office.state();
    },
  }),
];
