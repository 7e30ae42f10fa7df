import type { Export, ExportSecret } from '../../core/export.ts';
import { connectionTrouble } from '../addresses.ts';
import { withoutPeople } from '../people.ts';
import { allTaken, Undelivered, type Receiver } from '../receiver.ts';
import { insertSql, insertValue, schemaSteps, versionTable } from './schema.ts';
import { openSession, PostgresRefused, type Session } from './session.ts';

const mostRows = 1_000;
/** Whoever makes the table holds it, so that two servers do not make it at once. The number is ours alone. */
const schemaLock = 4_921_067_301;

/** Writes rows into a table of somebody's PostgreSQL, made there when it is missing. */
export function postgresReceiver(wanted: Export, secret: ExportSecret): Receiver {
  const { url, mayLeave, people } = wanted;
  const options = { url, mayLeave, password: secret.password ?? '' };
  async function inSession<Result>(
    signal: AbortSignal,
    work: (session: Session) => Promise<Result>,
  ): Promise<Result> {
    let session: Session | null = null;
    try {
      session = await openSession(options, signal);
      await ensureSchema(session);
      return await work(session);
    } catch (error) {
      signal.throwIfAborted();
      throw toUndelivered(error);
    } finally {
      await session?.close();
    }
  }
  return {
    mostRows,
    check: (signal) => inSession(signal, async () => {}),
    send: (rows, signal) =>
      inSession(signal, async (session) => {
        await session.query(insertSql, [insertValue(people ? rows : rows.map(withoutPeople))]);
        return allTaken;
      }),
  };
}

/** All or nothing. Rights to make tables are needed only while there is something to make. */
async function ensureSchema(session: Session): Promise<void> {
  if ((await schemaVersion(session)) >= schemaSteps.length) return;
  await session.query('BEGIN');
  try {
    await session.query('SELECT pg_advisory_xact_lock($1)', [schemaLock]);
    await session.query(versionTable);
    const version = await schemaVersion(session);
    for (const step of schemaSteps.slice(version)) {
      for (const sql of step.split(';')) if (sql.trim() !== '') await session.query(sql);
    }
    await session.query('DELETE FROM inglenook_schema');
    await session.query('INSERT INTO inglenook_schema (version) VALUES ($1)', [
      Math.max(version, schemaSteps.length),
    ]);
    await session.query('COMMIT');
  } catch (error) {
    await session.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

async function schemaVersion(session: Session): Promise<number> {
  const [found] = await session.query("SELECT to_regclass('inglenook_schema') IS NOT NULL AS is_there");
  if (found?.['is_there'] !== true) return 0;
  const [row] = await session.query('SELECT max(version) AS version FROM inglenook_schema');
  return Number(row?.['version'] ?? 0);
}

/** By the class of the SQLSTATE: its first two letters. */
function toUndelivered(error: unknown): Undelivered {
  if (!(error instanceof PostgresRefused)) return new Undelivered(connectionTrouble(error), { cause: error });
  const { state } = error;
  const said = error.message.slice(0, 200);
  switch (state.slice(0, 2)) {
    case '28':
      return new Undelivered('It does not let us in. Are the user and the password right?', { cause: error });
    case '3D':
      return new Undelivered(`There is no such database: ${said}. Make it first.`, { cause: error });
    case '42':
      return new Undelivered(
        `It does not allow or understand this: ${said} (${state}). The user must be allowed to make tables once, and to select and insert.`,
        { cause: error },
      );
    // Data, and what the table's rules say of it: what it says may quote the row.
    case '22':
    case '23':
    case '54':
      return new Undelivered(`It does not take what it is sent (${state}).`, { blame: 'rows', cause: error });
    default:
      return new Undelivered(`It cannot take anything just now: ${said} (${state}).`, { cause: error });
  }
}
