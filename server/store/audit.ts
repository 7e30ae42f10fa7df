import type { AuditEntry, AuditTrail } from '../core/audit.ts';
import { sayable, sayableValue } from '../core/audit.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { AuditQuery, AuditRecord } from '../wire/audit.ts';
import { linkMac, rowHash, sameBytes, type ChainedRow, type Link } from './audit-chain.ts';
import { statement, write, type Store } from './open.ts';

/** The audit: append-only rows, each tied to the one before. What checks them is `audit-verify.ts`. */
export type Audit = AuditTrail & {
  /** Newest first. */
  readonly list: (query: AuditQuery) => AuditRecord[];
  /** Deletes rows from before the moment and leaves a checkpoint from which the chain goes on. Returns how many. */
  readonly purge: (beforeMs: number) => number;
  /** How the chain's end stands, without reading all of it: for the start of the server. */
  readonly headState: () => HeadState;
};

/** `unsigned`: signed with another `server.key`, or not by us at all. `cut`: the newest rows are missing or others. */
export type HeadState = 'ok' | 'unsigned' | 'cut';

export type AuditServices = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** See `ensureServerSecret`. */
  readonly secret: string;
};

type Head = Link & { readonly mac: Buffer; readonly hash: Buffer };

export const rowColumns =
  'seq, time_ms AS timeMs, actor, via, ip, client, act, object, outcome, code, details';

export function createAudit(services: AuditServices): Audit {
  const { store, clock, log, secret } = services;
  let missed = 0;

  function append(entry: AuditEntry): void {
    write(store, () => {
      const head = readHead(store);
      const row = toRow(entry, { seq: head.seq + 1, timeMs: clock.nowMs(), missed });
      const hash = rowHash(head.hash, row);
      statement(
        store,
        `INSERT INTO audit (seq, time_ms, actor, via, ip, client, act, object, outcome, code, details, hash)
         VALUES (@seq, @timeMs, @actor, @via, @ip, @client, @act, @object, @outcome, @code, @details, @hash)`,
      ).run({ ...row, hash });
      statement(store, 'UPDATE audit_head SET seq = @seq, hash = @hash, mac = @mac').run({
        seq: row.seq,
        hash,
        mac: linkMac(secret, 'head', { seq: row.seq, hash }),
      });
    });
    missed = 0;
  }

  function appendLate(entry: AuditEntry): void {
    try {
      append(entry);
    } catch (error) {
      missed += 1;
      log.error('An act could not be written to the audit; the next row will say so.', {
        act: entry.act,
        outcome: entry.outcome,
        error,
      });
    }
  }

  function purge(beforeMs: number): number {
    return write(store, () => {
      const through = lastBefore(store, beforeMs);
      if (through === null) return 0;
      const rows = Number(
        statement(store, 'SELECT count(*) FROM audit WHERE seq <= ?').pluck().get(through.seq),
      );
      statement(store, 'INSERT INTO audit_checkpoints VALUES (@seq, @hash, @rows, @nowMs, @mac)').run({
        ...through,
        rows,
        nowMs: clock.nowMs(),
        mac: linkMac(secret, 'checkpoint', through),
      });
      statement(store, 'DELETE FROM audit WHERE seq <= ?').run(through.seq);
      const details = { through: through.seq, hash: through.hash.toString('hex'), rows };
      append({ actor: 'server', act: 'audit.purge', outcome: 'done', details });
      return rows;
    });
  }

  function headState(): HeadState {
    const head = readHead(store);
    if (head.seq === 0) return 'ok';
    if (!sameBytes(head.mac, linkMac(secret, 'head', head))) return 'unsigned';
    const last = lastLink(store);
    return last !== null && last.seq === head.seq && sameBytes(last.hash, head.hash) ? 'ok' : 'cut';
  }

  return { append, appendLate, purge, headState, list: (query) => listAudit(store, query) };
}

export function readHead(store: Store): Head {
  return statement(store, 'SELECT seq, hash, mac FROM audit_head').get() as Head;
}

function lastLink(store: Store): (Link & { readonly hash: Buffer }) | null {
  const row = statement(store, 'SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1').get();
  return (row as { seq: number; hash: Buffer } | undefined) ?? null;
}

/** The last of the rows that are all from before the moment; clocks may have run backwards in between. */
function lastBefore(store: Store, beforeMs: number): (Link & { readonly hash: Buffer }) | null {
  const row = statement(
    store,
    `SELECT seq, hash FROM audit
     WHERE seq < coalesce((SELECT min(seq) FROM audit WHERE time_ms >= ?), (SELECT max(seq) + 1 FROM audit))
     ORDER BY seq DESC LIMIT 1`,
  ).get(beforeMs);
  return (row as { seq: number; hash: Buffer } | undefined) ?? null;
}

function toRow(
  entry: AuditEntry,
  { seq, timeMs, missed }: { readonly seq: number; readonly timeMs: number; readonly missed: number },
): ChainedRow {
  const said = (text: string | null | undefined): string | null =>
    text === null || text === undefined ? null : sayable(text);
  const details = { ...entry.details, ...(missed === 0 ? {} : { notWrittenBefore: missed }) };
  return {
    seq,
    timeMs: Math.round(timeMs),
    actor: entry.actor,
    via: entry.via ?? null,
    ip: said(entry.ip),
    client: said(entry.client),
    act: entry.act,
    object: said(entry.object),
    outcome: entry.outcome,
    code: said(entry.code),
    details: JSON.stringify(sayableValue(details)),
  };
}

const filters = {
  before: 'seq < @before',
  actor: 'actor = @actor',
  outcome: 'outcome = @outcome',
  // `key` finds `key.create` and its like.
  act: "(act = @act OR substr(act, 1, length(@act) + 1) = @act || '.')",
  object: 'object = @object',
  since: 'time_ms >= @since',
  until: 'time_ms < @until',
} as const;

function listAudit(store: Store, query: AuditQuery): AuditRecord[] {
  const { limit, since, until, ...rest } = query;
  const values = {
    ...rest,
    ...(since === undefined ? {} : { since: Date.parse(since) }),
    ...(until === undefined ? {} : { until: Date.parse(until) }),
  };
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  const where = given.map(([name]) => filters[name as keyof typeof filters]).join(' AND ');
  const rows = statement(
    store,
    `SELECT ${rowColumns}, hash FROM audit ${where === '' ? '' : `WHERE ${where}`} ORDER BY seq DESC LIMIT @limit`,
  ).all({ ...Object.fromEntries(given), limit });
  return rows.map((row) => toRecord(row as ChainedRow & { hash: Buffer }));
}

function toRecord({ timeMs, details, hash, ...row }: ChainedRow & { hash: Buffer }): AuditRecord {
  return {
    ...(row as Omit<AuditRecord, 'time' | 'details' | 'hash'>),
    time: new Date(timeMs).toISOString(),
    details: JSON.parse(details) as AuditRecord['details'],
    hash: hash.toString('hex'),
  };
}
