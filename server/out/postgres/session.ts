/** The only home of pg: one connection to somebody's PostgreSQL. */
import { Socket, type LookupFunction } from 'node:net';
import type { DatabaseError as DatabaseErrorOfPg } from 'pg';
import { guardedLookup, officeLookup } from '../../core/egress.ts';

export type Session = {
  /** The rows of the answer. @throws PostgresRefused, or what broke the connection */
  readonly query: (sql: string, values?: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>;
  /** Says good-bye; never rejects. */
  readonly close: () => Promise<void>;
};

/** The server itself has said no; `state` is its SQLSTATE (postgresql.org/docs/current/errcodes-appendix.html). */
export class PostgresRefused extends Error {
  override readonly name = 'PostgresRefused';
  readonly state: string;
  constructor(state: string, message: string, cause: unknown) {
    super(message, { cause });
    this.state = state;
  }
}

export type SessionOptions = {
  /** As `requireExportAddress` gives it. */
  readonly url: string;
  readonly password: string;
  readonly mayLeave: boolean;
};

const connectTimeoutMs = 10_000;
const queryTimeoutMs = 30_000;

/** Connects to the address that was checked, and to no other. The signal ends the connection, whatever it is at. */
export async function openSession(options: SessionOptions, signal: AbortSignal): Promise<Session> {
  const url = new URL(options.url);
  const host = decodeURIComponent(url.hostname).replace(/^\[|\]$/gu, '');
  const address = await resolve(host, options.mayLeave ? guardedLookup(true) : officeLookup());
  signal.throwIfAborted();
  // Loaded by who has such an export; the start of all others need not wait for it.
  const { Client, DatabaseError } = await import('pg');
  const refusals = refusalsOf(DatabaseError);
  const socket = new Socket();
  // What pg would else take from the environment or from files of whoever runs the server is said here.
  const client = new Client({
    host: address,
    port: Number(url.port),
    user: decodeURIComponent(url.username),
    password: () => options.password,
    database: decodeURIComponent(url.pathname.slice(1)),
    ssl: tlsOf(url, host),
    stream: () => socket,
    application_name: 'inglenook',
    connectionTimeoutMillis: connectTimeoutMs,
    // Poolers refuse a connection that asks for a limit of the server's own.
    query_timeout: queryTimeoutMs,
  });
  // A connection that breaks between two questions; the next question tells.
  client.on('error', () => {});
  const end = (): void => void socket.destroy(new Error('given up'));
  signal.addEventListener('abort', end, { once: true });
  try {
    await refusals(client.connect());
  } catch (error) {
    signal.removeEventListener('abort', end);
    socket.destroy();
    throw error;
  }
  return {
    query: async (sql, values = []) => {
      const { rows } = await refusals(client.query(sql, [...values]));
      return rows as readonly Record<string, unknown>[];
    },
    close: async () => {
      signal.removeEventListener('abort', end);
      if (!socket.destroyed) await client.end().catch(() => {});
      socket.destroy();
    },
  };
}

function tlsOf(
  url: URL,
  host: string,
): false | { rejectUnauthorized: boolean; host: string; servername: string } {
  const mode = url.searchParams.get('sslmode');
  if (mode === 'disable') return false;
  // RFC 6066 §3: no number as a server's name.
  return { rejectUnauthorized: mode !== 'require', host, servername: /^[\d.]+$|:/u.test(host) ? '' : host };
}

function resolve(host: string, lookup: LookupFunction): Promise<string> {
  return new Promise((done, fail) => {
    lookup(host, { family: 0 }, (error, address) => {
      if (error === null && typeof address === 'string') done(address);
      else fail(error ?? new Error('no address'));
    });
  });
}

/** Tells what the server itself has said from what broke on the way. */
function refusalsOf(
  DatabaseError: typeof DatabaseErrorOfPg,
): <Result>(work: Promise<Result>) => Promise<Result> {
  return async (work) => {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      throw new PostgresRefused(error.code ?? '', error.message, error);
    }
  };
}
