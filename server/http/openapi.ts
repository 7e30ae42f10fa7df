import { z } from 'zod';
import { adminError } from '../wire/admin.ts';
import type { AdminRoute } from './admin-route.ts';

type Json = { readonly [name: string]: unknown };

/** The OpenAPI 3.1 description of the admin API, made from the same table that serves it. */
export function describeAdminApi(routes: readonly AdminRoute[], version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    const operations = (paths[path] ??= {});
    operations[route.method] = describeOperation(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Inglenook admin API',
      version,
      description:
        'What the console and the command line use. Send the text of the file admin.token in the data folder as ' +
        '"Authorization: Bearer …"; from another computer a token of its own, over https. API keys do not open it.',
    },
    servers: [{ url: '/api' }],
    security: [{ adminToken: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        adminToken: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'inglenook_session' },
      },
      schemas: { Error: toSchema(adminError, 'output') },
    },
  };
}

function describeOperation(route: AdminRoute): Json {
  const body = route.body ?? route.takes;
  return {
    operationId: operationId(route),
    summary: route.summary,
    ...(route.access === 'public' ? { security: [] } : {}),
    parameters: [...pathParameters(route), ...queryParameters(route)],
    ...(route.takesBytes ? { requestBody: bytesBody } : {}),
    ...(body === null
      ? {}
      : { requestBody: { required: true, content: jsonContent(toSchema(body, 'input')) } }),
    responses: { [route.status]: describeAnswer(route), default: errorAnswer },
  };
}

const bytesBody = {
  required: true,
  content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
};

const errorAnswer = {
  description: 'Refused; the message says why and what to do.',
  content: jsonContent({ $ref: '#/components/schemas/Error' }),
};

function describeAnswer(route: AdminRoute): Json {
  if (route.answer === null) return { description: route.status === 204 ? 'Done.' : 'This description.' };
  const schema = toSchema(route.answer, 'output');
  if (route.answerKind === 'json') {
    const also = route.alsoAnswers === null ? {} : { [route.alsoAnswers]: { schema: { type: 'string' } } };
    return { description: 'As asked.', content: { ...jsonContent(schema), ...also } };
  }
  return {
    description: 'Server-sent events; each data line is one packet.',
    content: { 'text/event-stream': { schema: { type: 'string' }, 'x-packet-schema': schema } },
  };
}

/** `get /keys/:key` → `getKeysKey`. */
function operationId(route: AdminRoute): string {
  const words = route.path.split(/[^A-Za-z]+/).filter((word) => word !== '');
  return route.method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function pathParameters(route: AdminRoute): Json[] {
  return [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(route: AdminRoute): Json[] {
  if (route.query === null) return [];
  const { properties = {}, required = [] } = toSchema(route.query, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function jsonContent(schema: Json): Json {
  return { 'application/json': { schema } };
}

function toSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}
