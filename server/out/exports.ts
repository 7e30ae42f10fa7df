import type { Clock, Timers } from '../core/clock.ts';
import { invalidRequest } from '../core/errors.ts';
import type { Export, ExportSecret } from '../core/export.ts';
import type { Logger } from '../core/logger.ts';
import type { IsOffline } from '../core/offline.ts';
import {
  exportBacklog,
  findExport,
  getExportProgress,
  getExportSecret,
  listExports,
  removeExport,
  saveExport,
  saveExportProgress,
} from '../store/exports.ts';
import type { Store } from '../store/open.ts';
import type { Reader } from '../store/threads/reader.ts';
import type { ExportRecord, ExportTest, SetExportRequest } from '../wire/exports.ts';
import { requireExportAddress, type GivenAddress } from './addresses.ts';
import type { Contents } from './content.ts';
import { startExportRun, type ExportRun } from './export-run.ts';
import { otlpReceiver } from './otlp/otlp-receiver.ts';
import { postgresReceiver } from './postgres/postgres-receiver.ts';
import type { Receiver } from './receiver.ts';

/** Where the log goes besides. All of it happens in the background; no request waits for any of it. */
export type Exports = {
  readonly list: () => ExportRecord[];
  readonly find: (name: string) => ExportRecord | null;
  /** Makes it, or changes it. @throws AppError 400 for an address that nothing may be sent to */
  readonly set: (name: string, wanted: SetExportRequest) => Promise<ExportRecord>;
  /** What has arrived there stays there. False where there is none. */
  readonly remove: (name: string) => Promise<boolean>;
  /** Whether rows could be sent; if so they are, at once. Null where there is none. */
  readonly test: (name: string, signal: AbortSignal) => Promise<ExportTest | null>;
  /** Begins with what is kept, when the server answers. */
  readonly begin: () => void;
  /** Whether the server may go online has changed: what may leave the office begins anew. */
  readonly follow: () => Promise<void>;
  /** Ends what is under way. What has not arrived is sent after the next start. */
  readonly close: () => Promise<void>;
};

export type ExportServices = {
  readonly store: Store;
  readonly reader: Reader;
  readonly serverSecret: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly version: string;
  /** Then nothing goes to an address outside the office, whatever an export may. */
  readonly isOffline: IsOffline;
  readonly port: () => number;
  readonly contents: Contents;
};

const testTimeoutMs = 15_000;

export function createExports(services: ExportServices): Exports {
  const { store, reader, serverSecret, clock, timers, log } = services;
  const runs = new Map<string, ExportRun>();
  let isOpen = false;
  let lastChange: Promise<unknown> = Promise.resolve();

  /** Changes come one after another, so that no export is at work twice. */
  function inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const done = lastChange.then(change);
    lastChange = done.catch(() => {});
    return done;
  }

  function receiverOf(kept: Export): Receiver | null {
    const { secret, isLost } = getExportSecret(store, kept.name, serverSecret);
    if (isLost) return null;
    const wanted = { ...kept, mayLeave: kept.mayLeave && !services.isOffline() };
    if (wanted.kind === 'postgres') return postgresReceiver(wanted, secret);
    const { version, port, contents } = services;
    return otlpReceiver({ export: wanted, secret, version, port, contents });
  }
  function start(wanted: Export): void {
    const progress = getExportProgress(store, wanted.name);
    const receiver = receiverOf(wanted);
    if (progress === null || receiver === null || !isOpen) return;
    const run = startExportRun({
      name: wanted.name,
      receiver,
      start: progress,
      readRows: (ask) => reader.read('rowsAfter', ask),
      save: (next) => saveExportProgress(store, wanted.name, next),
      clock,
      timers,
      log,
    });
    runs.set(wanted.name, run);
  }
  async function end(name: string): Promise<void> {
    const run = runs.get(name);
    runs.delete(name);
    await run?.stop();
  }
  function recordOf(wanted: Export): ExportRecord {
    const { isSet, isLost } = getExportSecret(store, wanted.name, serverSecret);
    const run = runs.get(wanted.name);
    const progress = run?.progress() ?? getExportProgress(store, wanted.name);
    const problem = isLost ? lostSecret : (progress?.lastFailure ?? null);
    const isNew = progress?.lastSuccessMs == null;
    return {
      name: wanted.name,
      kind: wanted.kind,
      url: wanted.url,
      mayLeave: wanted.mayLeave,
      people: wanted.people,
      prompts: wanted.prompts,
      hasSecret: isSet,
      createdAt: isoOf(wanted.createdMs) ?? '',
      state: problem !== null ? 'failing' : isNew ? 'waiting' : 'ok',
      problem,
      backlog: progress === null ? 0 : exportBacklog(store, progress.cursor),
      sent: progress?.sent ?? 0,
      skipped: progress?.skipped ?? 0,
      lastSuccessAt: isoOf(progress?.lastSuccessMs ?? null),
      lastFailureAt: isoOf(progress?.lastFailureMs ?? null),
      nextTryAt: isoOf(run?.nextTryMs() ?? null),
    };
  }
  const find = (name: string): ExportRecord | null => {
    const found = findExport(store, name);
    return found === null ? null : recordOf(found);
  };
  async function set(name: string, wanted: SetExportRequest): Promise<ExportRecord> {
    const mayLeave = wanted.mayLeave ?? findExport(store, name)?.mayLeave ?? false;
    const address = await requireExportAddress(wanted.kind, wanted.url, { mayLeave });
    return await inTurn(() => change(name, wanted, { ...address, mayLeave }));
  }
  async function change(
    name: string,
    wanted: SetExportRequest,
    { url, password, mayLeave }: GivenAddress & Pick<Export, 'mayLeave'>,
  ): Promise<ExportRecord> {
    const before = findExport(store, name);
    const people = wanted.people ?? before?.people ?? true;
    const after: Export = {
      name,
      kind: wanted.kind,
      url,
      mayLeave,
      people,
      prompts: givesPrompts(wanted, before, { url, mayLeave, people }),
      createdMs: before?.createdMs ?? clock.nowMs(),
    };
    const secret = secretOf(wanted, { before, after, password });
    await end(name);
    try {
      saveExport(store, after, { secret, from: beginningOf(wanted, before), serverSecret });
    } finally {
      const kept = findExport(store, name);
      if (kept !== null) start(kept);
    }
    log.info('An export was set.', { export: name, kind: after.kind, mayLeave, prompts: after.prompts });
    return recordOf(after);
  }
  async function remove(name: string): Promise<boolean> {
    const found = findExport(store, name);
    if (found === null) return false;
    await end(name);
    try {
      removeExport(store, name);
    } catch (error) {
      start(found);
      throw error;
    }
    log.info('An export was removed.', { export: name });
    return true;
  }
  return {
    list: () => listExports(store).map(recordOf),
    find,
    set,
    remove: (name) => inTurn(() => remove(name)),
    async test(name, signal) {
      const found = findExport(store, name);
      if (found === null) return null;
      const receiver = receiverOf(found);
      if (receiver === null) return { works: false, reason: lostSecret, latencyMs: 0 };
      const beganMs = clock.monotonicMs();
      const reason = await tryOut(receiver, signal, timers);
      if (reason === null) runs.get(name)?.wake();
      return { works: reason === null, reason, latencyMs: Math.round(clock.monotonicMs() - beganMs) };
    },
    begin() {
      isOpen = true;
      for (const wanted of listExports(store)) start(wanted);
    },
    follow: () =>
      inTurn(async () => {
        for (const wanted of listExports(store).filter(({ mayLeave }) => mayLeave)) {
          await end(wanted.name);
          start(wanted);
        }
      }),
    async close() {
      isOpen = false;
      await lastChange;
      await Promise.all([...runs.keys()].map(end));
    },
  };
}

