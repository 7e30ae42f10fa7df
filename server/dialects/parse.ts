import type { z } from 'zod';
import { invalidRequest } from '../core/errors.ts';

/** The body as the schema sees it, or a part of it that stands `at` a path. Throws an AppError (400) that names the field. */
export function parseBody<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
  at = '',
): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = [...(at === '' ? [] : [at]), ...(issue?.path ?? [])].join('.');
  const what = issue?.message ?? 'not understood';
  if (path === '') throw invalidRequest(`The body is not what is expected here: ${what}.`);
  throw invalidRequest(`Invalid value for '${path}': ${what}.`, path);
}
