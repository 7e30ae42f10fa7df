import { z } from 'zod';
import { language } from './text.ts';

/** What the doctor has found: `GET /api/doctor`. */

/** `unknown`: it could not be looked at, or nothing tells. */
export const checkState = z.enum(['ok', 'warn', 'bad', 'unknown']);
export type CheckState = z.infer<typeof checkState>;

/** Of both questions. */
export const doctorQuery = z.strictObject({ language: language.optional() });

const doctorCheck = z.object({
  /** Stays the same; for programs. */
  id: z.string(),
  title: z.string(),
  state: checkState,
  /** What was found, in one sentence or two. */
  sentence: z.string(),
  /** What to do about it; null where there is nothing to do. */
  fix: z.string().nullable(),
  /** Where in the console it is put right; null where that is elsewhere. Absent from what needs no server. */
  path: z.string().nullable().optional(),
  /** What was looked at to find that. */
  looked: z.string().nullable().optional(),
});
export type DoctorCheck = z.infer<typeof doctorCheck>;

export const doctorFindings = z.object({
  madeAt: z.iso.datetime(),
  version: z.string(),
  checks: z.array(doctorCheck),
});
export type DoctorFindings = z.infer<typeof doctorFindings>;
