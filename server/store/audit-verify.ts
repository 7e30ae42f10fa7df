import { setImmediate } from 'node:timers/promises';
import type { AuditVerification } from '../wire/audit.ts';
import { readHead, rowColumns } from './audit.ts';
import { firstLink, linkMac, rowHash, sameBytes, type ChainedRow, type Link } from './audit-chain.ts';
import { statement, type Store } from './open.ts';

export type VerifyOptions = {
  /** See `ensureServerSecret`; null where there is none, and then nothing can be said about signatures. */
  readonly secret: string | null;
  readonly nowMs: number;
  /** A row and its hash as they were once told: see `verifyAuditRequest`. */
  readonly expected?: string | undefined;
};

type Problem = AuditVerification['problems'][number];

const rowsAtOnce = 500;
const mostProblems = 20;

/** The triggers of 0300: without them rows could have been changed by plain SQL. */
const guards = [
  'audit_checkpoints_go_on',
  'audit_checkpoints_never_change',
  'audit_checkpoints_stay',
  'audit_head_goes_on',
  'audit_head_is_one',
  'audit_head_stays',
  'audit_never_changes',
  'audit_never_forgets',
  'audit_only_appends',
];

/**
 * Reads the whole audit and tells whether every row is as it was written, none is missing, and the end is the true end.
 * In steps of some milliseconds, so that others have their turn; rows that come meanwhile are checked too.
 */
export async function verifyAudit(store: Store, options: VerifyOptions): Promise<AuditVerification> {
  const problems: Problem[] = [];
  const note = (kind: Problem['kind'], seq: number | null, sentence: string): void => {
    if (problems.length < mostProblems) problems.push({ kind, seq, sentence });
  };
  checkGuards(store, note);
  const start = checkpointOf(store, options.secret, note);
  const walk: Walk = { last: start, rows: 0, expected: parseLink(options.expected), note };
  if (walk.expected !== null && walk.expected.seq === start.seq) meetExpected(walk, start);
  while (step(store, walk)) await setImmediate();
  const head = checkEnd(store, walk, options.secret);
  if (walk.expected !== null && !walk.expected.met) {
    const { seq } = walk.expected;
    const isPurged = seq < start.seq;
    note(
      'not-as-expected',
      seq,
      isPurged
        ? `Row ${seq} was deleted on purpose after its time, so it cannot be compared any more. Take the newest report instead.`
        : `Row ${seq} is not the one that was told earlier: the audit, or its end, is another one.`,
    );
  }
  return {
    ok: problems.length === 0,
    checkedAt: new Date(options.nowMs).toISOString(),
    rows: walk.rows,
    purgedThrough: start.seq,
    head: { seq: head.seq, hash: Buffer.from(head.hash).toString('hex') },
    problems,
  };
}

type Note = (kind: Problem['kind'], seq: number | null, sentence: string) => void;

type Walk = {
  last: Link;
  rows: number;
  readonly expected: (Link & { met: boolean }) | null;
  readonly note: Note;
};

/** Some rows further. False at the end. */
function step(store: Store, walk: Walk): boolean {
  const rows = statement(
    store,
    `SELECT ${rowColumns}, hash FROM audit WHERE seq > ? ORDER BY seq LIMIT ${rowsAtOnce}`,
  ).all(walk.last.seq) as (ChainedRow & { hash: Buffer })[];
  for (const { hash, ...row } of rows) {
    const { last, note } = walk;
    if (row.seq !== last.seq + 1) {
      const missing =
        row.seq === last.seq + 2 ? `Row ${last.seq + 1} is` : `Rows ${last.seq + 1} to ${row.seq - 1} are`;
      note('rows-missing', last.seq + 1, `${missing} missing.`);
    } else if (!sameBytes(rowHash(last.hash, row), hash)) {
      note(
        'row-changed',
        row.seq,
        `Row ${row.seq} was changed after it was written, or the row before it was.`,
      );
    }
    noteWhatStartsFound(row, note);
    walk.last = { seq: row.seq, hash };
    walk.rows += 1;
    if (walk.expected?.seq === row.seq) meetExpected(walk, walk.last);
  }
  return rows.length === rowsAtOnce;
}

/** A start of the server that found the end cut off or unsigned has written so; the end has been signed anew since. */
function noteWhatStartsFound(row: ChainedRow, note: Note): void {
  if (row.act !== 'server.start') return;
  const { auditEnd } = JSON.parse(row.details) as { auditEnd?: unknown };
  if (auditEnd === undefined || auditEnd === 'ok') return;
  note(
    'noticed-before',
    row.seq,
    auditEnd === 'cut'
      ? `When the server started (row ${row.seq}), rows before that were missing or others than were written.`
      : `When the server started (row ${row.seq}), the audit’s end was not signed by this server: another program had written to it, or the file server.key had been replaced.`,
  );
}

function checkEnd(store: Store, { last, note }: Walk, secret: string | null): Link {
  const head = readHead(store);
  if (head.seq === 0) return head;
  if (secret !== null && !sameBytes(head.mac, linkMac(secret, 'head', head))) {
    note(
      'end-unsigned',
      head.seq,
      'The audit’s end is not signed by this server: another program has written to it, or the file server.key was replaced.',
    );
  }
  if (head.seq > last.seq) {
    note('end-missing', last.seq + 1, `The newest rows, ${last.seq + 1} to ${head.seq}, are missing.`);
  } else if (head.seq < last.seq || !sameBytes(head.hash, last.hash)) {
    note('row-changed', last.seq, `Row ${last.seq} is not the row that the audit’s end was signed for.`);
  }
  return head;
}

function checkpointOf(store: Store, secret: string | null, note: Note): Link {
  const row = statement(
    store,
    'SELECT through_seq AS seq, hash, mac FROM audit_checkpoints ORDER BY through_seq DESC LIMIT 1',
  ).get() as (Link & { readonly mac: Buffer }) | undefined;
  if (row === undefined) return firstLink;
  if (secret !== null && !sameBytes(row.mac, linkMac(secret, 'checkpoint', row))) {
    note(
      'checkpoint-unsigned',
      row.seq,
      `Rows up to ${row.seq} were deleted, but not by this server, or the file server.key was replaced since.`,
    );
  }
  return row;
}

function checkGuards(store: Store, note: Note): void {
  const present = new Set(
    statement(store, "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'audit%'")
      .pluck()
      .all() as string[],
  );
  const missing = guards.filter((name) => !present.has(name));
  if (missing.length === 0) return;
  note(
    'guards-missing',
    null,
    `The database has lost what keeps audit rows from being changed: ${missing.join(', ')}.`,
  );
}

function parseLink(text: string | undefined): (Link & { met: boolean }) | null {
  if (text === undefined) return null;
  const [seq = '', hash = ''] = text.split(':');
  return { seq: Number(seq), hash: Buffer.from(hash, 'hex'), met: false };
}

function meetExpected({ expected }: Walk, link: Link): void {
  if (expected !== null) expected.met = sameBytes(expected.hash, link.hash);
}
