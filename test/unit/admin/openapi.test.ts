import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { adminRoutes } from '../../../server/http/admin-table.ts';
import { startAdminServer, type AdminServer } from './admin-server.ts';

let server: AdminServer;
beforeEach(async () => {
  server = await startAdminServer();
});
afterEach(() => server.close());

type Operation = {
  operationId: string;
  parameters: { name: string; in: string; schema: object }[];
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
};

async function describedOperations(): Promise<[string, Operation][]> {
  const { json } = await server.asOwner('GET', '/api/openapi.json');
  expect(json.openapi).toBe('3.1.0');
  return Object.entries(json.paths as Record<string, Record<string, Operation>>).flatMap(
    ([path, operations]) =>
      Object.entries(operations).map(([method, operation]): [string, Operation] => [
        `${method} ${path}`,
        operation,
      ]),
  );
}

it('describes exactly the routes that are served, each under an id of its own', async () => {
  const operations = await describedOperations();
  expect(operations.map(([name]) => name).sort()).toEqual(
    adminRoutes.map((route) => `${route.method} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}`).sort(),
  );
  expect(new Set(operations.map(([, operation]) => operation.operationId)).size).toBe(operations.length);
  for (const [name, operation] of operations) {
    const inPath = operation.parameters
      .filter((parameter) => parameter.in === 'path')
      .map((parameter) => `{${parameter.name}}`);
    expect([name, ...(name.match(/\{\w+\}/g) ?? [])]).toEqual([name, ...inPath]);
  }
});

it('holds only schemas that a validator takes, and real answers fit them', async () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const operations = new Map(await describedOperations());
  for (const [, operation] of operations) {
    for (const schema of [
      ...operation.parameters.map((parameter) => parameter.schema),
      ...Object.values(operation.requestBody?.content ?? {}).map((content) => content.schema),
      ...Object.values(operation.responses)
        .flatMap((response) => Object.values(response.content ?? {}))
        .map((content) => content.schema)
        .filter((described) => !('$ref' in described)),
    ]) {
      expect(() => ajv.compile(schema)).not.toThrow();
    }
  }
  for (const path of ['/status', '/models', '/keys', '/session']) {
    await server.asOwner('POST', '/api/keys', { name: path });
    const schema = operations.get(`get ${path}`)?.responses['200']?.content?.['application/json']?.schema;
    const answer = await server.asOwner('GET', `/api${path}`);
    expect([path, ajv.validate(schema ?? false, answer.json), ajv.errors]).toEqual([path, true, null]);
  }
});

it('says what is needed to sign in and what is not', async () => {
  const { json } = await server.asOwner('GET', '/api/openapi.json');
  expect(json.paths['/session'].get.security).toEqual([]);
  expect(json.paths['/keys'].get.security).toBeUndefined();
  expect(json.security).toEqual([{ adminToken: [] }, { session: [] }]);
});
