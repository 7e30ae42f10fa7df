import { checkKeyId } from '../server/wire/checks.ts';
import { failureKinds, failureOf, type FailureKind } from '../server/wire/failures.ts';
import { logRow, type WireLogRow } from '../server/wire/admin.ts';
import type { LogFilters } from './api.ts';
import { periodOf, searchOf, spanOf, type Period, type Span } from './period.ts';
import { dayIn, type Day } from './zone.ts';

/** What the three parts of "Usage" show of the requests. All of it stands in the address, and goes along from part to part. */
export type RequestFilters = {
  readonly status?: WireLogRow['status'];
  /** Why it was not answered. */
  readonly failure?: FailureKind;
  /** Id of a key. */
  readonly key?: string;
  readonly person?: string;
  readonly model?: string;
  /** A part of the program's name. */
  readonly client?: string;
  /** From then on, and before then: moments in UTC. */
  readonly since?: string;
  readonly until?: string;
};

/** Which requests, whenever they came. */
export type WhoFilters = Omit<RequestFilters, 'since' | 'until'>;

const whoNames = ['status', 'failure', 'key', 'person', 'model', 'client'] as const;
const timeNames = ['period', 'from', 'to', 'since', 'until'] as const;
const viewNames = ['as', 'split'] as const;

/** What is not a filter in the address is ignored, not sent. */
export function readWho(search: URLSearchParams): WhoFilters {
  const text = (name: (typeof whoNames)[number]): string | undefined => search.get(name) ?? undefined;
  return withoutUndefined({
    status: logRow.shape.status.safeParse(text('status')).data,
    failure: failureKinds.find((kind) => kind === text('failure')),
    key: text('key'),
    person: text('person'),
    model: text('model'),
    client: text('client'),
  });
}

/** As the sums take it: they are not kept by program, and the page says so. */
export function withoutClient(who: WhoFilters): Omit<WhoFilters, 'client'> {
  const { client: _, ...others } = who;
  return others;
}

/** A time that the address names: days of the calendar, or a stretch that a chart has led to. */
export type NamedTime = { readonly period: Period; readonly span: Span; readonly isExact: boolean };

/** Null: it names none. Days are those of the server's zone. */
export function readTime(search: URLSearchParams, zone: string, now: Date): NamedTime | null {
  const today = dayIn(zone, now);
  const moment = (name: 'since' | 'until'): string | undefined =>
    logRow.shape.time.safeParse(search.get(name)).data;
  const [since, until] = [moment('since'), moment('until')];
  if (since !== undefined || until !== undefined) return exactTime({ since, until }, zone, today);
  if (!search.has('period')) return null;
  const period = periodOf(search, today);
  return { period, span: spanOf(period, zone), isExact: false };
}

/** One that is open at an end goes to the end of today, or as far back as the first day that is shown at once. */
function exactTime(
  { since, until }: { readonly since: string | undefined; readonly until: string | undefined },
  zone: string,
  today: Day,
): NamedTime {
  const whole = spanOf(periodOf(new URLSearchParams('period=year'), today), zone);
  const from = since ?? (until !== undefined && until < whole.from ? until : whole.from);
  const to = until ?? (from > whole.to ? from : whole.to);
  const first = dayIn(zone, new Date(from));
  const end = dayIn(zone, new Date(Date.parse(to) - 1));
  const period: Period = { name: 'custom', first, last: end < first ? first : end };
  return { period, span: { from, to }, isExact: true };
}

/** The filters of both kinds, as the list of requests takes them. */
export function withTime(who: WhoFilters, time: NamedTime | null): RequestFilters {
  return time === null ? who : { ...who, since: time.span.from, until: time.span.to };
}

/** The same place with other filters; the time and the way it is shown stay. */
export function searchWith(search: URLSearchParams, who: WhoFilters): URLSearchParams {
  const next = new URLSearchParams(withoutUndefined(who));
  for (const name of [...timeNames, ...viewNames]) copy(search, next, name);
  return next;
}

/** The same with another time; null for all times. */
export function searchAt(search: URLSearchParams, period: Period | null): URLSearchParams {
  const next = new URLSearchParams(withoutUndefined(readWho(search)));
  for (const [name, value] of new URLSearchParams(period === null ? '' : searchOf(period)))
    next.set(name, value);
  for (const name of viewNames) copy(search, next, name);
  return next;
}

/** The same without the row that is open, for another part of the page. */
export function searchOfPart(search: URLSearchParams): URLSearchParams {
  return searchWith(search, readWho(search));
}

function copy(from: URLSearchParams, to: URLSearchParams, name: string): void {
  const value = from.get(name);
  if (value !== null) to.set(name, value);
}

/** Where the list of such requests is; a row may be open in it. */
export function requestsAddress(filters: RequestFilters, id?: string): string {
  const search = new URLSearchParams(withoutUndefined(filters));
  if (id !== undefined) search.set('id', id);
  return withSearch('/log', search);
}

export function withSearch(path: string, search: URLSearchParams): string {
  return search.size === 0 ? path : `${path}?${search}`;
}

/** Whether a row that has just come belongs to a list of such. */
export function matches(row: WireLogRow, filters: RequestFilters & Pick<LogFilters, 'checks'>): boolean {
  const { status, failure, key, person, model, client, since, until, checks } = filters;
  return (
    (status === undefined || row.status === status) &&
    (failure === undefined || failureOf(row) === failure) &&
    (key === undefined || row.keyId === key || row.key === key) &&
    (person === undefined || row.person === person) &&
    (model === undefined || [row.model, row.servedModel, row.tried.at(-1)].includes(model)) &&
    (client === undefined || (row.client ?? '').toLowerCase().includes(client.toLowerCase())) &&
    (since === undefined || row.time >= since) &&
    (until === undefined || row.time < until) &&
    (checks === undefined || row.keyId !== checkKeyId)
  );
}

function withoutUndefined<T extends Record<string, string | undefined>>(
  values: T,
): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: Exclude<T[Name], undefined>;
  };
}
