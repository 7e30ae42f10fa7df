import { chmodSync, closeSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';

/**
 * The file `traces.db`: prompts and answers that are kept, masked before they come here. It is apart from the database,
 * so that no backup and no copy before a migration holds a prompt, what is erased is gone at once, and neither masking
 * nor indexing keeps a request waiting. Words to search by are in a table of their own for each day (of UTC), so that a
 * day that is over goes as a whole and leaves no word behind.
 */
export type TraceFile = {
  readonly db: Database.Database;
  readonly statements: Map<string, Database.Statement>;
};

/** One step for each version of the file; released steps are never edited. */
const steps: readonly string[] = [
  `CREATE TABLE traces (
     seq          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
     request_id   TEXT    NOT NULL UNIQUE,
     time_ms      INTEGER NOT NULL,
     day          INTEGER GENERATED ALWAYS AS (time_ms / 86400000) VIRTUAL,
     key_id       TEXT    NOT NULL,
     key_name     TEXT    NOT NULL,
     person       TEXT,
     -- For whom the client said it asked.
     end_user     TEXT,
     model        TEXT,
     served_model TEXT,
     status       TEXT    NOT NULL CHECK (status IN ('ok', 'error', 'cancelled', 'refused')),
     -- Whether this key was traced, or the office's policy kept everybody's.
     why          TEXT    NOT NULL CHECK (why IN ('key', 'office')),
     -- Lists of pieces: core/trace.ts.
     asked        TEXT    NOT NULL CHECK (json_valid(asked)),
     left_out     INTEGER NOT NULL,
     answered     TEXT    NOT NULL CHECK (json_valid(answered)),
     masked       INTEGER NOT NULL,
     -- Characters of both lists, so that sums need not read them.
     size         INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX traces_day ON traces (day);
   CREATE INDEX traces_key ON traces (key_id);
   CREATE INDEX traces_person ON traces (person);
   CREATE INDEX traces_end_user ON traces (end_user) WHERE end_user IS NOT NULL;
   -- The texts alone, for the words and for excerpts.
   CREATE VIEW trace_texts AS SELECT seq,
     (SELECT group_concat(value ->> 'text', char(10)) FROM json_each(asked)) AS asked,
     (SELECT group_concat(value ->> 'text', char(10)) FROM json_each(answered)) AS answered
   FROM traces;`,
];

/**
 * Opens the file (mode 0600), makes it if it is missing. `:memory:` is for tests.
 * @throws Error where it cannot be used, or a newer program has written it
 */
export function openTraceFile(path: string): TraceFile {
  if (path !== ':memory:') {
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
  }
  const db = new Database(path, { timeout: 5000 });
  try {
    db.pragma('auto_vacuum = INCREMENTAL');
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    // Deleted text is overwritten, so that what is erased is gone.
    db.pragma('secure_delete = ON');
    bringUp(db);
    return { db, statements: new Map() };
  } catch (error) {
    db.close();
    throw error;
  }
}

function bringUp(db: Database.Database): void {
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version > steps.length) throw new Error(`${db.name} was written by a newer Inglenook.`);
  db.transaction(() => {
    for (const step of steps.slice(version)) db.exec(step);
    db.pragma(`user_version = ${steps.length}`);
  }).immediate();
}

/** The prepared statement for this SQL; values are bound. */
export function prepared({ db, statements }: TraceFile, sql: string): Database.Statement {
  const known = statements.get(sql);
  if (known !== undefined) return known;
  const statement = db.prepare(sql);
  statements.set(sql, statement);
  return statement;
}

/** The table of words of a day. */
export function wordsOf(day: number): string {
  if (!Number.isSafeInteger(day)) throw new Error('no day');
  return `words_${day}`;
}

export function addDay({ db }: TraceFile, day: number): void {
  db.exec(
    `CREATE VIRTUAL TABLE IF NOT EXISTS ${wordsOf(day)} USING fts5 (asked, answered, content = 'trace_texts',
       content_rowid = 'seq', tokenize = 'unicode61 remove_diacritics 2')`,
  );
}

export function dropDay({ db, statements }: TraceFile, day: number): void {
  statements.clear();
  db.exec(`DROP TABLE IF EXISTS ${wordsOf(day)}`);
}
