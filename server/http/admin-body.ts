import type { Request, Response } from 'express';
import type { z } from 'zod';
import { AppError, invalidRequest } from '../core/errors.ts';
import { countHeader } from './host-check.ts';
import { jsonReader, letGo, notJson, readBytes } from './read-json.ts';

/** Bodies of the admin API. */
export const readBody = bodyReader(64 * 1024);

/**
 * Stricter than for clients of the API, of whom there are all kinds: one Content-Type, `application/json` by that very
 * name, in UTF-8 if it says how (security.md #18, #19, #46). A request without a body need not say a type.
 * @throws AppError 400, 415
 */
export function requireJsonOrNothing(request: Request): void {
  const { 'content-type': type, 'content-length': length, 'transfer-encoding': coding } = request.headers;
  const hasBody = coding !== undefined || Number(length ?? 0) > 0;
  if (type === undefined && !hasBody) return;
  if (countHeader(request.rawHeaders, 'content-type') > 1)
    throw invalidRequest('Send one Content-Type header.');
  if (/^application\/json(?:\s*;\s*charset="?utf-?8"?)?\s*;?\s*$/iu.test(type ?? '')) return;
  throw notJson();
}

/** Where a file comes in pieces: no form of another page can send this type. @throws AppError 415 */
export function requireBytes(request: Request): void {
  const isOne = countHeader(request.rawHeaders, 'content-type') === 1;
  if (isOne && request.headers['content-type'] === 'application/octet-stream') return;
  throw new AppError('Send the bytes with the header "Content-Type: application/octet-stream".', {
    status: 415,
    code: 'unsupported_media_type',
  });
}

/** A piece of a file. @throws AppError 413 where it is larger */
export async function readPiece(request: Request, limitBytes: number): Promise<Buffer> {
  const piece = await readBytes(request, limitBytes);
  letGo(request);
  return piece;
}

/** Reads a body and gives it as the schema says. */
type BodyReader = (request: Request, response: Response, schema: z.ZodType) => Promise<unknown>;

/** A reader for bodies up to this size; see `jsonReader` for what it throws. */
export function bodyReader(limitBytes: number): BodyReader {
  const readJson = jsonReader({ limitBytes, inflate: false });
  return async (request, response, schema) => {
    const body = await readJson(request, response);
    letGo(request);
    return parseAs(schema, body);
  };
}

/** The value as the schema says, or a 400 that names the first field at fault and never quotes its value. */
export function parseAs(schema: z.ZodType, value: unknown): unknown {
  // Assigning such an object elsewhere would change what every object inherits; no schema has these fields.
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__')) {
    throw invalidRequest('The request has a field named "__proto__".');
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue?.path.map(String).join('.') ?? '';
  if (issue?.code === 'unrecognized_keys') {
    const names = issue.keys.map((key) => key.slice(0, 100));
    throw invalidRequest(`Unknown field: ${names.join(', ')}.`, names[0]);
  }
  const sentence = issue?.message ?? 'The request is not as described in /api/openapi.json.';
  if (path === '') throw invalidRequest(sentence);
  throw invalidRequest(`${path}: ${sentence}`, path);
}
