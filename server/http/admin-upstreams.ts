import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { classOfAddress, classOfHost, readWebAddress } from '../core/egress.ts';
import { AppError, invalidRequest } from '../core/errors.ts';
import { reservedEngineNames, type Upstream, type UpstreamKind } from '../core/upstream.ts';
import {
  addUpstream,
  findUpstream,
  hasUpstreamKey,
  listUpstreams,
  removeUpstream,
  setUpstreamKey,
  updateUpstream,
  type UpstreamWish,
} from '../store/upstreams.ts';
import {
  addUpstreamRequest,
  updateUpstreamRequest,
  upstreamList,
  upstreamRecord,
  type AddUpstreamRequest,
  type UpdateUpstreamRequest,
  type UpstreamRecord,
} from '../wire/upstreams.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';

/** Servers of others that answer for us. `:upstream` is a name or an id. */
export const upstreamRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/upstreams',
    summary: 'All upstreams, and what is known of them.',
    answer: upstreamList,
    handle: ({ context }) => listUpstreams(context.store).map((upstream) => toRecord(context, upstream)),
  }),
  route({
    method: 'post',
    path: '/upstreams',
    summary:
      'Add a server that speaks OpenAI’s language (vLLM, llama-server, LM Studio, another Inglenook …) or Ollama. It is asked for its models at once; one that does not answer is kept all the same.',
    status: 201,
    body: addUpstreamRequest,
    answer: upstreamRecord,
    handle: add,
  }),
  route({
    method: 'patch',
    path: '/upstreams/:upstream',
    summary:
      'Change an upstream; counts from the next request, running answers go on. A new address forgets the key unless one is given.',
    body: updateUpstreamRequest,
    answer: upstreamRecord,
    handle: update,
  }),
  route({
    method: 'post',
    path: '/upstreams/:upstream/test',
    summary: 'Ask it for its models now; the answer tells what came of it.',
    answer: upstreamRecord,
    handle: test,
  }),
  route({
    method: 'delete',
    path: '/upstreams/:upstream',
    summary: 'Forget an upstream and its key. Running answers go on to their end.',
    status: 204,
    handle: remove,
  }),
];

async function add({ context, body, response }: AdminCall<AddUpstreamRequest>): Promise<UpstreamRecord> {
  requireFreeName(body.name);
  const kind = body.kind ?? 'openai';
  const wish: UpstreamWish = {
    name: body.name,
    kind,
    mayLeave: body.mayLeave ?? false,
    url: '',
    slots: body.slots ?? null,
    routingHeader: body.routingHeader,
    contextTokens: body.contextTokens ?? null,
  };
  const url = await requireUsableUrl(context, { ...wish, url: body.url });
  const upstream = addUpstream(context.store, { ...wish, url }, context.clock.nowMs());
  if (body.apiKey) setUpstreamKey(context.store, upstream.id, body.apiKey, context.serverSecret);
  return await changed(context, upstream.id, 'An upstream was added.', response);
}

async function update({
  context,
  body,
  param,
  response,
}: AdminCall<UpdateUpstreamRequest>): Promise<UpstreamRecord> {
  const before = requireUpstream(context, param('upstream'));
  if (body.name !== undefined && body.name !== before.name) requireFreeName(body.name);
  const kept = <Value>(given: Value | undefined, value: Value): Value =>
    given === undefined ? value : given;
  const wanted: Upstream = {
    id: before.id,
    createdMs: before.createdMs,
    name: body.name ?? before.name,
    kind: body.kind ?? before.kind,
    url: body.url ?? before.url,
    mayLeave: body.mayLeave ?? before.mayLeave,
    slots: kept(body.slots, before.slots),
    routingHeader: kept(body.routingHeader, before.routingHeader),
    contextTokens: kept(body.contextTokens, before.contextTokens),
  };
  const url = await requireUsableUrl(context, wanted);
  const after = { ...wanted, url };
  updateUpstream(context.store, after);
  // A key is for the server it was given for: whoever changes the address does not send it to another.
  const isElsewhere = new URL(url).origin !== new URL(before.url).origin;
  if (body.apiKey !== undefined || isElsewhere) {
    setUpstreamKey(context.store, before.id, body.apiKey ?? null, context.serverSecret);
  }
  return await changed(context, before.id, 'An upstream was changed.', response);
}

async function test({ context, param, response }: AdminCall): Promise<UpstreamRecord> {
  const { id } = requireUpstream(context, param('upstream'));
  await askIt(context, id, response);
  return toRecord(context, requireUpstream(context, id));
}

function remove({ context, param }: AdminCall): void {
  const { id, name } = requireUpstream(context, param('upstream'));
  removeUpstream(context.store, id);
  context.upstreams.reload();
  context.log.info('An upstream was removed.', { upstream: name });
  context.live.publish({ type: 'upstreams-changed' });
}

