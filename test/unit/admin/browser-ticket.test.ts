import { afterEach, beforeEach, expect, it } from 'vitest';
import { auditPage } from '../../../server/wire/audit.ts';
import { createBrowserTickets } from '../../../server/http/browser-tickets.ts';
import { sessionHeaders, signUp, startAdminServer, type AdminServer } from './admin-server.ts';

let server: AdminServer;
beforeEach(async () => {
  server = await startAdminServer();
});
afterEach(() => server.close());

const signIn = (ticket: string, headers: Record<string, string> = {}) =>
  server.send('POST', '/api/session/ticket', { body: { ticket }, headers });

it('signs one browser in, once, and is in the audit without its text', async () => {
  await signUp(server);
  const ticket = server.browserTickets.issue();
  const answer = await signIn(ticket);
  expect([answer.status, answer.json]).toMatchObject([200, { signedIn: true, via: 'password' }]);
  const keys = await server.send('GET', '/api/keys', { headers: sessionHeaders(answer) });
  expect(keys.status).toBe(200);
  const again = await signIn(ticket);
  expect([again.status, again.json.error.code]).toEqual([401, 'ticket_used']);
  expect(again.headers['set-cookie']).toBeUndefined();
  const rows = auditPage.parse((await server.asOwner('GET', '/api/audit?act=session.begin-by-link')).json);
  expect(rows.map(({ actor, outcome }) => `${actor} ${outcome}`).toSorted()).toEqual([
    'owner done',
    'stranger refused',
  ]);
  expect(JSON.stringify([rows, server.logged])).not.toContain(ticket);
});

it('is refused after a minute, from a foreign page, and when it never was one of ours', async () => {
  await signUp(server);
  const late = server.browserTickets.issue();
  server.time.nowMs += 60_000;
  expect((await signIn(late)).status).toBe(401);
  const stolen = server.browserTickets.issue();
  expect((await signIn(stolen, { origin: 'https://elsewhere.example' })).status).toBe(403);
  for (const wrong of ['', 'x', 'a'.repeat(43)]) expect((await signIn(wrong)).status).toBe(401);
  expect((await signIn('a'.repeat(201))).status).toBe(400);
});

it('keeps twenty at most, the newest', () => {
  const tickets = createBrowserTickets(() => 0);
  const issued = Array.from({ length: 25 }, tickets.issue);
  expect(issued.map(tickets.redeem).filter(Boolean)).toHaveLength(20);
  expect(tickets.redeem(issued.at(-1) ?? '')).toBe(false);
});
