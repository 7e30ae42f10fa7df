import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../server/core/errors.ts';
import { createAttemptGuard } from '../../../server/http/attempts.ts';
import type { AuditRecord } from '../../../server/wire/audit.ts';
import { password, signUp, startAdminServer, type AdminServer } from '../admin/admin-server.ts';
import { codeAt, refusal, signInWith, withSecondStep } from './app-codes.ts';

let server: AdminServer;
beforeEach(async () => {
  server = await startAdminServer();
});
afterEach(() => server.close());

describe('attack 51: guessing at the door', () => {
  it('attack 51: of a thousand wrong passwords few are looked at, the waits grow to a quarter of an hour, and the window and the token are let in meanwhile', async () => {
    await signUp(server);
    const started = server.time.nowMs;
    const waits: number[] = [];
    let looked = 0;
    for (let attempt = 0; attempt < 1000; attempt++) {
      const answer = await signInWith(server, { password: `guess ${attempt}` });
      if (answer.status === 401) looked += 1;
      else waits.push(Number(answer.headers['retry-after']));
      // Half of them at once, the others as patient as they are told to be.
      if (answer.status === 429 && attempt % 2 === 0)
        server.time.nowMs += Number(answer.headers['retry-after']) * 1000;
      if (attempt % 100 === 0) {
        for (const token of [server.adminToken, server.windowToken]) {
          const headers = { authorization: `Bearer ${token}` };
          expect((await server.send('GET', '/api/keys', { headers })).status).toBe(200);
        }
      }
    }
    expect(Math.max(...waits)).toBe(900);
    expect(looked).toBeLessThan(510);
    // A guess each quarter of an hour: some ten thousand in a hundred days.
    const hours = (server.time.nowMs - started) / 3_600_000;
    expect(looked / hours).toBeLessThan(5);
    const audit = (await server.asOwner('GET', '/api/audit?limit=1000&act=session.begin'))
      .json as AuditRecord[];
    expect(audit.length).toBeGreaterThan(50);
    expect(new Set(audit.map(({ actor, outcome }) => `${actor} ${outcome}`))).toEqual(
      new Set(['stranger refused']),
    );
    // A thousand requests one after the other, each with a password that is hashed.
  }, 30_000);

  it('attack 51: of a hundred tries at the same moment five are looked at, whatever they are', async () => {
    const { secret } = await withSecondStep(server);
    const code = codeAt(secret, server.time.nowMs);
    const wrong = await Promise.all(
      Array.from({ length: 100 }, (_, index) => signInWith(server, { password: `guess ${index}` })),
    );
    expect(wrong.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(wrong.filter(({ status }) => status === 429)).toHaveLength(95);
    server.time.nowMs += 1_000;
    expect((await signInWith(server, { code })).status).toBe(200);
  });

  it('attack 51: a code of the app signs in one of twenty that show it at the same moment', async () => {
    const { secret } = await withSecondStep(server);
    const code = codeAt(secret, server.time.nowMs);
    const answers: Awaited<ReturnType<typeof signInWith>>[] = [];
    // Four at a time, as many as are heard without a wait.
    for (let round = 0; round < 5; round++) {
      answers.push(...(await Promise.all(Array.from({ length: 4 }, () => signInWith(server, { code })))));
      server.time.nowMs += 60 * 60_000 + 1;
      if (round === 0) expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    }
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(
      new Set(answers.filter(({ status }) => status !== 200).map((answer) => refusal(answer)[1])),
    ).toEqual(new Set(['code_used', 'wrong_code']));
  });

  it('attack 51: who knows the password has five codes, and then waits; showing the password again does not help', async () => {
    await withSecondStep(server);
    for (let attempt = 0; attempt < 5; attempt++) {
      expect(refusal(await signInWith(server, { code: '000000' }))).toEqual([401, 'wrong_code']);
      expect(refusal(await signInWith(server, {}))).toEqual([401, 'code_needed']);
    }
    const blocked = await signInWith(server, { code: '000000' });
    expect([refusal(blocked), blocked.headers['retry-after']]).toEqual([[429, 'too_many_attempts'], '1']);
  });

  it('attack 51: two passwords are looked at in the same moment at most, eight wait, others are told to come again', async () => {
    const busy = await startAdminServer({ cheapPasswords: false });
    try {
      const headers = { authorization: `Bearer ${busy.adminToken}` };
      const set = (text: string) => busy.send('POST', '/api/password', { headers, body: { password: text } });
      // The real hash takes some tenths of a second, so that all of them meet.
      const answers = Promise.all(Array.from({ length: 14 }, (_, index) => set(`${password} ${index}`)));
      // Everything else is answered meanwhile.
      const others = await Promise.all(
        Array.from({ length: 20 }, () => busy.send('GET', '/api/keys', { headers })),
      );
      expect(new Set(others.map(({ status }) => status))).toEqual(new Set([200]));
      const statuses = (await answers).map(({ status }) => status);
      expect(statuses.filter((status) => status === 204)).toHaveLength(10);
      expect(statuses.filter((status) => status === 503)).toHaveLength(4);
    } finally {
      await busy.close();
    }
  });

  it('attack 51: the addresses of one IPv6 network are one, those of others and of IPv4 are not', () => {
    const guard = createAttemptGuard(() => 0);
    const isHeard = (address: string): boolean => {
      try {
        guard.begin(address);
        return true;
      } catch (error) {
        if (error instanceof AppError && error.status === 429) return false;
        throw error;
      }
    };
    for (let host = 1; host <= 5; host++) expect(isHeard(`2001:db8:1:2::${host}`)).toBe(true);
    expect(isHeard('2001:db8:1:2:3:4:5:6')).toBe(false);
    expect(['2001:db8:1:3::1', '192.168.1.7', '::1'].map(isHeard)).toEqual([true, true, true]);
    guard.succeed('2001:db8:1:2::ffff');
    expect(isHeard('2001:db8:1:2::1')).toBe(true);
  });
});
