import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Encrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { decryptFile, encryptFile } from '../../../server/store/backup/backup-file.ts';
import { finishRestore, preparedRestore, prepareRestore } from '../../../server/store/backup/restore.ts';
import { listMigrations } from '../../../server/store/migrate.ts';
import { closeStore, openStore } from '../../../server/store/open.ts';
import { ensureServerSecret } from '../../../server/store/server-secret.ts';
import { findUpstream, getUpstreamKey } from '../../../server/store/upstreams.ts';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';

const passphrase = 'a passphrase nobody guesses';
const newest = listMigrations().at(-1)?.version ?? 0;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'inglenook-backup-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
});

type Office = {
  readonly server: ComposedServer;
  readonly key: string;
  /** The key of a device that was paired. */
  readonly device: string;
  readonly file: string;
};

/** A server with something of everything, and a backup of it. */
async function officeWithBackup(): Promise<Office> {
  const server = await startComposed();
  const { key } = (await server.admin('POST', '/keys', { name: 'Anna', person: 'Anna' })) as { key: string };
  await server.admin('PUT', '/aliases/gpt-4o-mini', { model: 'fake-model' });
  await server.admin('POST', '/upstreams', {
    name: 'up',
    url: 'http://127.0.0.1:9/v1',
    apiKey: 'the-upstream-key',
  });
  await server.admin('POST', '/password', { password: 'correct horse battery' });
  expect(await ask(server, key, 'gpt-4o-mini')).toBe(200);
  const device = await pair(server);
  const file = join(dir, 'office.age');
  await server.admin('POST', '/backups', { file, passphrase });
  return { server, key, device, file };
}

async function pair(server: ComposedServer): Promise<string> {
  const invitation = { person: 'Tom', autoApprove: true };
  const { ticket } = (await server.admin('POST', '/pairings', invitation)) as { ticket: string };
  const answer = await fetch(`${server.address}/pair/redeem`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ticket, device: 'tablet' }),
  });
  return ((await answer.json()) as { key: string }).key;
}

async function ask(server: ComposedServer, key: string, model: string): Promise<number> {
  const response = await fetch(`${server.address}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'canary prompt' }] }),
  });
  await response.text();
  return response.status;
}

/** Names and contents of everything below a folder, but what a running server changes by itself. */
function pictureOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return Object.fromEntries(
    files.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  );
}

const nothing = (folder: string): string[] =>
  readdirSync(folder).filter((name) => /restore|backup\.new/.test(name));

describe('a backup', () => {
  it('restored into an empty folder lets the old key and the owner in, with everything it had', async () => {
    const { server, key, device, file } = await officeWithBackup();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(['office.age']);
    expect(nothing(server.dataDir)).toEqual([]);
    const secret = ensureServerSecret(server.dataDir);
    const log = (await server.admin('GET', '/log')) as { id: string }[];
    await server.stop(0);

    const dataDir = join(dir, 'other computer');
    await prepareRestore(dataDir, { file, passphrase, nowMs: Date.now() });
    finishRestore(dataDir);
    expect(readdirSync(dataDir).toSorted()).toEqual(['inglenook.db', 'server.key']);
    expect(['inglenook.db', 'server.key'].map((name) => statSync(join(dataDir, name)).mode & 0o777)).toEqual([
      0o600, 0o600,
    ]);
    const store = openStore(join(dataDir, 'inglenook.db'));
    const upstream = findUpstream(store, 'up');
    expect(getUpstreamKey(store, upstream?.id ?? '', ensureServerSecret(dataDir)).key).toBe(
      'the-upstream-key',
    );
    closeStore(store);

    const restored = await startComposed({ dataDir });
    expect(ensureServerSecret(dataDir)).toBe(secret);
    expect(await ask(restored, key, 'gpt-4o-mini')).toBe(200);
    expect(await ask(restored, device, 'gpt-4o-mini')).toBe(200);
    expect(((await restored.admin('GET', '/log')) as { id: string }[]).slice(2)).toEqual(log);
    const signedIn = await fetch(`${restored.address}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ password: 'correct horse battery' }),
    });
    expect(signedIn.status).toBe(200);
    expect(await restored.admin('POST', '/audit/verify', {})).toMatchObject({ ok: true });
  });

  it('shows nothing of what is in it, and opens with any program for age', async () => {
    const { file } = await officeWithBackup();
    const sealed = readFileSync(file);
    for (const text of ['SQLite format', 'ink-secret_', 'Anna', 'gpt-4o-mini'])
      expect(sealed.includes(text)).toBe(false);
    expect(sealed.subarray(0, 22).toString()).toBe('age-encryption.org/v1\n');
    const opened = join(dir, 'opened.db');
    await decryptFile(file, opened, passphrase);
    const inside = new Database(opened, { readonly: true });
    expect(inside.prepare('SELECT name FROM keys').pluck().all()).toEqual(['Anna', 'Tom’s tablet']);
    expect(inside.prepare('SELECT count(*) FROM sessions').pluck().get()).toBe(0);
    inside.close();
    expect(readFileSync(opened).includes('canary prompt')).toBe(false);
  });

  it('is refused with a sentence where it cannot be written, and leaves nothing half-done', async () => {
    const { server, file } = await officeWithBackup();
    const before = pictureOf(dir);
    const attempts = [
      [{ file, passphrase }, 'file_exists'],
      [{ file: join(dir, 'missing', 'x.age'), passphrase }, 'backup_not_written'],
      [{ file: 'x.age', passphrase }, 'invalid_request'],
      [{ file: join(dir, 'y.age'), passphrase: 'short' }, 'invalid_request'],
    ] as const;
    for (const [body, code] of attempts)
      await expect(server.admin('POST', '/backups', body)).rejects.toThrow(code);
    expect(pictureOf(dir)).toEqual(before);
    expect(nothing(server.dataDir)).toEqual([]);
  });

  it('runs one at a time', async () => {
    const server = await startComposed();
    const make = (name: string): Promise<unknown> =>
      server.admin('POST', '/backups', { file: join(dir, name), passphrase });
    const outcomes = await Promise.allSettled([make('a.age'), make('b.age')]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(String(outcomes.find((one) => one.status === 'rejected')?.reason)).toContain('backup_running');
    expect(await server.admin('GET', '/backups')).toMatchObject({ running: false });
  });
});

