import { z } from 'zod';

const isoTime = z.iso.datetime();

/** What every export has. */
const common = {
  /** Whether it may lie outside the office. */
  mayLeave: z.boolean().optional(),
  /** Whether it is told who asked: key, person, device, end user and address. Usually so. */
  people: z.boolean().optional(),
  /** True: all rows there are, and those to come; false: those to come. Left out: from where it is. */
  history: z.boolean().optional(),
};
/**
 * Whether it is given what was said in traced requests, masked. Left out: as before; for a new one that lies in the office
 * and is told who asked, yes.
 */
const prompts = z.boolean().optional();
const url = z.string().trim().min(1).max(2000);
const secret = z.string().min(1).max(4096);
const headerName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, 'names of headers');
const headerValue = z.string().regex(/^[\t\x20-\x7e]{0,4096}$/, 'values that a header can hold');

/** `PUT /api/exports/:name`. Secrets are write-only: left out they stay as they are, null takes them away. */
export const setExportRequest = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('postgres'),
    /** `postgres://user@host:5432/database`; `?sslmode=` disable, require or verify-full. */
    url,
    password: secret.nullish(),
    ...common,
  }),
  z.strictObject({
    kind: z.literal('otlp'),
    /** A collector's address; without a path, `/v1/traces` is meant. */
    url,
    headers: z.record(headerName, headerValue).nullish(),
    prompts,
    ...common,
  }),
  z.strictObject({
    kind: z.literal('langfuse'),
    /** Where Langfuse itself lies. */
    url,
    publicKey: secret.nullish(),
    secretKey: secret.nullish(),
    prompts,
    ...common,
  }),
]);
export type SetExportRequest = z.infer<typeof setExportRequest>;

export const exportName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'small letters, digits and hyphens, at most 40');

export const exportRecord = z.object({
  name: z.string(),
  kind: z.enum(['postgres', 'otlp', 'langfuse']),
  url: z.string(),
  mayLeave: z.boolean(),
  people: z.boolean(),
  /** Whether it is given what was said in traced requests, masked; outside the office only of keys that may leave it. */
  prompts: z.boolean(),
  hasSecret: z.boolean(),
  createdAt: isoTime,
  /** `waiting`: nothing was sent yet. */
  state: z.enum(['waiting', 'ok', 'failing']),
  /** Why the last try failed and what to do; null while all is well. */
  problem: z.string().nullable(),
  /** Rows that have not arrived there yet. */
  backlog: z.number().int(),
  /** Rows that have. */
  sent: z.number().int(),
  /** Rows that the receiver will never take; passed over, and named in the server's log. */
  skipped: z.number().int(),
  lastSuccessAt: isoTime.nullable(),
  lastFailureAt: isoTime.nullable(),
  /** When it is tried again after a failure. */
  nextTryAt: isoTime.nullable(),
});
export type ExportRecord = z.infer<typeof exportRecord>;
export const exportList = z.array(exportRecord);

/** `POST /api/exports/:name/test` */
export const exportTest = z.object({
  works: z.boolean(),
  reason: z.string().nullable(),
  latencyMs: z.number(),
});
export type ExportTest = z.infer<typeof exportTest>;
