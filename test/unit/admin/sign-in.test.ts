import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPasswordHasher } from '../../../server/http/passwords.ts';
import { createAttemptGuard } from '../../../server/http/attempts.ts';
import { AppError } from '../../../server/core/errors.ts';
import {
  password,
  sessionHeaders,
  signIn,
  signUp,
  startAdminServer,
  type AdminServer,
} from './admin-server.ts';

let server: AdminServer;
beforeEach(async () => {
  server = await startAdminServer();
});
afterEach(() => server.close());

const minuteMs = 60_000;

describe('the first password', () => {
  it('is asked for, set once through the link, and signs in', async () => {
    expect((await server.send('GET', '/api/session')).json).toEqual({
      signedIn: false,
      needsSetup: true,
      csrfToken: null,
      via: null,
    });
    const answer = await server.send('POST', '/api/setup', { body: { token: server.setupToken, password } });
    expect(answer.json).toEqual({
      signedIn: true,
      needsSetup: false,
      csrfToken: expect.any(String),
      via: 'password',
    });
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(/^inglenook_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/),
    ]);
    const session = await server.send('GET', '/api/session', { headers: sessionHeaders(answer) });
    expect(session.json).toEqual(answer.json);
  });

  it('cannot be set again: the used link answers 410 with what to do', async () => {
    await signUp(server);
    const answer = await server.send('POST', '/api/setup', {
      body: { token: server.setupToken, password: 'another password' },
    });
    expect([answer.status, answer.json.error.code]).toEqual([410, 'setup_link_used']);
    expect(answer.json.error.message).toContain('Sign in');
    expect((await server.send('POST', '/api/session', { body: { password } })).status).toBe(200);
  });

  it('goes to one of two people who use the link at the same moment', async () => {
    const body = { token: server.setupToken, password };
    const answers = await Promise.all([1, 2, 3].map(() => server.send('POST', '/api/setup', { body })));
    expect(answers.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([200, 410, 410]);
  });

  it('needs the right token and twelve characters', async () => {
    const wrong = await server.send('POST', '/api/setup', { body: { token: 'wrong', password } });
    expect([wrong.status, wrong.json.error.code]).toEqual([401, 'setup_link_invalid']);
    const short = await server.send('POST', '/api/setup', {
      body: { token: server.setupToken, password: 'short' },
    });
    expect([short.status, short.json.error.param]).toEqual([400, 'password']);
    expect(short.text).not.toContain('"short"');
  });

  it('leaves signing in closed until then', async () => {
    const answer = await server.send('POST', '/api/session', { body: { password } });
    expect([answer.status, answer.json.error.code]).toEqual([401, 'setup_needed']);
  });
});

describe('a session', () => {
  it('gets a new id at each sign-in, and the old one of that browser ends', async () => {
    const first = await signUp(server);
    const second = sessionHeaders(
      await server.send('POST', '/api/session', {
        headers: { cookie: first['cookie'] ?? '' },
        body: { password },
      }),
    );
    expect(second['cookie']).not.toBe(first['cookie']);
    expect((await server.send('GET', '/api/keys', { headers: first })).status).toBe(401);
    expect((await server.send('GET', '/api/keys', { headers: second })).status).toBe(200);
  });

  it('ends after 30 minutes without use', async () => {
    const session = await signUp(server);
    server.time.nowMs += 29 * minuteMs;
    expect((await server.send('GET', '/api/keys', { headers: session })).status).toBe(200);
    server.time.nowMs += 29 * minuteMs;
    expect((await server.send('GET', '/api/keys', { headers: session })).status).toBe(200);
    server.time.nowMs += 30 * minuteMs;
    expect((await server.send('GET', '/api/keys', { headers: session })).status).toBe(401);
  });

  it('is not kept alive by asking whether it lives', async () => {
    const session = await signUp(server);
    server.time.nowMs += 20 * minuteMs;
    expect((await server.send('GET', '/api/session', { headers: session })).json.signedIn).toBe(true);
    server.time.nowMs += 10 * minuteMs;
    expect((await server.send('GET', '/api/session', { headers: session })).json.signedIn).toBe(false);
  });

  it('ends after 12 hours whatever its use', async () => {
    const session = await signUp(server);
    for (let step = 0; step < 35; step++) {
      server.time.nowMs += 20 * minuteMs;
      expect((await server.send('GET', '/api/keys', { headers: session })).status).toBe(200);
    }
    server.time.nowMs += 20 * minuteMs;
    expect((await server.send('GET', '/api/keys', { headers: session })).status).toBe(401);
  });

  it('ends by signing out, in the store and in the browser', async () => {
    const session = await signUp(server);
    const answer = await server.send('DELETE', '/api/session', { headers: session });
    expect([answer.status, answer.headers['set-cookie']?.[0]]).toEqual([
      204,
      expect.stringContaining('Max-Age=0'),
    ]);
    expect((await server.send('GET', '/api/keys', { headers: session })).status).toBe(401);
  });

  it('ends everywhere when the password changes, which needs the present one', async () => {
    const first = await signUp(server);
    const second = await signIn(server);
    const change = (currentPassword: string) =>
      server.send('POST', '/api/password', {
        headers: second,
        body: { currentPassword, password: 'a new long password' },
      });
    expect((await change('not the password')).status).toBe(401);
    expect((await change(password)).status).toBe(204);
    for (const headers of [first, second]) {
      expect((await server.send('GET', '/api/keys', { headers })).status).toBe(401);
    }
    expect((await server.send('POST', '/api/session', { body: { password } })).status).toBe(401);
    const again = await server.send('POST', '/api/session', { body: { password: 'a new long password' } });
    expect(again.status).toBe(200);
  });

  it('keeps neither its id nor the password in the database', async () => {
    const { cookie = '' } = await signUp(server);
    const dump = JSON.stringify(
      ['owner', 'sessions'].map((table) => server.store.db.prepare(`SELECT * FROM ${table}`).all()),
    );
    expect(dump).toContain('scrypt$');
    expect(dump).not.toContain(password);
    expect(dump).not.toContain(cookie.split('=')[1]);
  });
});

