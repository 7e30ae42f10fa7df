import { describe, expect, it } from 'vitest';
import { parseFlags } from '../../../scripts/cli/flags.mjs';
import { keyCommands, policyOf } from '../../../scripts/cli/command-key.mjs';
import { createKeyRequest } from '../../../server/wire/admin.ts';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import { contextWith, snippets } from '../connect/contexts.ts';

const dayMs = 86_400_000;
const inDays = (days: number): string => new Date(Date.now() + days * dayMs).toISOString();
const bounds = { outside: true, expiresAt: inDays(30), limits: { requestsPerMinute: 20 } };

async function refusal(server: ComposedServer, ...[method, path, body]: Parameters<ComposedServer['admin']>) {
  const answer = server.admin(method, path, body);
  return answer.then(
    () => 'accepted',
    (error: unknown) => String(error),
  );
}

describe('a key that may be used from outside', () => {
  it.each([
    ['a limit per minute', { ...bounds, limits: {} }, 'limits.requestsPerMinute'],
    ['an end', { ...bounds, expiresAt: null }, 'expiresAt'],
    ['an end within a year', { ...bounds, expiresAt: inDays(400) }, 'expiresAt'],
    ['a role that may use models', { ...bounds, role: 'ops' }, 'outside'],
  ])('needs %s', async (_name, request, param) => {
    const server = await startComposed();
    const said = await refusal(server, 'POST', '/keys', { name: 'Cursor', ...request });
    expect(said).toContain(': 400 ');
    expect(said).toContain(`"param":"${param}"`);
    expect(await server.admin('GET', '/keys')).toEqual([]);
  });

  it('keeps its bounds while it is one, and may lose them with the mark', async () => {
    const server = await startComposed();
    const { id } = (await server.admin('POST', '/keys', { name: 'Cursor', ...bounds })) as { id: string };
    const path = `/keys/${id}`;
    expect(await server.admin('GET', path)).toMatchObject({ outside: true });
    const lifted = { limits: { requestsPerMinute: null } };
    expect(await refusal(server, 'PATCH', path, lifted)).toContain(': 400 ');
    expect(await refusal(server, 'PATCH', path, { expiresAt: null })).toContain(': 400 ');
    expect(await server.admin('GET', path)).toMatchObject(bounds);
    expect(await server.admin('PATCH', path, { outside: false, expiresAt: null, ...lifted })).toMatchObject({
      outside: false,
      expiresAt: null,
      limits: { requestsPerMinute: null },
    });
    expect(await refusal(server, 'PATCH', path, { outside: true })).toContain(': 400 ');
  });

  it('can be an invited device’s, when the invitation has the bounds', async () => {
    const server = await startComposed();
    expect(await refusal(server, 'POST', '/pairings', { person: 'Tom', outside: true })).toContain(': 400 ');
    expect(await refusal(server, 'POST', '/pairings', { person: 'Tom', ...bounds })).toBe('accepted');
  });

  it('is not what keys usually are', async () => {
    const server = await startComposed();
    expect(await server.admin('POST', '/keys', { name: 'Anna' })).toMatchObject({ outside: false });
  });

  it('is made by the command that the walk-through shows', () => {
    const shown = snippets(contextWith({ outside: { name: null, port: 11500 } }), 'cursor', 'sh').find(
      (text) => text.includes('key create'),
    );
    const words = (shown ?? '').trim().replaceAll("'", '').split(' ').slice(4);
    const { values, switches } = parseFlags(words, keyCommands['key create']?.shape ?? {});
    const request = createKeyRequest.parse({ name: values['name'], ...policyOf(values, switches) });
    expect(request).toMatchObject({
      name: 'Cursor',
      outside: true,
      limits: { requestsPerMinute: 20 },
      models: ['office-code'],
    });
    expect(Date.parse(request.expiresAt ?? '')).toBeGreaterThan(Date.now() + 29 * dayMs);
  });
});

describe('the setting outside.name', () => {
  const set = async (server: ComposedServer, value: unknown) =>
    refusal(server, 'PUT', '/settings/outside.name', { value });

  it('takes a public name in lower case', async () => {
    const server = await startComposed();
    expect(await set(server, ' AI.Example.org ')).toBe('accepted');
    expect(await server.admin('GET', '/settings/outside.name')).toMatchObject({ value: 'ai.example.org' });
    expect(await set(server, null)).toBe('accepted');
  });

  it.each([
    'https://ai.example.org',
    'ai.example.org:443',
    'ai',
    '192.168.1.20',
    '127.0.0.1',
    'desk.local',
    'x.localhost',
  ])('refuses %s, which is none or the office’s own', async (value) => {
    const server = await startComposed();
    expect(await set(server, value)).toContain(': 400 ');
    expect(await server.admin('GET', '/settings/outside.name')).toMatchObject({ value: null });
  });
});
