import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { totpStep } from '../../../server/http/totp.ts';
import type { AuditRecord } from '../../../server/wire/audit.ts';
import { readQr } from '../../fakes/read-qr.ts';
import {
  password,
  sessionHeaders,
  signIn,
  signUp,
  startAdminServer,
  type AdminServer,
} from '../admin/admin-server.ts';
import { codeAt, refusal, signInWith, withSecondStep } from './app-codes.ts';
import { openLiveView } from './live-view.ts';

let server: AdminServer;
beforeEach(async () => {
  server = await startAdminServer();
});
afterEach(() => server.close());

const rows = async (act: string): Promise<AuditRecord[]> =>
  (await server.asOwner('GET', `/api/audit?limit=1000&act=${act}`)).json as AuditRecord[];

describe('codes', () => {
  // RFC 6238, appendix B, SHA-1: eight digits there, of which apps show the last six.
  it.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ])('are those of the standard at %i s', (seconds, code) => {
    const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    expect(totpStep(code, secret, seconds * 1000)).toBe(Math.floor(seconds / 30));
    expect(totpStep(`${code.slice(0, 3)} ${code.slice(3)}`, secret, seconds * 1000)).toBe(
      Math.floor(seconds / 30),
    );
  });

  it('of the step before and of the next are taken, of others not, and nothing else is a code', () => {
    const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    const nowMs = 1_000_000_000_000;
    const step = Math.floor(nowMs / 30_000);
    const taken = [-2, -1, 0, 1, 2].map((by) => totpStep(codeAt(secret, nowMs + by * 30_000), secret, nowMs));
    expect(taken).toEqual([null, step - 1, step, step + 1, null]);
    for (const text of ['', '12345', '1234567', 'abcdef', '１２３４５６', '12e456']) {
      expect(totpStep(text, secret, nowMs)).toBeNull();
    }
  });
});

describe('setting it up', () => {
  it('needs the password, shows the secret as QR and text, and counts after a code of it alone', async () => {
    const session = await signUp(server);
    const begin = (currentPassword?: string) =>
      server.send('POST', '/api/totp', { headers: session, body: { currentPassword } });
    expect(refusal(await begin('wrong'))).toEqual([401, 'wrong_password']);
    expect(refusal(await begin())).toEqual([401, 'wrong_password']);
    const { secret, uri, qr } = (await begin(password)).json as { secret: string; uri: string; qr: string };
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(readQr(qr)).toBe(uri);
    expect(uri).toMatch(
      /^otpauth:\/\/totp\/Inglenook:[^?]+\?issuer=Inglenook&secret=\w{32}&algorithm=SHA1&digits=6&period=30$/,
    );

    const get = async () => (await server.asOwner('GET', '/api/totp')).json as unknown;
    expect(await get()).toEqual({ state: 'begun', since: null, recoveryCodesLeft: 0 });
    expect((await signInWith(server, {})).status).toBe(200);
    const confirm = (code: string) =>
      server.send('POST', '/api/totp/confirm', { headers: session, body: { code } });
    expect(refusal(await confirm('000000'))).toEqual([401, 'wrong_code']);
    const answer = await confirm(codeAt(secret, server.time.nowMs));
    const { recoveryCodes } = answer.json as { recoveryCodes: string[] };
    expect(new Set(recoveryCodes).size).toBe(10);
    for (const code of recoveryCodes) expect(code).toMatch(/^([2-9A-HJ-NP-Z]{4}-){3}[2-9A-HJ-NP-Z]{4}$/);
    expect(await get()).toEqual({ state: 'on', since: '2026-11-22T12:00:00.000Z', recoveryCodesLeft: 10 });
    expect(refusal(await signInWith(server, {}))).toEqual([401, 'code_needed']);
  });

  it('is begun anew at will until then, and is over after a quarter of an hour', async () => {
    const session = await signUp(server);
    const begin = async () =>
      (
        (await server.send('POST', '/api/totp', { headers: session, body: { currentPassword: password } }))
          .json as {
          secret: string;
        }
      ).secret;
    const first = await begin();
    const second = await begin();
    const confirm = (secret: string) =>
      server.send('POST', '/api/totp/confirm', {
        headers: session,
        body: { code: codeAt(secret, server.time.nowMs) },
      });
    expect(refusal(await confirm(first))).toEqual([401, 'wrong_code']);
    server.time.nowMs += 15 * 60_000;
    expect(refusal(await confirm(second))).toEqual([409, 'second_factor_not_begun']);
    expect((await server.asOwner('GET', '/api/totp')).json).toMatchObject({ state: 'off' });
    expect((await confirm(await begin())).status).toBe(200);
    expect(
      refusal(
        await server.send('POST', '/api/totp', { headers: session, body: { currentPassword: password } }),
      ),
    ).toEqual([409, 'second_factor_on']);
  });

  it('ends the other sessions and their live views at once, and keeps the caller’s', async () => {
    const other = await signUp(server);
    const own = await signIn(server);
    const view = await openLiveView(server, other);
    const { secret } = (
      await server.send('POST', '/api/totp', { headers: own, body: { currentPassword: password } })
    ).json as { secret: string };
    await server.send('POST', '/api/totp/confirm', {
      headers: own,
      body: { code: codeAt(secret, server.time.nowMs) },
    });
    await view.ended;
    expect((await server.send('GET', '/api/keys', { headers: other })).status).toBe(401);
    expect((await server.send('GET', '/api/keys', { headers: own })).status).toBe(200);
  });

  it('keeps secret and codes out of the database’s plain text, the log and the audit', async () => {
    const { secret, recoveryCodes } = await withSecondStep(server);
    await signInWith(server, { code: recoveryCodes[0] ?? '' });
    const tables = ['owner_totp', 'recovery_codes', 'audit'].map((table) =>
      server.store.db
        .prepare(`SELECT * FROM ${table}`)
        .all()
        .map((row) =>
          Object.values(row as object).map((value) =>
            Buffer.isBuffer(value) ? value.toString('latin1') : String(value),
          ),
        ),
    );
    const kept = JSON.stringify([tables, server.logged]);
    expect(kept).toContain('second-step.switch-on');
    for (const text of [secret, ...recoveryCodes]) expect(kept).not.toContain(text);
  });
});

