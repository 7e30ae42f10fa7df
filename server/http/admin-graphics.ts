import { graphics } from '../wire/graphics.ts';
import { route, type AdminRoute } from './admin-route.ts';

export const graphicsRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/graphics',
    summary:
      'The graphics cards one by one with who holds their memory, what models are computed by, why not by something better, and what to install.',
    answer: graphics,
    handle: ({ context }) => context.graphics(),
  }),
];
