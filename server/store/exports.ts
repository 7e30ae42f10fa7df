import { z } from 'zod';
import type { Export, ExportKind, ExportProgress, ExportSecret } from '../core/export.ts';
import { statement, write, type Store } from './open.ts';
import { seal, unseal } from './seal.ts';

/** Where the log goes besides, with secrets sealed by the server's own, and how far each has come. */

type Row = {
  name: string;
  kind: ExportKind;
  url: string;
  mayLeave: number;
  people: number;
  prompts: number;
  createdMs: number;
};

const columns = 'name, kind, url, may_leave AS mayLeave, people, prompts, created_ms AS createdMs';

/** In the order they were made. */
export function listExports(store: Store): Export[] {
  const rows = statement(store, `SELECT ${columns} FROM exports ORDER BY created_ms, name`).all() as Row[];
  return rows.map(toExport);
}

export function findExport(store: Store, name: string): Export | null {
  const row = statement(store, `SELECT ${columns} FROM exports WHERE name = ?`).get(name);
  return row === undefined ? null : toExport(row as Row);
}

/**
 * Keeps it under its name; one that is there is changed and goes on where it is. `secret`: undefined leaves what is kept,
 * null forgets it. `from`: which rows it begins with; null for where it is, for a new one the next.
 */
export function saveExport(
  store: Store,
  wanted: Export,
  change: {
    readonly secret: ExportSecret | null | undefined;
    readonly from: 'first' | 'next' | null;
    readonly serverSecret: string;
  },
): void {
  const { name } = wanted;
  write(store, () => {
    statement(
      store,
      `INSERT INTO exports (name, kind, url, may_leave, people, prompts, cursor, sent, skipped, created_ms)
       VALUES (@name, @kind, @url, @mayLeave, @people, @prompts, @newest, 0, 0, @createdMs)
       ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, url = excluded.url, may_leave = excluded.may_leave,
         people = excluded.people, prompts = excluded.prompts, last_failure_ms = NULL, last_failure = NULL`,
    ).run({
      ...wanted,
      mayLeave: Number(wanted.mayLeave),
      people: Number(wanted.people),
      prompts: Number(wanted.prompts),
      newest: newestSeq(store),
    });
    if (change.from !== null) {
      const cursor = change.from === 'first' ? 0 : newestSeq(store);
      statement(store, 'UPDATE exports SET cursor = ? WHERE name = ?').run(cursor, name);
    }
    if (change.secret === undefined) return;
    const sealed =
      change.secret === null
        ? null
        : seal(JSON.stringify(change.secret), { secret: change.serverSecret, purpose: purposeOf(name) });
    statement(store, 'UPDATE exports SET sealed_secret = ? WHERE name = ?').run(sealed, name);
  });
}

export function removeExport(store: Store, name: string): void {
  write(store, () => statement(store, 'DELETE FROM exports WHERE name = ?').run(name));
}

const exportSecret = z.object({
  password: z.string().exactOptional(),
  headers: z.record(z.string(), z.string()).exactOptional(),
  publicKey: z.string().exactOptional(),
  secretKey: z.string().exactOptional(),
});

/** `isLost`: there is one, but the server's secret is another than the one it was sealed with. */
export function getExportSecret(
  store: Store,
  name: string,
  serverSecret: string,
): { readonly secret: ExportSecret; readonly isSet: boolean; readonly isLost: boolean } {
  const found = statement(store, 'SELECT sealed_secret FROM exports WHERE name = ?').pluck().get(name);
  const sealed = (found ?? null) as Buffer | null;
  if (sealed === null) return { secret: {}, isSet: false, isLost: false };
  const text = unseal(sealed, { secret: serverSecret, purpose: purposeOf(name) });
  if (text === null) return { secret: {}, isSet: true, isLost: true };
  return { secret: exportSecret.parse(JSON.parse(text)), isSet: true, isLost: false };
}

/** Null where there is no such export. */
export function getExportProgress(store: Store, name: string): ExportProgress | null {
  const row = statement(
    store,
    `SELECT cursor, sent, skipped, last_success_ms AS lastSuccessMs, last_failure_ms AS lastFailureMs,
       last_failure AS lastFailure FROM exports WHERE name = ?`,
  ).get(name);
  return row === undefined ? null : (row as ExportProgress);
}

export function saveExportProgress(store: Store, name: string, progress: ExportProgress): void {
  write(store, () =>
    statement(
      store,
      `UPDATE exports SET cursor = @cursor, sent = @sent, skipped = @skipped, last_success_ms = @lastSuccessMs,
         last_failure_ms = @lastFailureMs, last_failure = @lastFailure WHERE name = @name`,
    ).run({ ...progress, name }),
  );
}

/** Rows that have not been sent; a few too many where single ones were removed in between. Costs two look-ups. */
export function exportBacklog(store: Store, cursor: number): number {
  const oldest = Number(statement(store, 'SELECT coalesce(min(seq), 0) FROM requests').pluck().get());
  return Math.max(0, newestSeq(store) - Math.max(cursor, oldest - 1));
}

function newestSeq(store: Store): number {
  return Number(statement(store, 'SELECT coalesce(max(seq), 0) FROM requests').pluck().get());
}

function purposeOf(name: string): string {
  return `export ${name}`;
}

function toExport({ mayLeave, people, prompts, ...row }: Row): Export {
  return { ...row, mayLeave: mayLeave === 1, people: people === 1, prompts: prompts === 1 };
}
