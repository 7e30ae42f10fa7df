import { playgroundAnswer, playgroundQuery, playgroundRequest } from '../wire/playground.ts';
import { route, type AdminRoute } from './admin-route.ts';

/** The owner tries a model, from the console, without a key. */
export const playgroundRoutes: readonly AdminRoute[] = [
  route({
    method: 'post',
    path: '/playground/chat',
    summary:
      'Ask a model, as POST /v1/chat/completions with the same body does. Counts in nobody’s limits, unless `as` names a key: then as that key may, and in its limits. The log shows it as the playground’s.',
    query: playgroundQuery,
    takes: playgroundRequest,
    answer: playgroundAnswer,
    alsoAnswers: 'text/event-stream',
    handle: ({ context, request, response, query }) => context.playground(request, response, query),
  }),
];