const lostSecret =
  'Its password or keys cannot be read any more, since the server’s secret is another than before. Give them again.';

async function tryOut(receiver: Receiver, signal: AbortSignal, timers: Timers): Promise<string | null> {
  const late = new AbortController();
  const cancel = timers.after(testTimeoutMs, () => late.abort(new Error('It does not answer in time.')));
  try {
    await receiver.check(AbortSignal.any([signal, late.signal]));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : 'Something went wrong.';
  } finally {
    cancel();
  }
}

/** A database is usually wanted whole, a dashboard from now on. */
function beginningOf({ history, kind }: SetExportRequest, before: Export | null): 'first' | 'next' | null {
  if (history !== undefined) return history ? 'first' : 'next';
  if (before !== null) return null;
  return kind === 'postgres' ? 'first' : 'next';
}

/**
 * Undefined: what is kept stays. A secret is for the server it was given for: whoever changes the address does not send it
 * to another.
 */
function secretOf(
  wanted: SetExportRequest,
  {
    before,
    after,
    password,
  }: { readonly before: Export | null; readonly after: Export; readonly password: string | null },
): ExportSecret | null | undefined {
  const given = givenSecret(wanted, password);
  if (given !== undefined) return given;
  const isSame = before !== null && before.kind === after.kind && serverOf(before) === serverOf(after);
  if (wanted.kind === 'langfuse' && !isSame) {
    throw invalidRequest('Langfuse wants both of its keys: the public and the secret one.', 'secretKey');
  }
  return isSame ? undefined : null;
}

function givenSecret(wanted: SetExportRequest, password: string | null): ExportSecret | null | undefined {
  switch (wanted.kind) {
    case 'postgres': {
      const given = wanted.password === undefined ? (password ?? undefined) : wanted.password;
      return given == null ? given : { password: given };
    }
    case 'otlp':
      return wanted.headers == null ? wanted.headers : { headers: wanted.headers };
    case 'langfuse': {
      const { publicKey, secretKey } = wanted;
      if (publicKey === undefined && secretKey === undefined) return undefined;
      if (publicKey == null || secretKey == null) {
        throw invalidRequest('Langfuse wants both of its keys: the public and the secret one.', 'secretKey');
      }
      return { publicKey, secretKey };
    }
  }
}

/** Outside the office, and for another server there than before, only where somebody says so. */
function givesPrompts(
  wanted: SetExportRequest,
  before: Export | null,
  { url, mayLeave, people }: Pick<Export, 'url' | 'mayLeave' | 'people'>,
): boolean {
  if (wanted.kind === 'postgres') return false;
  if (wanted.prompts === true && !people) {
    throw invalidRequest(
      'Prompts tell who asks, so an export without people gets none: leave one of both out.',
      'prompts',
    );
  }
  const usual = before !== null && before.kind !== 'postgres' ? before.prompts : true;
  const isKnown = before?.mayLeave === true && serverOf(before) === serverOf({ url });
  return wanted.prompts ?? (usual && people && (!mayLeave || isKnown));
}

function serverOf({ url }: Pick<Export, 'url'>): string {
  const { protocol, host, username } = new URL(url);
  return `${protocol}//${username}@${host}`;
}

function isoOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
