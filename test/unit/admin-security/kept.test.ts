import { mkdtempSync, rmSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { prepareRestore } from '../../../server/store/backup/restore.ts';
import {
  adminTokenList,
  begunTotp,
  createdAdminToken,
  recoveryCodes,
} from '../../../server/wire/security.ts';
import type { ComposedServer } from '../../fakes/composed.ts';
import { startComposed } from '../../fakes/composed.ts';
import { codeAt } from './app-codes.ts';
import { password, refused, startHouse, type House } from './house.ts';

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'inglenook-doors-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};
const passphrase = 'a passphrase of some length';

type Doors = {
  readonly session: Record<string, string>;
  readonly secret: string;
  readonly codes: readonly string[];
  readonly token: string;
  readonly revoked: string;
};

/** Each door once: a session, the second step with its codes, of which one is used, a token that holds and one that does not. */
async function makeDoors(house: House): Promise<Doors> {
  const session = await house.signUp();
  const { secret } = begunTotp.parse(
    (await house.send('POST', '/api/totp', { headers: session, body: { currentPassword: password } })).json,
  );
  // The step before also counts, so that later codes are new ones.
  const code = codeAt(secret, Date.now() - 30_000);
  const confirmed = await house.send('POST', '/api/totp/confirm', { headers: session, body: { code } });
  const { recoveryCodes: codes } = recoveryCodes.parse(confirmed.json);
  expect((await signIn(house, codes[0] ?? '')).status).toBe(200);
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  const make = async (name: string): Promise<string> =>
    createdAdminToken.parse(await house.admin('POST', '/admin-tokens', { name, expiresAt })).token;
  const [token, revoked] = [await make('holds'), await make('revoked')];
  await house.admin('DELETE', '/admin-tokens/revoked');
  return { session, secret, codes, token, revoked };
}

const send = (
  { address }: ComposedServer,
  path: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: unknown },
): Promise<Response> =>
  fetch(`${address}/api${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const signIn = (server: ComposedServer, code?: string): Promise<Response> =>
  send(server, '/session', { body: { password, ...(code === undefined ? {} : { code }) } });
const codeOf = async (answer: Response): Promise<unknown> =>
  refused({ json: await answer.json() } as Parameters<typeof refused>[0])[1];
const withToken = async (server: ComposedServer, token: string): Promise<number> =>
  (await send(server, '/keys', { headers: { authorization: `Bearer ${token}` } })).status;

/** What holds of the second step and the tokens wherever they were taken. */
async function expectDoors(server: ComposedServer, { secret, codes, token, revoked }: Doors): Promise<void> {
  expect(await codeOf(await signIn(server))).toBe('code_needed');
  expect(await codeOf(await signIn(server, codes[0]))).toBe('wrong_code');
  expect((await signIn(server, codes[1])).status).toBe(200);
  const code = codeAt(secret, Date.now());
  expect((await signIn(server, code)).status).toBe(200);
  expect(await codeOf(await signIn(server, code))).toBe('code_used');
  expect(await server.admin('GET', '/totp')).toMatchObject({ state: 'on', recoveryCodesLeft: 8 });
  expect([await withToken(server, token), await withToken(server, revoked)]).toEqual([200, 401]);
  const listed = adminTokenList.parse(await server.admin('GET', '/admin-tokens'));
  expect(listed.map(({ name, status }) => `${name} ${status}`).toSorted()).toEqual([
    'holds active',
    'revoked revoked',
  ]);
}

it('a restart changes no door: sessions go on, the second step and tokens hold', async () => {
  const house = await startHouse();
  const doors = await makeDoors(house);
  // As it lies there after a stop; the first server removes its own folder with the test.
  await house.stop(0);
  const dataDir = folder();
  await cp(house.dataDir, dataDir, { recursive: true });
  const again = await startComposed({ dataDir });
  expect((await send(again, '/keys', { headers: doors.session })).status).toBe(200);
  // That the password was shown a moment ago is not kept: a restart is when it is asked for again.
  const far = await send(again, '/backups', { headers: doors.session, body: { file: 'x', passphrase } });
  expect([far.status, await codeOf(far)]).toEqual([403, 'password_needed']);
  await expectDoors(again, doors);
});

it('a backup brings them back on another computer, but nobody’s session', async () => {
  const house = await startHouse();
  const doors = await makeDoors(house);
  const file = join(folder(), 'office.age');
  await house.admin('POST', '/backups', { file, passphrase });
  await house.stop(0);
  const dataDir = folder();
  await prepareRestore(dataDir, { file, passphrase, nowMs: Date.now() });
  const restored = await startComposed({ dataDir });
  expect((await send(restored, '/keys', { headers: doors.session })).status).toBe(401);
  expect(restored.adminToken).not.toBe(house.adminToken);
  expect(await withToken(restored, house.adminToken)).toBe(401);
  await expectDoors(restored, doors);
});
