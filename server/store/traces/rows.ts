import { invalidRequest } from '../../core/errors.ts';
import type { LogStatus } from '../../core/log-row.ts';
import { maskTrace, type RawTrace, type TraceEntry, type Tracing } from '../../core/trace.ts';
import { addDay, prepared, wordsOf, type TraceFile } from './file.ts';

/** Everything but what was said. */
export type TraceHead = {
  readonly seq: number;
  readonly requestId: string;
  readonly timeMs: number;
  readonly keyId: string;
  /** The key's name then. */
  readonly keyName: string;
  readonly person: string | null;
  /** For whom the client said it asked. */
  readonly endUser: string | null;
  readonly model: string | null;
  readonly servedModel: string | null;
  readonly status: LogStatus;
  readonly why: Tracing['why'];
  /** Pieces of the prompt before the first that was kept. */
  readonly leftOut: number;
  /** Places where a secret was masked. */
  readonly masked: number;
  /** In characters of JSON. */
  readonly size: number;
};

export type StoredTrace = TraceHead & {
  readonly asked: readonly TraceEntry[];
  readonly answered: readonly TraceEntry[];
};

/** What is to be kept of a request; masked only when it is written. */
export type NewTrace = Omit<TraceHead, 'seq' | 'size' | 'leftOut' | 'masked'> & { readonly raw: RawTrace };

export type TraceFilters = {
  /** A key's name or id. */
  readonly key?: string | undefined;
  /** Whose key it was, or for whom it was asked. */
  readonly person?: string | undefined;
  /** What was asked for, or what served. */
  readonly model?: string | undefined;
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
};

/** `beforeSeq`: where the page before ended. */
export type TraceSeek = {
  readonly filters: TraceFilters;
  readonly limit: number;
  readonly beforeSeq: number | null;
};

/** Newest first; `next` is where the next page goes on, null after the last. */
export type TracePage<Row> = { readonly rows: readonly Row[]; readonly next: number | null };

const heads = `traces.seq, request_id AS requestId, time_ms AS timeMs, key_id AS keyId, key_name AS keyName, person, end_user AS endUser, model,
  served_model AS servedModel, status, why, left_out AS leftOut, masked, size`;

/** Masks and keeps one. A second of the same request changes nothing. */
export function insertTrace(file: TraceFile, { raw, ...trace }: NewTrace): void {
  const { asked, answered, leftOut, masked } = maskTrace(raw);
  const lists = { asked: JSON.stringify(asked), answered: JSON.stringify(answered) };
  const day = Math.floor(trace.timeMs / 86_400_000);
  file.db
    .transaction(() => {
      const { changes, lastInsertRowid } = prepared(
        file,
        `INSERT INTO traces (request_id, time_ms, key_id, key_name, person, end_user, model, served_model, status, why, asked,
           left_out, answered, masked, size)
         VALUES (@requestId, @timeMs, @keyId, @keyName, @person, @endUser, @model, @servedModel, @status, @why, @asked,
           @leftOut, @answered, @masked, @size)
         ON CONFLICT (request_id) DO NOTHING`,
      ).run({ ...trace, ...lists, leftOut, masked, size: lists.asked.length + lists.answered.length });
      if (changes > 0) addWords(file, day, Number(lastInsertRowid));
    })
    .immediate();
}

/** Within a transaction. */
export function addWords(file: TraceFile, day: number, seq: number): void {
  addDay(file, day);
  prepared(
    file,
    `INSERT INTO ${wordsOf(day)} (rowid, asked, answered) SELECT seq, asked, answered FROM trace_texts WHERE seq = ?`,
  ).run(seq);
}

/** What is kept of one request, or null. */
export function readTrace(
  file: TraceFile,
  { requestId, sinceMs }: { readonly requestId: string; readonly sinceMs: number },
): StoredTrace | null {
  const row = prepared(
    file,
    `SELECT ${heads}, asked, answered FROM traces WHERE request_id = ? AND time_ms >= ?`,
  ).get(requestId, sinceMs);
  return row === undefined ? null : withEntries(row as StoredRow);
}

export type TracesOf = { readonly requestIds: readonly string[]; readonly sinceMs: number };

const ofThese = 'request_id IN (SELECT value FROM json_each(@ids)) AND time_ms >= @sinceMs';

export function sizesOf(
  file: TraceFile,
  { requestIds, sinceMs }: TracesOf,
): Pick<TraceHead, 'requestId' | 'size'>[] {
  const sql = `SELECT request_id AS requestId, size FROM traces WHERE ${ofThese}`;
  return prepared(file, sql).all({ ids: JSON.stringify(requestIds), sinceMs }) as ReturnType<typeof sizesOf>;
}

export function readTracesOf(file: TraceFile, { requestIds, sinceMs }: TracesOf): StoredTrace[] {
  const sql = `SELECT ${heads}, asked, answered FROM traces WHERE ${ofThese}`;
  const rows = prepared(file, sql).all({ ids: JSON.stringify(requestIds), sinceMs });
  return rows.map((row) => withEntries(row as StoredRow));
}

