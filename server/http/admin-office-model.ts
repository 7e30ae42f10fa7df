import { officeModelState } from '../wire/office-model.ts';
import { route, type AdminRoute } from './admin-route.ts';

/** The model that answers for the office in the starter model's place, once it is here. */
export const officeModelRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/office-model',
    summary:
      'Which download is waited for, to answer for the office once it has answered a first request, and what has come of it.',
    answer: officeModelState,
    handle: ({ context }) => context.successor.state(),
  }),
  route({
    method: 'post',
    path: '/office-model/undo',
    summary: 'Lead the names that have moved back to the model of before.',
    answer: officeModelState,
    handle: ({ context }) => {
      context.successor.undo();
      return context.successor.state();
    },
  }),
  route({
    method: 'delete',
    path: '/office-model',
    summary: 'Wait for no download any more, and forget what has moved; the names stay as they are.',
    status: 204,
    handle: ({ context }) => context.successor.dismiss(),
  }),
];
