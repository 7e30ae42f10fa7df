import { forgetTraces, type DoomedTraces } from './forget.ts';
import { prepared, type TraceFile } from './file.ts';
import {
  insertTrace,
  listTraces,
  readTrace,
  readTraces,
  readTracesOf,
  searchTraces,
  sizesOf,
  type NewTrace,
  type StoredTrace,
  type TraceHead,
  type TraceHits,
  type TracePage,
  type TraceSeek,
  type TracesOf,
} from './rows.ts';

/** What the thread of the traces can be asked. Everything that goes in and comes out can be copied between threads. */
export type TraceJobs = {
  readonly keep: (trace: NewTrace) => void;
  readonly list: (seek: TraceSeek) => TracePage<TraceHead>;
  readonly readAll: (seek: TraceSeek) => TracePage<StoredTrace>;
  readonly read: (ask: { readonly requestId: string; readonly sinceMs: number }) => StoredTrace | null;
  /** Of which of these requests something is kept, and how much, in characters. */
  readonly sizes: (ask: TracesOf) => readonly Pick<TraceHead, 'requestId' | 'size'>[];
  /** What is kept of these requests, in no order. */
  readonly readOf: (ask: TracesOf) => readonly StoredTrace[];
  readonly search: (ask: { readonly words: string; readonly seek: TraceSeek }) => TraceHits;
  readonly forget: (doomed: DoomedTraces) => number;
  readonly sum: (sinceMs: number) => KeptTraces;
};

export type KeptTraces = {
  readonly count: number;
  /** In characters. */
  readonly size: number;
  readonly oldestMs: number | null;
};

export function traceJobs(file: TraceFile): TraceJobs {
  return {
    keep: (trace) => insertTrace(file, trace),
    list: (seek) => listTraces(file, seek),
    readAll: (seek) => readTraces(file, seek),
    read: (ask) => readTrace(file, ask),
    sizes: (ask) => sizesOf(file, ask),
    readOf: (ask) => readTracesOf(file, ask),
    search: (ask) => searchTraces(file, ask),
    forget: (doomed) => forgetTraces(file, doomed),
    sum: (sinceMs) =>
      prepared(
        file,
        `SELECT count(*) AS count, coalesce(sum(size), 0) AS size, min(time_ms) AS oldestMs FROM traces
         WHERE time_ms >= ?`,
      ).get(sinceMs) as KeptTraces,
  };
}
