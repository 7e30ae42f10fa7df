import type { ExportRecord, SetExportRequest } from '../../server/wire/exports.ts';

/** An export as its form holds it. Secrets are never filled in: what is kept is not told. */

export const exportKinds = [
  'postgres',
  'langfuse',
  'otlp',
] as const satisfies readonly ExportRecord['kind'][];

export const exampleOf: Readonly<Record<ExportRecord['kind'], string>> = {
  postgres: 'postgres://inglenook@db-box:5432/office',
  langfuse: 'http://langfuse-box:3000',
  otlp: 'http://collector-box:4318',
};

export type ExportForm = {
  kind: ExportRecord['kind'];
  name: string;
  url: string;
  password: string;
  publicKey: string;
  secretKey: string;
  /** One `Name: value` a line. */
  headers: string;
  mayLeave: boolean;
  people: boolean;
  /** Of traced devices; a database never gets them. */
  prompts: boolean;
};

export function exportForm(record: ExportRecord | null): ExportForm {
  return {
    kind: record?.kind ?? 'postgres',
    name: record?.name ?? '',
    url: record?.url ?? '',
    password: '',
    publicKey: '',
    secretKey: '',
    headers: '',
    mayLeave: record?.mayLeave ?? false,
    people: record?.people ?? true,
    // As the server would decide for a new one in the office.
    prompts: record?.prompts ?? true,
  };
}

export const exportNamePattern = /^[a-z0-9][a-z0-9-]{0,39}$/;

/** Null where a line is not a header. */
export function headersOf(text: string): Record<string, string> | null {
  const lines = text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line]));
  const pairs = lines.map((line) => /^\s*([^\s:]+)\s*:\s*(.*?)\s*$/.exec(line));
  if (pairs.includes(null)) return null;
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? '']));
}

/** What is left empty is left as it is. */
export function exportRequest(form: ExportForm): SetExportRequest {
  const { kind, url, mayLeave, people, prompts } = form;
  const common = { url: url.trim(), mayLeave, people };
  switch (kind) {
    case 'postgres':
      return { kind, ...common, ...(form.password === '' ? {} : { password: form.password }) };
    case 'langfuse':
      return {
        kind,
        ...common,
        prompts,
        ...(form.publicKey.trim() === '' ? {} : { publicKey: form.publicKey.trim() }),
        ...(form.secretKey.trim() === '' ? {} : { secretKey: form.secretKey.trim() }),
      };
    case 'otlp': {
      const headers = headersOf(form.headers) ?? {};
      return { kind, ...common, prompts, ...(Object.keys(headers).length === 0 ? {} : { headers }) };
    }
    default:
      return kind satisfies never;
  }
}
