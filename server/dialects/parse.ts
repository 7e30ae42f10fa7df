import type { z } from 'zod';
import { invalidRequest } from '../core/errors.ts';

/** The body as the schema sees it. Throws an AppError (400) that names the field. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = issue?.path.join('.') ?? '';
  throw invalidRequest(`Invalid value for '${path}': ${issue?.message ?? 'not understood'}.`, path);
}
