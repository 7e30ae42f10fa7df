import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { CreatedKey } from '../../../server/wire/admin.ts';
import type { AuditRecord } from '../../../server/wire/audit.ts';
import type { TraceRecord, TracesPage } from '../../../server/wire/traces.ts';
import type { ComposedServer } from '../../fakes/composed.ts';
import type { FakeAnswer } from '../../fakes/fake-engine.ts';

/** Words that occur nowhere else, so that finding one anywhere means it was kept there. */
export const canary = { asked: 'Wolkenkratzerkanarie', answered: 'Zaunkoenigantwort' };

export const answers: Partial<FakeAnswer> = { words: ['The ', canary.answered, ' says ', 'it.'] };
export function newDataDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'inglenook-tracing-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export async function makeKey(
  server: ComposedServer,
  more: Record<string, unknown> = {},
): Promise<CreatedKey> {
  return (await server.admin('POST', '/keys', { name: 'mia laptop', person: 'Mia', ...more })) as CreatedKey;
}

type Asked = {
  readonly key: string;
  readonly text?: string;
  readonly body?: Record<string, unknown>;
  readonly signal?: AbortSignal;
};

export function ask(
  server: ComposedServer,
  { key, text = canary.asked, body = {}, signal }: Asked,
): Promise<Response> {
  return fetch(`${server.address}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'fake-model', messages: [{ role: 'user', content: text }], ...body }),
    ...(signal === undefined ? {} : { signal }),
  });
}

export const idOf = (response: Response): string => response.headers.get('x-request-id') ?? '';
export const list = async (server: ComposedServer): Promise<TracesPage['traces']> =>
  ((await server.admin('GET', '/traces')) as TracesPage).traces;
export const read = async (server: ComposedServer, id: string): Promise<TraceRecord> =>
  (await server.admin('GET', `/traces/${id}`)) as TraceRecord;
export const audited = async (server: ComposedServer, act: string): Promise<AuditRecord[]> =>
  (await server.admin('GET', `/audit?act=${act}`)) as AuditRecord[];

/** The files of the folder that hold the text, in UTF-8 or UTF-16. */
export function filesWith(dir: string, text: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const path = join(dir, name);
    if (!statSync(path).isFile()) return false;
    const bytes = readFileSync(path);
    return bytes.includes(text) || bytes.includes(Buffer.from(text, 'utf16le'));
  });
}