describe('restoring', () => {
  it('beside a running server waits for its next start, and keeps what was there', async () => {
    const { server, key, file } = await officeWithBackup();
    const { key: later } = (await server.admin('POST', '/keys', { name: 'Later' })) as { key: string };
    expect(await server.admin('POST', '/restore', { file, passphrase })).toMatchObject({
      prepared: { file: 'office.age' },
      keptFolders: [],
    });
    expect(await ask(server, later, 'fake-model')).toBe(200);
    const { dataDir } = server;
    const moved = join(dir, 'data');
    await server.stop(0);
    // The folder goes with the first server's test; the second needs it longer.
    cpSync(dataDir, moved, { recursive: true });

    const restored = await startComposed({ dataDir: moved });
    expect([await ask(restored, key, 'gpt-4o-mini'), await ask(restored, later, 'fake-model')]).toEqual([
      200, 401,
    ]);
    const state = (await restored.admin('GET', '/restore')) as { prepared: unknown; keptFolders: string[] };
    expect([state.prepared, state.keptFolders.length]).toEqual([null, 1]);
    const kept = openStore(join(moved, state.keptFolders[0] ?? '', 'inglenook.db'));
    expect(kept.db.prepare('SELECT name FROM keys ORDER BY name').pluck().all()).toEqual([
      'Anna',
      'Later',
      'Tom’s tablet',
    ]);
    closeStore(kept);
    const rows = (await restored.admin('GET', '/audit?act=restore')) as { act: string; object: string }[];
    expect(rows.map(({ act, object }) => [act, object])).toEqual([['restore.finish', 'office.age']]);
  });

  it('that stands ready can be given up', async () => {
    const { server, file } = await officeWithBackup();
    await server.admin('POST', '/restore', { file, passphrase });
    expect(await server.admin('DELETE', '/restore')).toEqual({ prepared: null, keptFolders: [] });
    expect(nothing(server.dataDir)).toEqual([]);
  });

  it('attack 73: refuses what is not a whole backup of ours with a sentence of its own, and changes nothing', async () => {
    const { file } = await officeWithBackup();
    const dataDir = join(dir, 'data');
    const store = openStore(join(dataDir, 'inglenook.db'));
    closeStore(store);
    ensureServerSecret(dataDir);
    const bytes = readFileSync(file);
    const made = async (name: string, content: Buffer | string): Promise<string> => {
      const plain = join(dir, `${name}.plain`);
      writeFileSync(plain, content);
      await encryptFile(plain, join(dir, name), { passphrase, workFactor: 8 });
      return name;
    };
    const written = (name: string, content: Buffer): string => {
      writeFileSync(join(dir, name), content);
      return name;
    };
    const flipped = Buffer.from(bytes);
    flipped.writeUInt8(flipped.readUInt8(flipped.length - 5000) ^ 1, flipped.length - 5000);
    const withHeaderChanged = Buffer.from(bytes.toString('latin1').replace('scrypt ', 'scrypt  '), 'latin1');
    const cases: readonly (readonly [string, string, string?])[] = [
      ['office.age', 'wrong_passphrase', 'not the passphrase of it'],
      ['missing.age', 'backup_unreadable'],
      [written('empty.age', Buffer.alloc(0)), 'not_a_backup'],
      [written('text.age', Buffer.from('A text.\n')), 'not_a_backup'],
      [written('cut-1.age', bytes.subarray(0, 40)), 'backup_damaged'],
      [written('cut-2.age', bytes.subarray(0, bytes.length - 1)), 'backup_damaged'],
      [written('cut-3.age', bytes.subarray(0, bytes.length >> 1)), 'backup_damaged'],
      [written('longer.age', Buffer.concat([bytes, Buffer.from('x')])), 'backup_damaged'],
      [written('flipped.age', flipped), 'backup_damaged'],
      [written('header.age', withHeaderChanged), 'backup_damaged'],
      [await made('holiday.age', 'A picture of the sea, and no database at all.'.repeat(50)), 'not_a_backup'],
      [await made('other-database.age', databaseWith('CREATE TABLE t (x)')), 'not_a_backup'],
      [
        await made(
          'newer.age',
          await changedInside(
            file,
            `PRAGMA user_version = ${newest + 10}; UPDATE inglenook_backup SET value = '"9.0.0"' WHERE name = 'version'`,
          ),
        ),
        'backup_too_new',
      ],
      [
        await made('no-manifest.age', await changedInside(file, 'DELETE FROM inglenook_backup')),
        'backup_damaged',
      ],
      [
        await made(
          'broken.age',
          await changedInside(
            file,
            "PRAGMA foreign_keys = OFF; INSERT INTO responses VALUES ('r', 'nobody', 1, 1, x'00')",
          ),
        ),
        'backup_damaged',
      ],
    ];
    const before = pictureOf(dataDir);
    const seen: unknown[] = [];
    for (const [name, , words = passphrase] of cases) {
      const wish = { file: join(dir, name), passphrase: words, nowMs: 0 };
      const refusal: unknown = await prepareRestore(dataDir, wish).catch((error: unknown) => error);
      seen.push([name, (refusal as { code?: string }).code]);
      expect((refusal as Error).message).toMatch(/Nothing was changed here|cannot be read/);
    }
    expect(seen).toEqual(cases.map(([name, code]) => [name, code]));
    expect(preparedRestore(dataDir)).toBeNull();
    expect(pictureOf(dataDir)).toEqual(before);
  });

  it('goes on where finishing was cut off, whichever step it was', async () => {
    const { server, file } = await officeWithBackup();
    await server.stop(0);
    const outcomes = new Set<string>();
    for (let steps = 0; steps <= 6; steps++) {
      const dataDir = join(dir, `cut-${steps}`);
      const store = openStore(join(dataDir, 'inglenook.db'));
      const log = readFileSync(join(dataDir, 'inglenook.db-wal'));
      closeStore(store);
      writeFileSync(join(dataDir, 'inglenook.db-wal'), log);
      ensureServerSecret(dataDir);
      const old = readFileSync(join(dataDir, 'server.key'), 'utf8');
      const ready = await prepareRestore(dataDir, { file, passphrase, nowMs: 1 });
      const kept = join(dataDir, ready.keepIn);
      mkdirSync(kept);
      const moves = [
        ...['inglenook.db-wal', 'inglenook.db', 'server.key'].map((name) => [
          join(dataDir, name),
          join(kept, name),
        ]),
        ...['inglenook.db', 'server.key'].map((name) => [
          join(dataDir, 'restore', name),
          join(dataDir, name),
        ]),
      ];
      for (const [from = '', to = ''] of moves.slice(0, steps)) renameSync(from, to);
      finishRestore(dataDir);
      expect(finishRestore(dataDir)).toBeNull();
      expect(readFileSync(join(kept, 'server.key'), 'utf8')).toBe(old);
      const fresh = openStore(join(dataDir, 'inglenook.db'));
      outcomes.add(
        JSON.stringify([
          fresh.db.prepare('SELECT name FROM keys').pluck().all(),
          readFileSync(join(dataDir, 'server.key'), 'utf8'),
          readdirSync(kept).toSorted(),
        ]),
      );
      closeStore(fresh);
      expect(readdirSync(dataDir).filter((name) => name === 'restore')).toEqual([]);
    }
    expect(outcomes.size).toBe(1);
  });
});

