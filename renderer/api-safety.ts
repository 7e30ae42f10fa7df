import {
  auditPage,
  auditVerification,
  type AuditRecord,
  type AuditVerification,
} from '../server/wire/audit.ts';
import {
  backupState,
  createdBackup,
  restoreState,
  type BackupScheduleRequest,
  type BackupState,
  type CreateBackupRequest,
  type CreatedBackup,
  type RestoreRequest,
  type RestoreState,
} from '../server/wire/backup.ts';
import {
  exportList,
  exportRecord,
  exportTest,
  type ExportRecord,
  type ExportTest,
  type SetExportRequest,
} from '../server/wire/exports.ts';
import {
  erasedPerson,
  forgottenTraces,
  traceRecord,
  tracesFound,
  tracesPage,
  type ErasedPerson,
  type ForgottenTraces,
  type TraceRecord,
  type TracesFound,
  type TracesPage,
} from '../server/wire/traces.ts';
import { retentionState, type PurgeRequest, type RetentionState } from '../server/wire/usage.ts';
import { call, callForFile, ignored } from './api.ts';

/** The owner's data: how long they are kept, where they go, how they are kept safe, and who did what. */

export function getRetention(): Promise<RetentionState> {
  return call(retentionState, 'GET', '/api/retention');
}

/** Answers when it is done, or after a while with how far it is. */
export function purge(request: PurgeRequest): Promise<RetentionState> {
  return call(retentionState, 'POST', '/api/retention/purge', request);
}

// --- kept prompts ------------------------------------------------------------------------------------------

/** How many there are, and the newest, without what was said: no more than the log tells. */
export function getTraces(): Promise<TracesPage> {
  return call(tracesPage, 'GET', '/api/traces?limit=1');
}

export type TraceSearch = {
  readonly words: string;
  readonly key?: string;
  readonly person?: string;
  readonly cursor?: string;
};

/** Each search is a row of the audit. */
export function searchTraces(search: TraceSearch): Promise<TracesFound> {
  return call(tracesFound, 'POST', '/api/traces/search', { ...search, limit: 20 });
}

/** So is each reading. */
export function readTrace(requestId: string): Promise<TraceRecord> {
  return call(traceRecord, 'GET', `/api/traces/${encodeURIComponent(requestId)}`);
}

export function forgetTrace(requestId: string): Promise<ForgottenTraces> {
  return call(forgottenTraces, 'DELETE', `/api/traces/${encodeURIComponent(requestId)}`);
}

export function forgetAllTraces(): Promise<ForgottenTraces> {
  return call(forgottenTraces, 'DELETE', '/api/traces?all=true');
}

// --- one person --------------------------------------------------------------------------------------------

/** Where the browser gets everything that is held of a person. */
export function personFile(person: string): string {
  return `/api/people/${encodeURIComponent(person)}/export`;
}

export function erasePerson(person: string): Promise<ErasedPerson> {
  return call(erasedPerson, 'DELETE', `/api/people/${encodeURIComponent(person)}`);
}

// --- backup ------------------------------------------------------------------------------------------------

export function getBackups(): Promise<BackupState> {
  return call(backupState, 'GET', '/api/backups');
}

export function createBackup(request: CreateBackupRequest): Promise<CreatedBackup> {
  return call(createdBackup, 'POST', '/api/backups', request);
}

export function fetchBackup(passphrase: string): ReturnType<typeof callForFile> {
  return callForFile('/api/backups/download', { passphrase });
}

export function setBackupSchedule(request: BackupScheduleRequest): Promise<BackupState> {
  return call(backupState, 'PUT', '/api/backups/schedule', request);
}

export function runBackup(): Promise<CreatedBackup> {
  return call(createdBackup, 'POST', '/api/backups/run');
}

export function getRestore(): Promise<RestoreState> {
  return call(restoreState, 'GET', '/api/restore');
}

export function prepareRestore(request: RestoreRequest): Promise<RestoreState> {
  return call(restoreState, 'POST', '/api/restore', request);
}

export function cancelRestore(): Promise<RestoreState> {
  return call(restoreState, 'DELETE', '/api/restore');
}

// --- exports -----------------------------------------------------------------------------------------------

export function getExports(): Promise<ExportRecord[]> {
  return call(exportList, 'GET', '/api/exports');
}

export function setExport(wanted: {
  readonly name: string;
  readonly request: SetExportRequest;
}): Promise<ExportRecord> {
  return call(exportRecord, 'PUT', exportPath(wanted.name), wanted.request);
}

export function testExport(name: string): Promise<ExportTest> {
  return call(exportTest, 'POST', `${exportPath(name)}/test`);
}

export async function removeExport(name: string): Promise<void> {
  await call(ignored, 'DELETE', exportPath(name));
}

function exportPath(name: string): string {
  return `/api/exports/${encodeURIComponent(name)}`;
}

// --- audit -------------------------------------------------------------------------------------------------

export type AuditFilters = {
  readonly actor?: AuditRecord['actor'];
  readonly outcome?: AuditRecord['outcome'];
};

/** Newest first; `before` is the last row of the page before. */
export function getAudit(
  filters: AuditFilters,
  limit: number,
  before: number | null,
): Promise<AuditRecord[]> {
  const query = new URLSearchParams({ limit: String(limit), ...filters });
  if (before !== null) query.set('before', String(before));
  return call(auditPage, 'GET', `/api/audit?${query}`);
}

/** `expected`: a row and its hash from an earlier report, which must still hold. */
export function verifyAudit(expected: string | null): Promise<AuditVerification> {
  return call(auditVerification, 'POST', '/api/audit/verify', expected === null ? {} : { expected });
}

/** The dated page that a security review asks for. */
export function reportPage(language: 'en' | 'de'): string {
  return `/api/security-report?language=${language}`;
}
