import type { OllamaState } from '../core/ollama.ts';
import { ollamaPull, ollamaSettingsRequest, ollamaState, pullRequest } from '../wire/ollama.ts';
import type { OllamaSettingsRequest } from '../wire/ollama.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';

/** Ollama on this computer. Its models are loaded and unloaded like all others: `/api/models/:model/load`. */
export const ollamaRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/ollama',
    summary: 'Whether Ollama runs, is installed or missing here; which one is used; what it fetches.',
    answer: ollamaState,
    handle: async ({ context, response }) => await context.ollama.read(goneSignal(response)),
  }),
  route({
    method: 'patch',
    path: '/ollama',
    summary:
      'Choose whose Ollama answers (none, own: ours is started on loopback; theirs: somebody’s own is used as it is) and how ours serves: requests at once, models at once, minutes of keep-alive, longest conversation.',
    body: ollamaSettingsRequest,
    answer: ollamaState,
    handle: configure,
  }),
  route({
    method: 'post',
    path: '/ollama/pulls',
    summary: 'Let Ollama fetch a model by its name. Answers at once; how far it is stands in the state.',
    status: 201,
    body: pullRequest,
    answer: ollamaPull,
    handle: ({ context, body }) => context.ollama.pull(body.model),
  }),
  route({
    method: 'delete',
    path: '/ollama/pulls/:model',
    summary: 'Give up a fetch, or take one that has ended off the list.',
    status: 204,
    handle: ({ context, param }) => context.ollama.cancelPull(param('model')),
  }),
];

async function configure({ context, body }: AdminCall<OllamaSettingsRequest>): Promise<OllamaState> {
  const change = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
  const state = await context.ollama.configure(change);
  context.log.info('Ollama was set.', { use: state.settings.use, state: state.state });
  return state;
}

/** Ends what is done for a page that has gone. */
function goneSignal(response: AdminCall['response']): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort(new Error('the page has gone')));
  return gone.signal;
}
