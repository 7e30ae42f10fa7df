import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import pg from 'pg';
import { findPostgres } from '../../../scripts/lib/postgres.mjs';

/** A real PostgreSQL of the test's own: a cluster in a temporary folder, on a free port of this computer. */
export type PostgresServer = {
  readonly port: number;
  /** `postgres://…/DATABASE`, as the superuser, with the password. */
  readonly url: (database: string) => string;
  /** As the superuser. */
  readonly query: (
    database: string,
    sql: string,
    values?: readonly unknown[],
  ) => Promise<Record<string, unknown>[]>;
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
  /** Stops it and removes everything. */
  readonly remove: () => Promise<void>;
};

const superuser = 'keeper';
const password = 'pass%word/1';

/** @throws with a sentence where there is no PostgreSQL: the tests that want it must not pass without it */
export async function startPostgres(): Promise<PostgresServer> {
  const owner = ownerOfProcess();
  const dir = mkdtempSync(join(tmpdir(), 'inglenook-postgres-'));
  const programs = programsFor(dir, owner !== null);
  const data = join(dir, 'data');
  const port = await freePort();
  const options = { cwd: dir, env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' }, ...owner };
  writeFileSync(join(dir, 'password'), password);
  if (owner !== null) for (const path of [dir, join(dir, 'password')]) chownSync(path, owner.uid, owner.gid);
  const settings = [
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--no-sync',
    `--pwfile=${join(dir, 'password')}`,
  ];
  execFileSync(join(programs, 'initdb'), ['-D', data, '-U', superuser, ...settings], {
    ...options,
    stdio: 'pipe',
  });
  makeCertificate(dir, owner);
  let running: ChildProcess | null = null;

  async function start(): Promise<void> {
    const set = [
      `ssl=on`,
      `ssl_cert_file=${join(dir, 'cert.pem')}`,
      `ssl_key_file=${join(dir, 'key.pem')}`,
      'fsync=off',
    ];
    const args = [
      '-D',
      data,
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-k',
      dir,
      ...set.flatMap((one) => ['-c', one]),
    ];
    const child = spawn(join(programs, 'postgres'), args, {
      ...options,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    running = child;
    await untilReady(child);
  }
  async function stop(): Promise<void> {
    const child = running;
    running = null;
    if (child === null || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    // Postgres calls this the fast shutdown: connections are cut, nothing is lost.
    child.kill('SIGINT');
    await ended;
  }
  await start();
  return {
    port,
    url: (database) =>
      `postgres://${superuser}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`,
    async query(database, sql, values = []) {
      const client = new pg.Client({ host: '127.0.0.1', port, user: superuser, password, database });
      await client.connect();
      try {
        return (await client.query(sql, [...values])).rows as Record<string, unknown>[];
      } finally {
        await client.end();
      }
    },
    start,
    stop,
    async remove() {
      await stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/**
 * The folder of its programs; as root those that lie in somebody's own folder are copied into the test's, where the user
 * that runs them can read.
 */
function programsFor(dir: string, isRoot: boolean): string {
  const found = findPostgres();
  if (found === null) {
    throw new Error(
      'These tests want a real PostgreSQL, and there is none. npm test fetches it where it is online; else install the package postgresql, or put the folder of initdb on the PATH.',
    );
  }
  if (!isRoot || found.startsWith('/usr/')) return found;
  cpSync(dirname(found), join(dir, 'programs'), { recursive: true, verbatimSymlinks: true });
  return join(dir, 'programs', basename(found));
}

type Owner = { readonly uid: number; readonly gid: number };

/** PostgreSQL refuses to run as root, so its own user runs it then, or where there is none, nobody. */
function ownerOfProcess(): Owner | null {
  if (process.getuid?.() !== 0) return null;
  const idOf = (kind: string, user: string): number =>
    Number(execFileSync('id', [kind, user], { stdio: 'pipe' }).toString());
  const user = ['postgres', 'nobody'].find((name) => {
    try {
      return idOf('-u', name) > 0;
    } catch {
      return false;
    }
  });
  if (user === undefined) throw new Error('PostgreSQL cannot run as root, and there is no other user.');
  return { uid: idOf('-u', user), gid: idOf('-g', user) };
}

function makeCertificate(dir: string, owner: Owner | null): void {
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1'];
  const files = [join(dir, 'key.pem'), join(dir, 'cert.pem')] as const;
  execFileSync('openssl', [...args, '-keyout', files[0], '-out', files[1]], { stdio: 'pipe' });
  if (owner !== null) for (const file of files) chownSync(file, owner.uid, owner.gid);
}

async function untilReady(child: ChildProcess): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-5_000);
      if (said.includes('ready to accept connections')) resolve();
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`PostgreSQL has ended (${code}): ${said}`)));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