describe('an update whose migration fails half-way', () => {
  it('leaves the version before running: the old key answers, and nothing is missing', async () => {
    const { server, key } = await officeWithBackup();
    const { dataDir } = server;
    const moved = join(dir, 'data');
    await server.stop(0);
    // The folder goes with the first server's test.
    cpSync(dataDir, moved, { recursive: true });
    const later = [
      {
        version: newest + 10,
        name: 'good.sql',
        sql: "UPDATE keys SET name = 'changed' WHERE name = 'Anna'; DELETE FROM requests",
      },
      { version: newest + 20, name: 'bad.sql', sql: 'DROP TABLE aliases; INSERT INTO nowhere VALUES (1)' },
    ];
    const update = (): unknown => openStore(join(moved, 'inglenook.db'), [...listMigrations(), ...later]);
    expect(update).toThrow(/bad\.sql.*exactly what it was.*Inglenook you had before/s);
    const before = await startComposed({ dataDir: moved });
    expect(await ask(before, key, 'gpt-4o-mini')).toBe(200);
    expect(await before.admin('GET', '/keys')).toMatchObject([{ name: 'Tom’s tablet' }, { name: 'Anna' }]);
    expect(await before.admin('GET', '/log')).toHaveLength(2);
    expect(await before.admin('POST', '/audit/verify', {})).toMatchObject({ ok: true });
  });
});

