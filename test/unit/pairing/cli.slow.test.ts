import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createdPairing } from '../../../server/wire/pairing.ts';
import { startPairServer, type PairServer } from './pair-server.ts';

// Each command is a process of its own.
vi.setConfig({ testTimeout: 60_000 });

let server: PairServer;
let dir: string;
beforeEach(async () => {
  server = await startPairServer();
  server.lan.state = { on: true, address: 'http://192.168.1.20:11500' };
  dir = await mkdtemp(join(tmpdir(), 'inglenook-cli-'));
  await writeFile(
    join(dir, 'server.json'),
    JSON.stringify({ pid: process.pid, port: Number(new URL(server.origin).port) }),
  );
  await writeFile(join(dir, 'admin.token'), `ink-admin_${'a'.repeat(43)}\n`);
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
});

type Result = { readonly code: unknown; readonly stdout: string; readonly stderr: string };

function cli(...words: string[]): Promise<Result> {
  const env = { ...process.env, INGLENOOK_DATA_DIR: dir, TZ: 'UTC' };
  return new Promise((resolve) => {
    execFile(process.execPath, ['scripts/inglenook.mjs', ...words], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

describe('pair', () => {
  it('create prints url, code, ticket and expiresAt, for people and for programs', async () => {
    const { code, stdout, stderr } = await cli('pair', 'create', '--name', 'CI', '--person', 'Anna');
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^url +http:\/\/192\.168\.1\.20:11500\/pair#t=[\w-]{22}$/);
    expect(lines[1]).toMatch(/^code +[A-Z]{4}-[A-Z]{4}$/);
    expect(lines[2]).toMatch(/^ticket +[\w-]{22}$/);
    expect(lines[3]).toMatch(/^expiresAt +20\d\d-.*Z$/);
    expect(stdout).toContain('192.168.1.20:11500/pair');

    const words =
      'pair create --auto-approve --preset guest --device PC --models fake-model,office --expires 30d --json';
    const created = createdPairing.parse(JSON.parse((await cli(...words.split(' '))).stdout));
    const joined = await server.post('/pair/redeem', { ticket: created.ticket, device: 'robot' });
    expect(joined.status).toBe(200);
    expect((await server.asOwner('GET', '/api/keys')).json).toEqual([
      expect.objectContaining({ name: 'PC', preset: 'guest', models: ['fake-model', 'office'] }),
    ]);
  });

  it('list, approve and deny work by id, person or device', async () => {
    const tickets = ['Anna', 'Bo', 'Cy'].map(
      (person) =>
        server.pairing.create({ person, preset: 'teammate', autoApprove: false, validMinutes: 10 }).ticket,
    );
    for (const ticket of tickets.slice(0, 2)) await server.post('/pair/redeem', { ticket, device: 'laptop' });
    const list = await cli('pair', 'list');
    expect(list.stdout).toMatch(/waiting +Anna +laptop +\d\d +127\.0\.0\.1/);
    const [cy, bo, anna] = JSON.parse((await cli('pair', 'list', '--json')).stdout);
    expect(cy).toMatchObject({ person: 'Cy', state: 'open' });

    expect((await cli('pair', 'approve', 'laptop')).stderr).toContain('Several devices');
    const approved = await cli('pair', 'approve', 'Anna');
    expect(approved.stdout).toContain(anna.join.matchCode);
    expect(JSON.parse((await cli('pair', 'deny', bo.id, '--json')).stdout).state).toBe('denied');
    expect(await cli('pair', 'approve', 'Cy')).toMatchObject({ code: 1, stdout: '' });
    expect(await cli('pair', 'approve', cy.id)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no device has used'),
    });
  });

  it.each([
    ['pair create --preset boss', '--preset takes'],
    ['pair create --expires yesterday', '--expires takes'],
    ['pair create --rpm some', '--rpm takes'],
    ['pair create --overlap 1h', '--overlap needs --replaces'],
    ['pair create --valid soon', '--valid takes'],
    ['ticket create', '--name is missing'],
    ['ticket create --name CI --uses many', '--uses takes'],
    ['ticket revoke', 'TICKET is missing'],
    ['key replace', 'KEY is missing'],
    ['pair approve', 'INVITATION is missing'],
    ['pair', 'needs one of: create, list, approve, deny'],
  ])('%s is called wrongly', async (words, reason) => {
    expect(await cli(...words.split(' '))).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(reason),
    });
  });
});

describe('key replace', () => {
  it('prints the new key alone, and says until when the old one works; end-old ends it', async () => {
    const { key } = (await server.asOwner('POST', '/api/keys', { name: 'CI' })).json;
    const replaced = await cli('key', 'replace', 'CI', '--overlap', '7d');
    expect(replaced.code).toBe(0);
    expect(replaced.stdout).toMatch(/^sk-ink_[A-Za-z0-9]{38}\n$/);
    expect(replaced.stdout.trim()).not.toBe(key);
    expect(replaced.stderr).toContain(`sk-ink_…${key.slice(-4)} goes on until `);
    expect((await cli('key', 'show', 'CI')).stdout).toMatch(/Old sk-ink_….{4} +works until /);
    expect((await cli('key', 'end-old', 'CI', '--json')).code).toBe(0);
    expect((await server.asOwner('GET', '/api/keys/CI')).json.formerKeys).toEqual([]);
    const atOnce = JSON.parse((await cli('key', 'replace', 'CI', '--overlap', '0', '--json')).stdout);
    expect(atOnce).toMatchObject({ name: 'CI', formerKeys: [] });
  });
});

describe('ticket', () => {
  it('create prints the ticket and a command; list tells of uses; revoke takes its keys along', async () => {
    const words = 'ticket create --name CI --uses 2 --valid 7d --from 127.0.0.0/8 --rpm 5';
    const created = await cli(...words.split(' '));
    expect([created.code, created.stderr]).toEqual([0, '']);
    const [, ticket = ''] = /^ticket +([\w-]{22})$/m.exec(created.stdout) ?? [];
    expect(created.stdout).toContain('curl -fsS http://192.168.1.20:11500/pair/redeem ');
    expect((await server.post('/pair/redeem', { ticket, device: 'runner' })).status).toBe(200);
    expect((await cli('ticket', 'list')).stdout).toMatch(/CI +open +1 of 2 +127\.0\.0\.0\/8 /);
    expect((await cli('ticket', 'revoke', 'CI', '--keys')).stdout).toMatch(/Keys that go on +0/);
    expect((await server.asOwner('GET', '/api/keys/runner')).json.status).toBe('revoked');
    expect(await cli('ticket', 'revoke', 'CI')).toMatchObject({ code: 1 });
  });
});
