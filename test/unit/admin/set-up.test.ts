import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import { password, startAdminServer, type AdminServer } from './admin-server.ts';

let server: AdminServer;
beforeEach(async () => {
  server = await startAdminServer();
});
afterEach(() => server.close());

describe('the first password', () => {
  it('names the office as well, as pairing pages and the settings tell it', async () => {
    const body = { token: server.setupToken, password, officeName: '  Meyer Architects ' };
    expect((await server.send('POST', '/api/setup', { body })).status).toBe(200);
    const name = await server.asOwner('GET', '/api/settings/office.name');
    expect(name.json).toMatchObject({ value: 'Meyer Architects' });
  });

  it('takes no name that hides what it is, and is not set then', async () => {
    for (const officeName of ['', ' ', 'a\nb', 'x\u202ey', 'n'.repeat(61)]) {
      const body = { token: server.setupToken, password, officeName };
      const answer = await server.send('POST', '/api/setup', { body });
      expect([officeName, answer.status, answer.json.error.param]).toEqual([officeName, 400, 'officeName']);
    }
    expect((await server.send('GET', '/api/session')).json.needsSetup).toBe(true);
  });

  it('leaves the name alone for who has the wrong link', async () => {
    const body = { token: 'wrong', password, officeName: 'Planted' };
    expect((await server.send('POST', '/api/setup', { body })).status).toBe(401);
    const { value } = (await server.asOwner('GET', '/api/settings/office.name')).json;
    expect(value).toMatch(/^Inglenook on /);
  });
});

describe('settings of the first run', () => {
  it('are the name, back to the usual by null, and how far the set-up is', async () => {
    const set = (name: string, value: unknown) => server.asOwner('PUT', `/api/settings/${name}`, { value });
    expect((await set('office.name', 'Praxis Dr. Öz')).json.value).toBe('Praxis Dr. Öz');
    expect((await set('office.name', null)).json.value).toMatch(/^Inglenook on /);
    expect((await set('office.name', 'x\u0000')).status).toBe(400);
    expect((await server.asOwner('GET', '/api/settings/setup.stage')).json.value).toBe('new');
    expect((await set('setup.stage', 'begun')).json.value).toBe('begun');
    expect((await set('setup.stage', 'half')).status).toBe(400);
  });
});

describe('what the first run asks', () => {
  it('is the memory of this computer, and whether models can be fetched', async () => {
    await server.close();
    server = await startAdminServer({
      supply: {
        machine: async () => ({
          freeBytes: 10e9,
          totalBytes: 16e9,
          gpuFreeBytes: 6e9,
          gpuTotalBytes: 8e9,
          isGpuShared: false,
        }),
        reach: async () => ({ state: 'never', source: 'https://hub.invalid' }),
      },
    });
    expect((await server.asOwner('GET', '/api/machine')).json).toEqual({
      memory: { totalBytes: 16e9, freeBytes: 10e9 },
      gpu: { totalBytes: 8e9, freeBytes: 6e9, isShared: false },
    });
    expect((await server.asOwner('GET', '/api/internet')).json).toEqual({
      state: 'never',
      source: 'https://hub.invalid',
      isForced: false,
    });
  });
});

describe('a backup in place of a first password', () => {
  const passphrase = 'a passphrase nobody guesses';
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'inglenook-set-up-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  });

  const tokenOf = ({ setupLink }: ComposedServer): string => new URL(setupLink ?? '').hash.slice(1);
  async function send(to: ComposedServer, path: string, body: unknown, headers = {}) {
    const response = await fetch(`${to.address}/api${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const json = (await response.json()) as { error?: { code: string; message: string } };
    return { status: response.status, json, code: json.error?.code };
  }
  async function backedUp(): Promise<{ readonly file: string }> {
    const old = await startComposed();
    await old.admin('POST', '/keys', { name: 'Anna', person: 'Anna' });
    await old.admin('POST', '/password', { password });
    const file = join(dir, 'office.age');
    await old.admin('POST', '/backups', { file, passphrase });
    return { file };
  }

  it('attack 82: opens nothing and tells nothing of files without the token of this start', async () => {
    const { file } = await backedUp();
    const house = await startComposed();
    const answers = [];
    for (const token of ['', 'wrong', house.adminToken]) {
      for (const path of [file, join(dir, 'nothing.age'), '/etc/passwd', 'relative']) {
        answers.push(await send(house, '/setup/restore', { token, file: path, passphrase }));
      }
    }
    expect(new Set(answers.map(({ status, code }) => `${status} ${code}`))).toEqual(
      new Set(['401 setup_link_invalid']),
    );
    expect(new Set(answers.map(({ json }) => JSON.stringify(json))).size).toBe(1);
    expect(await house.admin('GET', '/restore')).toEqual({ prepared: null, keptFolders: [] });
  });

  it('attack 82: does nothing any more once there is a password, also with the right token', async () => {
    const { file } = await backedUp();
    const house = await startComposed();
    const token = tokenOf(house);
    expect((await send(house, '/setup', { token, password })).status).toBe(200);
    const answer = await send(house, '/setup/restore', { token, file, passphrase });
    expect([answer.status, answer.code]).toEqual([410, 'setup_link_used']);
    expect(await house.admin('GET', '/restore')).toEqual({ prepared: null, keptFolders: [] });
  });

  it('attack: is not for other websites’ pages', async () => {
    const { file } = await backedUp();
    const house = await startComposed();
    const body = { token: tokenOf(house), file, passphrase };
    const answer = await send(house, '/setup/restore', body, { origin: 'http://evil.example' });
    expect([answer.status, answer.code]).toEqual([403, 'foreign_origin']);
  });

  it('says what is wrong with the file, and changes nothing', async () => {
    const { file } = await backedUp();
    let restarts = 0;
    const house = await startComposed({ restart: () => void (restarts += 1) });
    const token = tokenOf(house);
    const wrong = await send(house, '/setup/restore', { token, file, passphrase: 'another passphrase' });
    expect(wrong.status).toBe(400);
    expect(wrong.json.error?.message).toMatch(/passphrase/i);
    const missing = await send(house, '/setup/restore', { token, file: join(dir, 'no.age'), passphrase });
    expect(missing.status).toBe(400);
    expect(restarts).toBe(0);
    expect((await send(house, '/setup', { token, password })).status).toBe(200);
  });

  it('stands ready and starts the server again, whose password is the backup’s then', async () => {
    const { file } = await backedUp();
    const restarted = Promise.withResolvers<void>();
    const house = await startComposed({ restart: restarted.resolve });
    const answer = await send(house, '/setup/restore', { token: tokenOf(house), file, passphrase });
    expect(answer).toMatchObject({ status: 200, json: { prepared: { file: 'office.age' }, restarts: true } });
    await restarted.promise;
    await house.stop(0);
    const again = await startComposed({ dataDir: house.dataDir });
    expect(again.setupLink).toBeNull();
    expect(await again.admin('GET', '/keys')).toMatchObject([{ name: 'Anna' }]);
    expect((await send(again, '/session', { password })).status).toBe(200);
  });

  it('is written to the audit, and without a way to start again says so', async () => {
    const { file } = await backedUp();
    const house = await startComposed();
    const answer = await send(house, '/setup/restore', { token: tokenOf(house), file, passphrase });
    expect(answer.json).toMatchObject({ restarts: false });
    const rows = (await house.admin('GET', '/audit?act=restore.prepare')) as unknown[];
    expect(rows).toMatchObject([{ act: 'restore.prepare', outcome: 'done', object: file }]);
    expect(JSON.stringify(rows)).not.toContain(passphrase);
  });
});