describe('guessing the password', () => {
  it('costs growing waits after five wrong ones, and the right one must wait too', async () => {
    await signUp(server);
    const attempt = (text: string) => server.send('POST', '/api/session', { body: { password: text } });
    for (let count = 0; count < 5; count++) expect((await attempt('wrong')).status).toBe(401);
    const blocked = await attempt(password);
    expect([blocked.status, blocked.headers['retry-after'], blocked.json.error.code]).toEqual([
      429,
      '1',
      'too_many_attempts',
    ]);
    server.time.nowMs += 1000;
    expect((await attempt('wrong')).status).toBe(401);
    expect((await attempt('wrong')).headers['retry-after']).toBe('2');
    server.time.nowMs += 2000;
    expect((await attempt(password)).status).toBe(200);
    expect((await attempt('wrong')).status).toBe(401);
    expect((await attempt('wrong')).status).toBe(401);
  });

  it('never locks the admin token out', async () => {
    await signUp(server);
    for (let count = 0; count < 8; count++) {
      await server.send('POST', '/api/session', { body: { password: 'wrong' } });
    }
    expect((await server.asOwner('GET', '/api/keys')).status).toBe(200);
  });

  it('gets five tries out of a thousand sent at once', async () => {
    await signUp(server);
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => server.send('POST', '/api/session', { body: { password: 'wrong' } })),
    );
    const statuses = answers.map((answer) => answer.status);
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(5);
    expect(statuses.filter((status) => status === 429).length).toBe(95);
  });

  it('waits at most a quarter of an hour, and an address is forgotten after an hour of quiet', () => {
    let nowMs = 0;
    const guard = createAttemptGuard(() => nowMs);
    const waitOf = (address: string): number => {
      try {
        guard.begin(address);
        return 0;
      } catch (error) {
        if (error instanceof AppError) return error.retryAfterSeconds ?? 0;
        throw error;
      }
    };
    const waits: number[] = [];
    for (let failures = 0; failures < 18; failures++) {
      expect(waitOf('a')).toBe(0);
      const waitSeconds = waitOf('a');
      waits.push(waitSeconds);
      nowMs += waitSeconds * 1000;
    }
    // Each round that meets no wait is two free attempts.
    expect(waits).toEqual([0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900, 900, 900]);
    guard.begin('a');
    expect(waitOf('a')).toBe(900);
    expect(waitOf('b')).toBe(0);
    nowMs += 3_600_001;
    expect([1, 2, 3, 4, 5].map(() => waitOf('a'))).toEqual([0, 0, 0, 0, 0]);
  });
});

describe('the password’s hash', () => {
  it('is scrypt with N = 2^17, r = 8, p = 1 and a salt of its own', async () => {
    const hasher = createPasswordHasher();
    const stored = await hasher.hash(password);
    expect(stored).toMatch(/^scrypt\$131072\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
    expect(await hasher.verify(password, stored)).toBe(true);
    expect(await hasher.verify('something else', stored)).toBe(false);
  });

  it('knows the same word typed in another Unicode form', async () => {
    const hasher = createPasswordHasher({ cheap: true });
    expect(await hasher.verify('Mu\u0308ller-Brunnen', await hasher.hash('M\u00fcller-Brunnen'))).toBe(true);
  });

  it('is computed for two at once; a long queue is refused with 503', async () => {
    const hasher = createPasswordHasher({ cheap: true });
    const results = await Promise.allSettled(Array.from({ length: 30 }, () => hasher.hash(password)));
    expect(results.filter((result) => result.status === 'fulfilled').length).toBe(10);
    expect(await hasher.hash(password)).toMatch(/^scrypt/);
  });

  it('is never matched by a stored text that is none', async () => {
    const hasher = createPasswordHasher({ cheap: true });
    for (const stored of ['', 'scrypt$', 'md5$1$1$1$x$y', password]) {
      expect(await hasher.verify(password, stored)).toBe(false);
    }
  });
});
