import { z } from 'zod';
import { keyRecord } from './admin.ts';

/** Kept prompts and answers: `/api/traces`, and everything of one person: `/api/people`. */

const isoTime = z.iso.datetime();
const name = z.string().max(200);

/** Everything but what was said. */
export const traceHead = z.object({
  requestId: z.string(),
  time: isoTime,
  /** The key's name then. */
  key: z.string(),
  keyId: z.string(),
  person: z.string().nullable(),
  /** For whom the client said it asked. */
  endUser: z.string().nullable(),
  model: z.string().nullable(),
  servedModel: z.string().nullable(),
  status: z.enum(['ok', 'error', 'cancelled', 'refused']),
  /** Whether this key was traced, or the office's policy kept everybody's. */
  why: z.enum(['key', 'office']),
  /** Pieces of the prompt before the first that was kept. */
  leftOut: z.number().int(),
  /** Places where a secret was masked. */
  masked: z.number().int(),
  characters: z.number().int(),
});
export type WireTraceHead = z.infer<typeof traceHead>;

const traceEntry = z.object({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  /** `call`: `name` is the tool's, `text` its arguments. `tools`: the names of what was offered. `media`: a note. */
  kind: z.enum(['text', 'reasoning', 'call', 'tools', 'media']),
  name: z.string().nullable(),
  text: z.string(),
  /** Characters at its end that were not kept. */
  cut: z.number().int(),
  /** Which of several prompts or answers it belongs to. */
  choice: z.number().int(),
});

export const traceRecord = traceHead.extend({ asked: z.array(traceEntry), answered: z.array(traceEntry) });
export type TraceRecord = z.infer<typeof traceRecord>;

const filters = {
  /** A key's name or id. */
  key: name.optional(),
  /** Whose key it was, or for whom it was asked. */
  person: name.optional(),
  /** What was asked for, or what served. */
  model: name.optional(),
  since: isoTime.optional(),
  until: isoTime.optional(),
};
const cursor = z.string().regex(/^\d{1,15}$/, 'what `next` of the page before says');

/** `GET /api/traces`: newest first, without what was said. */
export const tracesQuery = z.strictObject({
  ...filters,
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: cursor.optional(),
});
export type TracesQuery = z.infer<typeof tracesQuery>;

export const tracesPage = z.object({ traces: z.array(traceHead), next: z.string().nullable() });
export type TracesPage = z.infer<typeof tracesPage>;

/** `POST /api/traces/search`. Words are in the body, so that they stand in no address and no log. */
export const searchTracesRequest = z.strictObject({
  ...filters,
  /** All must be there, each as the beginning of a word; what stands in quotes as it is. */
  words: z.string().trim().min(1).max(500),
  limit: z.number().int().min(1).max(200).default(50),
  cursor: cursor.optional(),
});
export type SearchTracesRequest = z.infer<typeof searchTracesRequest>;

export const tracesFound = z.object({
  traces: z.array(traceHead.extend({ excerpt: z.string() })),
  /** How many fit in all. */
  hits: z.number().int(),
  next: z.string().nullable(),
});
export type TracesFound = z.infer<typeof tracesFound>;

/** `DELETE /api/traces`: one key's, one person's, or `all=true`. */
export const forgetTracesQuery = z
  .strictObject({ key: name.optional(), person: name.optional(), all: z.literal('true').optional() })
  .refine(
    (query) => Object.values(query).filter((value) => value !== undefined).length === 1,
    'Say whose: key, person, or all=true.',
  );
export type ForgetTracesQuery = z.infer<typeof forgetTracesQuery>;

export const forgottenTraces = z.object({ erased: z.number().int() });
export type ForgottenTraces = z.infer<typeof forgottenTraces>;

// --- people --------------------------------------------------------------------------------------------------

/** `GET /api/people/:person/export`: everything held of one person, as a file. Written piece by piece. */
export const personExport = z.object({
  person: z.string(),
  madeAt: isoTime,
  /** What is not in it, where that is kept, and why; in sentences. */
  notes: z.array(z.string()),
  /** Their devices are their keys. */
  keys: z.array(keyRecord),
  invitations: z.array(z.record(z.string(), z.unknown())),
  /** Encrypted by the device's own key: nobody else can read what is in them. */
  responses: z.array(
    z.object({ id: z.string(), keyId: z.string(), createdAt: isoTime, bytes: z.number().int() }),
  ),
  /** Rows of the log, of their keys and of those that asked for them. */
  requests: z.array(z.record(z.string(), z.unknown())),
  traces: z.array(traceRecord),
});

/** `DELETE /api/people/:person` */
export const erasedPerson = z.object({
  person: z.string(),
  keys: z.number().int(),
  invitations: z.number().int(),
  responses: z.number().int(),
  traces: z.number().int(),
  /** Rows of the log that do not tell any more whose they were. Sums are as before. */
  requests: z.number().int(),
  /** Where something of them is left, in sentences for the owner. */
  left: z.array(z.string()),
});
export type ErasedPerson = z.infer<typeof erasedPerson>;