describe('the file', () => {
  it('is read back before it bears its name, whatever its size', async () => {
    for (const bytes of [0, 1, 65_535, 65_536, 65_537, 200_000]) {
      const plain = join(dir, `plain-${bytes}`);
      writeFileSync(plain, Buffer.alloc(bytes, 7));
      await encryptFile(plain, join(dir, `${bytes}.age`), { passphrase, workFactor: 8 });
      await decryptFile(join(dir, `${bytes}.age`), join(dir, `back-${bytes}`), passphrase);
      expect(readFileSync(join(dir, `back-${bytes}`)).equals(readFileSync(plain))).toBe(true);
      if (bytes < 65_537) continue;
      // Cut exactly between two chunks: every chunk is whole, and only the mark of the last one is missing.
      truncateSync(
        join(dir, `${bytes}.age`),
        statSync(join(dir, `${bytes}.age`)).size - ((bytes % 65_536) + 16),
      );
      await expect(decryptFile(join(dir, `${bytes}.age`), join(dir, 'x'), passphrase)).rejects.toMatchObject({
        code: 'backup_damaged',
      });
    }
  });

  it('made by another program of age for a recipient is no backup of ours', async () => {
    const encrypter = new Encrypter();
    encrypter.addRecipient(await identityToRecipient(await generateIdentity()));
    writeFileSync(join(dir, 'other.age'), await encrypter.encrypt('a letter'));
    await expect(decryptFile(join(dir, 'other.age'), join(dir, 'x'), passphrase)).rejects.toMatchObject({
      code: 'wrong_passphrase',
    });
  });
});

function databaseWith(sql: string): Buffer {
  const path = join(dir, 'some.db');
  const db = new Database(path);
  db.exec(sql);
  db.close();
  return readFileSync(path);
}

async function changedInside(file: string, sql: string): Promise<Buffer> {
  const path = join(dir, 'inside.db');
  await decryptFile(file, path, passphrase);
  const db = new Database(path);
  db.exec(sql);
  db.close();
  return readFileSync(path);
}
