import { invalidRequest } from '../core/errors.ts';
import type { LogStatus } from '../core/log-row.ts';
import type { TraceContent, TraceEntry, Tracing } from '../core/trace.ts';
import { statement, write, type Store } from './open.ts';

/** Prompts and answers that are kept. What comes here is masked already (`core/mask.ts`). */

/** Everything but what was said. */
export type TraceHead = {
  readonly seq: number;
  readonly requestId: string;
  readonly timeMs: number;
  readonly keyId: string;
  /** The key's name then. */
  readonly keyName: string;
  readonly person: string | null;
  readonly model: string | null;
  readonly servedModel: string | null;
  readonly status: LogStatus;
  readonly why: Tracing['why'];
  readonly leftOut: number;
  readonly masked: number;
  /** In characters of JSON. */
  readonly size: number;
};

export type StoredTrace = TraceHead & Pick<TraceContent, 'asked' | 'answered'>;

export type NewTrace = Omit<TraceHead, 'seq' | 'size' | 'leftOut' | 'masked'> & { readonly content: TraceContent };

export type TraceFilters = {
  /** A key's name or id. */
  readonly key?: string | undefined;
  readonly person?: string | undefined;
  /** What was asked for, or what served. */
  readonly model?: string | undefined;
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
};

export type TraceSeek = { readonly filters: TraceFilters; readonly limit: number; readonly beforeSeq: number | null };

/** Of several at a time, newest first; `next` goes on after the last. */
export type TracePage<Row> = { readonly rows: readonly Row[]; readonly next: number | null };

const headColumns = `seq, request_id AS requestId, time_ms AS timeMs, key_id AS keyId, key_name AS keyName, person, model,
  served_model AS servedModel, status, why, left_out AS leftOut, masked, size`;

/** Keeps one; a second of the same request changes nothing. */
export function insertTrace(store: Store, { content, ...trace }: NewTrace): void {
  const asked = JSON.stringify(content.asked);
  const answered = JSON.stringify(content.answered);
  const { leftOut, masked } = content;
  write(store, () =>
    statement(
      store,
      `INSERT INTO traces (request_id, time_ms, key_id, key_name, person, model, served_model, status, why, asked, left_out,
         answered, masked, size)
       VALUES (@requestId, @timeMs, @keyId, @keyName, @person, @model, @servedModel, @status, @why, @asked, @leftOut,
         @answered, @masked, @size)
       ON CONFLICT (request_id) DO NOTHING`,
    ).run({ ...trace, asked, answered, leftOut, masked, size: asked.length + answered.length }),
  );
}

/** What is kept of one request, or null. */
export function readTrace(store: Store, requestId: string): StoredTrace | null {
  const row = statement(
    store,
    `SELECT ${headColumns}, asked, answered FROM traces WHERE request_id = ?`,
  ).get(requestId);
  return row === undefined ? null : withEntries(row as StoredRow);
}

export function listTraces(store: Store, seek: TraceSeek): TracePage<TraceHead> {
  return page(store, headColumns, seek) as TracePage<TraceHead>;
}

/** The same with all that was said. */
export function readTraces(store: Store, seek: TraceSeek): TracePage<StoredTrace> {
  const { rows, next } = page(store, `${headColumns}, asked, answered`, seek);
  return { rows: rows.map((row) => withEntries(row as StoredRow)), next };
}

type StoredRow = TraceHead & { readonly asked: string; readonly answered: string };

function withEntries({ asked, answered, ...head }: StoredRow): StoredTrace {
  // What we have written ourselves.
  return { ...head, asked: JSON.parse(asked) as TraceEntry[], answered: JSON.parse(answered) as TraceEntry[] };
}

function page(store: Store, selected: string, seek: TraceSeek): TracePage<unknown> {
  const { where, values } = conditions(seek.filters);
  const rows = statement(
    store,
    `SELECT ${selected} FROM traces WHERE seq < @before ${where} ORDER BY seq DESC LIMIT @limit`,
  ).all({ ...values, ...bounds(seek) }) as TraceHead[];
  return { rows, next: nextOf(rows, seek.limit) };
}

