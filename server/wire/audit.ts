import { z } from 'zod';

/** The audit of the admin API: who has done what with this server's powers. */

const isoTime = z.iso.datetime();

const auditActor = z.enum(['owner', 'device', 'server', 'stranger']);
const auditOutcome = z.enum(['done', 'refused', 'failed']);

export const auditRecord = z.object({
  seq: z.number().int(),
  time: isoTime,
  /** `stranger`: nobody who was known, such as somebody with a wrong password. */
  actor: auditActor,
  via: z.enum(['password', 'window', 'token', 'pairing']).nullable(),
  ip: z.string().nullable(),
  client: z.string().nullable(),
  /** Such as `key.create`. */
  act: z.string(),
  /** What it was done to, by its name. */
  object: z.string().nullable(),
  outcome: auditOutcome,
  /** Why it was not done. */
  code: z.string().nullable(),
  /** What was changed, as far as it may be said: never a secret or a prompt. */
  details: z.record(z.string(), z.unknown()),
  /** SHA-256 over the hash before and this row, in hex. */
  hash: z.string(),
});
export type AuditRecord = z.infer<typeof auditRecord>;
export const auditPage = z.array(auditRecord);

/** `GET /api/audit`: newest first; `before` (the last `seq` of a page) gives the next page. */
export const auditQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  before: z.coerce.number().int().min(1).optional(),
  /** One act, or a family of them: `key` finds `key.create` and its like. */
  act: z.string().max(100).optional(),
  actor: auditActor.optional(),
  outcome: auditOutcome.optional(),
  object: z.string().max(300).optional(),
  since: isoTime.optional(),
  until: isoTime.optional(),
});
export type AuditQuery = z.infer<typeof auditQuery>;

/** `SEQ:HASH` as an earlier verification or security report printed it: the chain must still hold that row. */
const expectedLink = z
  .string()
  .regex(/^\d{1,15}:[0-9a-f]{64}$/, 'a row and its hash, such as 120:9f86…, from an earlier report');

/** `POST /api/audit/verify` */
export const verifyAuditRequest = z.strictObject({ expected: expectedLink.optional() });

export const auditVerification = z.object({
  ok: z.boolean(),
  checkedAt: isoTime,
  /** How many rows were checked. */
  rows: z.number().int(),
  /** Rows up to this one were deleted on purpose after their time; 0 for none. */
  purgedThrough: z.number().int(),
  /** The newest row; keep `SEQ:HASH` elsewhere, and a later verification can be held to it. */
  head: z.object({ seq: z.number().int(), hash: z.string() }),
  /** At most twenty; each a sentence for the owner. */
  problems: z.array(
    z.object({
      kind: z.enum([
        'row-changed',
        'rows-missing',
        'end-missing',
        'end-unsigned',
        'checkpoint-unsigned',
        'guards-missing',
        'not-as-expected',
        'noticed-before',
      ]),
      seq: z.number().int().nullable(),
      sentence: z.string(),
    }),
  ),
});
export type AuditVerification = z.infer<typeof auditVerification>;