describe('signing in with it', () => {
  it('asks for the code after the password, and takes a code of the app once', async () => {
    const { secret } = await withSecondStep(server);
    expect(
      refusal(await signInWith(server, { password: 'wrong', code: codeAt(secret, server.time.nowMs) })),
    ).toEqual([401, 'wrong_password']);
    const asked = await signInWith(server, {});
    expect([refusal(asked), asked.headers['set-cookie']]).toEqual([[401, 'code_needed'], undefined]);
    const code = codeAt(secret, server.time.nowMs);
    expect((await signInWith(server, { code: `${code.slice(0, 3)} ${code.slice(3)}` })).status).toBe(200);
    expect(refusal(await signInWith(server, { code }))).toEqual([401, 'code_used']);
    server.time.nowMs += 30_000;
    expect((await signInWith(server, { code: codeAt(secret, server.time.nowMs) })).status).toBe(200);
    expect((await rows('session.begin')).map(({ outcome, code: why }) => why ?? outcome)).toEqual([
      'done',
      'code_used',
      'done',
      'code_needed',
      'wrong_password',
    ]);
  });

  it('takes a recovery code once, however it is typed', async () => {
    const { recoveryCodes } = await withSecondStep(server);
    const typed = ` ${recoveryCodes[3]?.toLowerCase().replaceAll('-', ' ')} `;
    expect((await signInWith(server, { code: typed })).status).toBe(200);
    expect(refusal(await signInWith(server, { code: typed }))).toEqual([401, 'wrong_code']);
    expect((await server.asOwner('GET', '/api/totp')).json).toMatchObject({ recoveryCodesLeft: 9 });
  });

  it('still takes recovery codes when server.key is another, and says what has happened', async () => {
    const { secret, recoveryCodes } = await withSecondStep(server);
    server.store.db.prepare('UPDATE owner_totp SET sealed_secret = randomblob(60)').run();
    expect(refusal(await signInWith(server, { code: codeAt(secret, server.time.nowMs) }))).toEqual([
      401,
      'second_factor_lost',
    ]);
    expect((await signInWith(server, { code: recoveryCodes[0] ?? '' })).status).toBe(200);
  });
});

describe('switching it off', () => {
  it('needs password and code, and ends the other sessions', async () => {
    const { session, secret, recoveryCodes } = await withSecondStep(server);
    const other = sessionHeaders(await signInWith(server, { code: recoveryCodes[0] ?? '' }));
    const off = (body: unknown) => server.send('POST', '/api/totp/off', { headers: session, body });
    const code = codeAt(secret, server.time.nowMs);
    expect((await off({ currentPassword: password })).status).toBe(400);
    expect(refusal(await off({ currentPassword: 'wrong', code }))).toEqual([401, 'wrong_password']);
    expect(refusal(await off({ currentPassword: password, code: '000000' }))).toEqual([401, 'wrong_code']);
    expect((await off({ currentPassword: password, code })).status).toBe(204);
    expect((await server.send('GET', '/api/keys', { headers: other })).status).toBe(401);
    expect((await server.send('GET', '/api/keys', { headers: session })).status).toBe(200);
    expect((await signInWith(server, {})).status).toBe(200);
    expect(refusal(await off({ currentPassword: password, code }))).toEqual([409, 'second_factor_off']);
  });

  it('without either is for the token in admin.token alone: the way back for who is locked out', async () => {
    const { session } = await withSecondStep(server);
    const view = await openLiveView(server, session);
    expect(refusal(await server.send('DELETE', '/api/totp', { headers: session }))).toEqual([
      403,
      'command_line_only',
    ]);
    const window = { authorization: `Bearer ${server.windowToken}` };
    expect(refusal(await server.send('DELETE', '/api/totp', { headers: window }))).toEqual([
      403,
      'command_line_only',
    ]);
    expect((await server.asOwner('DELETE', '/api/totp')).status).toBe(204);
    await view.ended;
    expect((await signInWith(server, {})).status).toBe(200);
    const [done] = await rows('second-step.reset');
    expect(done).toMatchObject({ outcome: 'done', actor: 'owner', via: 'token' });
  });

  it('new recovery codes are made by password and code; those before are worth nothing', async () => {
    const { session, secret, recoveryCodes } = await withSecondStep(server);
    const answer = await server.send('POST', '/api/totp/recovery-codes', {
      headers: session,
      body: { currentPassword: password, code: codeAt(secret, server.time.nowMs) },
    });
    const renewed = (answer.json as { recoveryCodes: string[] }).recoveryCodes;
    expect(refusal(await signInWith(server, { code: recoveryCodes[0] ?? '' }))).toEqual([401, 'wrong_code']);
    expect((await signInWith(server, { code: renewed[0] ?? '' })).status).toBe(200);
  });
});