function bounds({ limit, beforeSeq }: TraceSeek): { readonly limit: number; readonly before: number } {
  return { limit, before: beforeSeq ?? Number.MAX_SAFE_INTEGER };
}

function nextOf(rows: readonly TraceHead[], limit: number): number | null {
  return rows.length < limit ? null : (rows.at(-1)?.seq ?? null);
}

const conditionOf = {
  key: '(traces.key_id = @key OR traces.key_name = @key)',
  person: 'traces.person = @person',
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

/** Newest first, with how many fit in all. @throws AppError 400 where there is no word to look for */
export function searchTraces(
  store: Store,
  words: string,
  seek: TraceSeek,
): TracePage<TraceFound> & { readonly hits: number } {
  const { where, values } = conditions(seek.filters);
  const match = matchOf(words);
  const from = 'FROM trace_words JOIN traces ON traces.seq = trace_words.rowid WHERE trace_words MATCH @match';
  const columns = headColumns.replaceAll(/(^|, )\s*(\w+)/g, '$1traces.$2');
  const rows = statement(
    store,
    `SELECT ${columns}, snippet(trace_words, -1, '', '', '…', 32) AS excerpt ${from}
       AND trace_words.rowid < @before ${where} ORDER BY trace_words.rowid DESC LIMIT @limit`,
  ).all({ ...values, ...bounds(seek), match }) as TraceFound[];
  const hits = Number(
    statement(store, `SELECT count(*) ${from} ${where}`)
      .pluck()
      .get({ ...values, match }),
  );
  return { rows, next: nextOf(rows, seek.limit), hits };
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

// --- forgetting ----------------------------------------------------------------------------------------------

/** Which go. */
export type DoomedTraces =
  | { readonly beforeMs: number }
  | { readonly keyId: string }
  | { readonly person: string; readonly keyIds: readonly string[] }
  | { readonly requestId: string }
  | 'all';

/** So much text is taken out of the index at once: some milliseconds, so that no request waits for long. */
const mostSizeAtOnce = 150_000;

/** Removes some. @returns how many; 0 when there are no more */
export function deleteSomeTraces(store: Store, doomed: DoomedTraces): number {
  const [condition, values] = doomedCondition(doomed);
  const seqs = statement(
    store,
    `SELECT seq FROM (
       SELECT seq, sum(size) OVER (ORDER BY seq) - size AS before
       FROM (SELECT seq, size FROM traces WHERE ${condition} ORDER BY seq LIMIT 100))
     WHERE before < ${mostSizeAtOnce}`,
  )
    .pluck()
    .all(values);
  if (seqs.length === 0) return 0;
  return write(
    store,
    () =>
      statement(store, 'DELETE FROM traces WHERE seq IN (SELECT value FROM json_each(?))').run(
        JSON.stringify(seqs),
      ).changes,
  );
}

function doomedCondition(doomed: DoomedTraces): readonly [string, Readonly<Record<string, string | number>>] {
  if (doomed === 'all') return ['TRUE', {}];
  if ('beforeMs' in doomed) return ['time_ms < @beforeMs', doomed];
  if ('keyId' in doomed) return ['key_id = @keyId', doomed];
  if ('requestId' in doomed) return ['request_id = @requestId', doomed];
  return [
    '(person = @person OR key_id IN (SELECT value FROM json_each(@keyIds)))',
    { person: doomed.person, keyIds: JSON.stringify(doomed.keyIds) },
  ];
}

export type KeptTraces = { readonly count: number; readonly size: number; readonly oldestMs: number | null };

export function sumTraces(store: Store): KeptTraces {
  return statement(
    store,
    'SELECT count(*) AS count, coalesce(sum(size), 0) AS size, min(time_ms) AS oldestMs FROM traces',
  ).get() as KeptTraces;
}