export function listTraces(file: TraceFile, seek: TraceSeek): TracePage<TraceHead> {
  return page(file, heads, seek) as TracePage<TraceHead>;
}

/** The same with all that was said. */
export function readTraces(file: TraceFile, seek: TraceSeek): TracePage<StoredTrace> {
  const { rows, next } = page(file, `${heads}, asked, answered`, seek);
  return { rows: rows.map((row) => withEntries(row as StoredRow)), next };
}

type StoredRow = TraceHead & { readonly asked: string; readonly answered: string };

function withEntries({ asked, answered, ...head }: StoredRow): StoredTrace {
  // What we have written ourselves.
  return {
    ...head,
    asked: JSON.parse(asked) as TraceEntry[],
    answered: JSON.parse(answered) as TraceEntry[],
  };
}

function page(
  file: TraceFile,
  selected: string,
  { filters, limit, beforeSeq }: TraceSeek,
): TracePage<unknown> {
  const { where, values } = conditions(filters);
  const before = beforeSeq ?? Number.MAX_SAFE_INTEGER;
  const rows = prepared(
    file,
    `SELECT ${selected} FROM traces WHERE seq < @before ${where} ORDER BY seq DESC LIMIT @limit`,
  ).all({ ...values, before, limit }) as TraceHead[];
  return { rows, next: nextOf(rows, limit) };
}

function nextOf(rows: readonly TraceHead[], limit: number): number | null {
  return rows.length < limit ? null : (rows.at(-1)?.seq ?? null);
}

const conditionOf = {
  key: '(traces.key_id = @key OR traces.key_name = @key)',
  person: '(traces.person = @person OR traces.end_user = @person)',
  model: '(traces.model = @model OR traces.served_model = @model)',
  sinceMs: 'traces.time_ms >= @sinceMs',
  untilMs: 'traces.time_ms < @untilMs',
} as const;

function conditions(filters: TraceFilters): {
  readonly where: string;
  readonly values: Readonly<Record<string, string | number>>;
} {
  const given = Object.entries(filters).flatMap(([name, value]) =>
    value === undefined ? [] : [[name as keyof typeof conditionOf, value] as const],
  );
  return {
    where: given.map(([name]) => `AND ${conditionOf[name]}`).join(' '),
    values: Object.fromEntries(given),
  };
}

// --- searching -----------------------------------------------------------------------------------------------

export type TraceFound = TraceHead & {
  /** Some words around the first place. */
  readonly excerpt: string;
};

export type TraceHits = TracePage<TraceFound> & {
  /** How many fit in all. */
  readonly hits: number;
};

/** Newest day first. @throws AppError 400 where there is no word to look for */
export function searchTraces(
  file: TraceFile,
  { words, seek }: { readonly words: string; readonly seek: TraceSeek },
): TraceHits {
  const { where, values } = conditions(seek.filters);
  const bound = { ...values, match: matchOf(words) };
  const before = seek.beforeSeq ?? Number.MAX_SAFE_INTEGER;
  const rows: TraceFound[] = [];
  let hits = 0;
  for (const day of daysOf(file)) {
    const table = wordsOf(day);
    const from = `FROM ${table} JOIN traces ON traces.seq = ${table}.rowid WHERE ${table} MATCH @match`;
    hits += Number(prepared(file, `SELECT count(*) ${from} ${where}`).pluck().get(bound));
    const limit = seek.limit - rows.length;
    if (limit <= 0) continue;
    const sql = `SELECT ${heads}, snippet(${table}, -1, '', '', '…', 32) AS excerpt
      ${from} AND traces.seq < @before ${where} ORDER BY traces.seq DESC LIMIT @limit`;
    rows.push(...(prepared(file, sql).all({ ...bound, before, limit }) as TraceFound[]));
  }
  return { rows, next: nextOf(rows, seek.limit), hits };
}

/** Newest first. */
function daysOf(file: TraceFile): number[] {
  return prepared(file, 'SELECT DISTINCT day FROM traces ORDER BY day DESC').pluck().all().map(Number);
}

/** All words must be there, each at least as the beginning of one; what stands in quotes as it is. */
function matchOf(text: string): string {
  const parts = [...text.matchAll(/"([^"]*)"|([^\s"]+)/gu)].map(([, phrase, word]) =>
    phrase === undefined ? { text: word ?? '', suffix: '*' } : { text: phrase, suffix: '' },
  );
  const terms = parts.filter((part) => /[\p{L}\p{N}]/u.test(part.text));
  if (terms.length === 0) throw invalidRequest('Give at least one word to look for.', 'words');
  return terms.map((term) => `"${term.text.replaceAll('\0', ' ')}"${term.suffix}`).join(' AND ');
}