async function changed(
  context: AdminContext,
  id: string,
  message: string,
  response: AdminCall['response'],
): Promise<UpstreamRecord> {
  context.upstreams.reload();
  await askIt(context, id, response);
  const upstream = requireUpstream(context, id);
  const record = toRecord(context, upstream);
  context.log.info(message, {
    upstream: upstream.name,
    kind: upstream.kind,
    mayLeave: upstream.mayLeave,
    state: record.state,
  });
  context.live.publish({ type: 'upstreams-changed' });
  return record;
}

async function askIt(context: AdminContext, id: string, response: AdminCall['response']): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort(new Error('the page has gone')));
  const state = await context.upstreams.refresh(id, gone.signal).catch((error: unknown) => {
    if (!gone.signal.aborted) throw error;
    return null;
  });
  // The owner who has just mended it need not wait for the next probe, nor for the end of a pause.
  if (state !== null) context.noteReachable(requireUpstream(context, id).name, state.state === 'ready', true);
}

function toRecord(context: AdminContext, upstream: Upstream): UpstreamRecord {
  const { createdMs, routingHeader, ...rest } = upstream;
  const state = context.upstreams.state(upstream.id);
  const { isAway, pauses } = context.standing(upstream.name);
  const nowMs = context.clock.nowMs();
  return {
    ...rest,
    routingHeader: routingHeader ?? null,
    hasKey: hasUpstreamKey(context.store, upstream.id),
    createdAt: new Date(createdMs).toISOString(),
    state: state?.state ?? 'unknown',
    reason: state?.reason ?? null,
    checkedAt: state?.checkedMs == null ? null : new Date(state.checkedMs).toISOString(),
    latencyMs: state?.latencyMs ?? null,
    models: [...(state?.models ?? [])],
    isAway,
    pauses: pauses.map(({ model, leftMs }) => ({ model, until: new Date(nowMs + leftMs).toISOString() })),
  };
}

function requireUpstream(context: AdminContext, nameOrId: string): Upstream {
  const upstream = findUpstream(context.store, nameOrId);
  if (upstream !== null) return upstream;
  throw new AppError(`There is no upstream named “${nameOrId.slice(0, 200)}”.`, {
    status: 404,
    code: 'upstream_not_found',
    param: 'upstream',
  });
}

function requireFreeName(name: string): void {
  if (!reservedEngineNames.includes(name)) return;
  throw invalidRequest(`“${name}” stands for an engine of Inglenook’s own. Choose another name.`, 'name');
}

// --- addresses (security.md §4) ------------------------------------------------------------------------------------

type Wanted = { readonly url: string; readonly kind: UpstreamKind; readonly mayLeave: boolean };

/** In the form it is kept in. @throws AppError 400 for what nothing may be sent to */
async function requireUsableUrl(
  context: AdminContext,
  { url: text, kind, mayLeave }: Wanted,
): Promise<string> {
  const url = webAddress(text);
  if (url.search !== '' || url.hash !== '') {
    throw invalidRequest('Leave out everything from ? or # on in the address.', 'url');
  }
  const kinds = await kindsOf(url);
  if (kinds.includes('refused')) throw notSentThere();
  if (kinds.includes('public') && !mayLeave) {
    throw invalidRequest(
      'This address lies outside the office. If requests may leave the office to it, say so: --may-leave (mayLeave); only keys that are allowed to will use it.',
      'mayLeave',
    );
  }
  if (await isOwnAddress(context, url)) {
    throw invalidRequest(
      'This is the address of this Inglenook itself; it would go round in circles.',
      'url',
    );
  }
  const path = url.pathname.replace(/\/+$/u, '');
  return url.origin + (path === '' && kind !== 'ollama' ? '/v1' : path);
}

function webAddress(text: string): URL {
  const url = readWebAddress(text);
  switch (url) {
    case 'no-address':
    case 'not-web':
      throw invalidRequest('Give the address as http://… or https://…', 'url');
    case 'credentials':
      throw invalidRequest('The address holds a name or password. Give the key by itself.', 'url');
    case 'refused':
      throw notSentThere();
    default:
      return url;
  }
}

function notSentThere(): AppError {
  return invalidRequest('Nothing is sent to this address: it is one of link-local or cloud services.', 'url');
}

/** Empty where the name is not known now: then the connection itself is held to the same rule. */
async function kindsOf(url: URL): Promise<readonly string[]> {
  const literal = classOfHost(url);
  return literal === null ? (await addressesOf(url)).map(classOfAddress) : [literal];
}

async function addressesOf(url: URL): Promise<readonly string[]> {
  const host = url.hostname.replace(/^\[|\]$/gu, '');
  if (isIP(host) !== 0) return [host];
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.map(({ address }) => address);
}

async function isOwnAddress(context: AdminContext, url: URL): Promise<boolean> {
  const { address } = context.status();
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  if (!URL.canParse(address) || new URL(address).port !== port) return false;
  const own = new Set(
    Object.values(networkInterfaces())
      .flatMap((entries) => entries ?? [])
      .map((entry) => entry.address),
  );
  if (url.hostname === hostname().toLowerCase() || context.office.isOwnName(url.hostname)) return true;
  return (await addressesOf(url)).some((found) => own.has(found) || /^127\.|^::1$/u.test(found));
}
