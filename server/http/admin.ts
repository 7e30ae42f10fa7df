import { hostname } from 'node:os';
import express, {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
  type Router,
} from 'express';
import { AppError, toAppError } from '../core/errors.ts';
import { openAiError } from '../dialects/openai-errors.ts';
import { clientOf } from '../edge/client.ts';
import {
  identifyCaller,
  notSignedIn,
  refuseForeignPages,
  refuseNamedToken,
  requireCsrfToken,
} from './admin-auth.ts';
import { parseAs, readBody, requireBytes, requireJsonOrNothing } from './admin-body.ts';
import type { AdminCall, AdminRoute } from './admin-route.ts';
import type { AdminContext, AdminServices } from './admin-services.ts';
import { adminRoutes } from './admin-table.ts';
import { actOf } from './audit-acts.ts';
import { createAuditor, type Auditor, type Visit } from './audited.ts';
import { createAttemptGuard } from './attempts.ts';
import { noteGuess } from './edge-door.ts';
import { createNamedTokens } from './named-tokens.ts';
import { createPasswordHasher } from './passwords.ts';
import { createSecondFactor } from './second-factor.ts';
import { requireRecentPassword } from './re-authenticate.ts';
import { securityHeaders } from './security-headers.ts';
import { createSessions } from './sessions.ts';

/**
 * The admin API, to be mounted at `/api`. `cheapPasswords` is for tests: real hashing takes half a second.
 * Every request passes, in this order: no API key (403) · no foreign page (403) · the owner, or a public route
 * (401, and 403 where a token with a name is too little) · known path and method (404, 405) · CSRF where a cookie speaks
 * (403) · the password shown lately, where the act reaches far (403) · JSON or nothing (415) · the body within its limit and schema (413, 400) · the handler. Whatever may change
 * something is written to the audit, refused or done (`audited.ts`).
 */
export function createAdminRouter(
  services: AdminServices,
  options: { readonly cheapPasswords?: boolean } = {},
): Router {
  const context = contextOf(services, options.cheapPasswords === true);
  const audited = createAuditor(context);
  const router = express.Router({ caseSensitive: true });
  router.use(securityHeaders, neverStored);
  const paths = new Set(adminRoutes.map((route) => route.path));
  for (const path of paths) {
    const routes = adminRoutes.filter((route) => route.path === path);
    for (const route of routes) router[route.method](path, answer({ context, audited }, route));
    router.all(path, requireOwner(context), refuseMethod(routes));
  }
  router.use(requireOwner(context), notFound);
  router.use(errorAnswer(context));
  return router;
}

/** Whoever knows the password has this many tries at the code, from however many addresses. */
const freeCodes = 20;

function contextOf(services: AdminServices, isCheap: boolean): AdminContext {
  const { store, clock, serverSecret } = services;
  const { monotonicMs } = clock;
  return {
    ...services,
    sessions: createSessions(store, clock),
    namedTokens: createNamedTokens(store, clock),
    secondFactor: createSecondFactor({ store, clock, serverSecret, account: hostname() }),
    passwords: createPasswordHasher({ cheap: isCheap }),
    attempts: createAttemptGuard(monotonicMs),
    codeAttempts: {
      byAddress: createAttemptGuard(monotonicMs, { what: 'codes' }),
      together: createAttemptGuard(monotonicMs, { what: 'codes', free: freeCodes }),
    },
  };
}

function answer(
  { context, audited }: { context: AdminContext; audited: Auditor },
  route: AdminRoute,
): RequestHandler {
  const act = actOf(route);
  return async (request, response) => {
    const visit: Visit = { route, request, ip: addressOf(request), caller: null, call: null };
    const visited =
      act === null
        ? handle(context, visit, response, () => undefined)
        : audited(act, visit, (prepared) => handle(context, visit, response, prepared));
    const result = await visited;
    if (response.headersSent) return;
    if (route.status === 204) response.status(204).end();
    else response.status(route.status).json(result);
  };
}

async function handle(
  context: AdminContext,
  visit: Visit,
  response: Response,
  prepared: (call: AdminCall) => void,
): Promise<unknown> {
  const { route, request, ip } = visit;
  const caller = identifyCaller(context, request, { ip, isUse: route.isUse });
  visit.caller = caller;
  if (caller !== null) context.edge.authenticated(ip);
  refuseForeignPages(request);
  if (caller === null && route.access === 'owner') throw notSignedIn();
  if (!route.isForNamedTokens) refuseNamedToken(caller);
  const isSafe = route.method === 'get';
  if (!isSafe && caller !== null && route.access === 'owner') requireCsrfToken(request, caller);
  if (route.needsRecentPassword) requireRecentPassword(context, caller);
  if (!isSafe) (route.takesBytes ? requireBytes : requireJsonOrNothing)(request);
  const query: unknown = route.query === null ? null : parseAs(route.query, { ...request.query });
  const body = route.body === null ? null : await readBody(request, response, route.body);
  const param = (name: string): string => String(request.params[name] ?? '');
  const call: AdminCall = { context, body, query, caller, request, response, ip, param };
  prepared(call);
  // Whoever was answered before finds it in what is told, and has paid before anything is renamed.
  context.catchUp();
  return await route.handle(call);
}

function addressOf(request: Request): string {
  return clientOf(request).address;
}

const neverStored: RequestHandler = (_request, response, next) => {
  response.setHeader('Cache-Control', 'no-store');
  next();
};

function requireOwner(context: AdminContext): RequestHandler {
  return (request, _response, next) => {
    const caller = identifyCaller(context, request, { ip: addressOf(request), isUse: false });
    refuseForeignPages(request);
    if (caller === null) throw notSignedIn();
    next();
  };
}

function refuseMethod(routes: readonly AdminRoute[]): RequestHandler {
  const allowed = routes.map((route) => route.method.toUpperCase()).join(', ');
  return (request, response) => {
    response.setHeader('Allow', allowed);
    throw new AppError(`${request.method} is not possible here; use ${allowed}.`, {
      status: 405,
      code: 'method_not_allowed',
    });
  };
}

const notFound: RequestHandler = () => {
  throw new AppError('There is nothing at this address of the admin API; GET /api/openapi.json lists all.', {
    status: 404,
    code: 'unknown_url',
  });
};

/** Always JSON in OpenAI's shape, never a stack. */
function errorAnswer(context: AdminContext): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const appError = fromExpress(error);
    noteGuess(context.edge, request, appError);
    if (appError.status >= 500) {
      context.log.error('An admin request failed.', { method: request.method, path: request.path, error });
    }
    const { status, body } = openAiError(appError);
    if (appError.retryAfterSeconds !== null) response.setHeader('Retry-After', appError.retryAfterSeconds);
    if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="inglenook"');
    response.status(status).json(body);
  };
}

/** Express marks a broken `%` escape in the path by a 4xx `status`. */
function fromExpress(error: unknown): AppError {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (error instanceof AppError || typeof status !== 'number' || status >= 500) return toAppError(error);
  return new AppError('The request could not be understood.', {
    status,
    code: 'invalid_request',
    cause: error,
  });
}
