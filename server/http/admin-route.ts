import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { AdminCaller } from './admin-auth.ts';
import type { AdminContext } from './admin-services.ts';

type AdminMethod = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** One line of the admin API: what Express serves and what `/api/openapi.json` describes. */
export type AdminRoute = {
  readonly method: AdminMethod;
  /** Below `/api`, in Express's words: `/keys/:key`. */
  readonly path: string;
  readonly summary: string;
  /** `public` routes are those of signing in; all others need the owner. */
  readonly access: 'public' | 'owner';
  /**
   * Whether tokens with a name may use it. They have an end, so they may not open doors that outlast them: passwords,
   * sessions, other tokens.
   */
  readonly isForNamedTokens: boolean;
  /** Whether a signed-in browser must have shown the password within ten minutes: it reaches beyond the session. */
  readonly needsRecentPassword: boolean;
  /** False where a visit does not count as use of the session: an open page must not keep itself signed in. */
  readonly isUse: boolean;
  readonly body: z.ZodType | null;
  /** What the handler reads and checks itself, because it may be larger than bodies of this API are. */
  readonly takes: z.ZodType | null;
  /** Bytes as they are, by `Content-Type: application/octet-stream`; the handler reads them (`readPiece`). */
  readonly takesBytes: boolean;
  readonly query: z.ZodType | null;
  readonly status: 200 | 201 | 204;
  /** Null for 204 and where no schema would say more. */
  readonly answer: z.ZodType | null;
  readonly answerKind: 'json' | 'event-stream';
  /** What it may be asked for instead, by its query. */
  readonly alsoAnswers: 'text/csv' | 'text/html' | 'text/event-stream' | null;
  readonly handle: (call: AdminCall) => unknown;
};

/** What a handler gets: everything checked and parsed. */
export type AdminCall<Body = unknown, Query = unknown> = {
  readonly context: AdminContext;
  readonly body: Body;
  readonly query: Query;
  /** A part of the path, decoded. */
  readonly param: (name: string) => string;
  /** Null only on public routes. */
  readonly caller: AdminCaller | null;
  readonly ip: string;
  readonly request: Request;
  readonly response: Response;
};

type RouteDefinition<Body extends z.ZodType | null, Query extends z.ZodType | null> = {
  readonly method: AdminMethod;
  readonly path: string;
  readonly summary: string;
  readonly access?: 'public';
  readonly isForNamedTokens?: false;
  readonly needsRecentPassword?: true;
  readonly isUse?: false;
  readonly body?: Body;
  readonly takes?: z.ZodType;
  readonly takesBytes?: true;
  readonly query?: Query;
  readonly status?: 201 | 204;
  readonly answer?: z.ZodType;
  readonly answerKind?: 'event-stream';
  readonly alsoAnswers?: 'text/csv' | 'text/html' | 'text/event-stream';
  /** What it returns (or resolves to) is the JSON answer; undefined when it has written the answer itself. */
  readonly handle: (call: AdminCall<Parsed<Body>, Parsed<Query>>) => unknown;
};

type Parsed<Schema> = Schema extends z.ZodType ? z.infer<Schema> : null;

/** Fills in what most routes share, and lets a handler see its body and query by their types. */
export function route<Body extends z.ZodType | null = null, Query extends z.ZodType | null = null>(
  definition: RouteDefinition<Body, Query>,
): AdminRoute {
  return {
    access: 'owner',
    isForNamedTokens: true,
    needsRecentPassword: false,
    isUse: true,
    status: 200,
    answerKind: 'json',
    ...definition,
    body: definition.body ?? null,
    takes: definition.takes ?? null,
    takesBytes: definition.takesBytes ?? false,
    query: definition.query ?? null,
    answer: definition.answer ?? null,
    alsoAnswers: definition.alsoAnswers ?? null,
    // The one place where the types are given up: `admin.ts` hands over exactly what these schemas parsed.
    handle: definition.handle as AdminRoute['handle'],
  };
}
