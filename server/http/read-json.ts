import express, { type Request, type Response } from 'express';
import { AppError, invalidRequest } from '../core/errors.ts';

/** Deeper than any real request; V8 parses 200,000 levels and then fails elsewhere (security.md #22). */
const deepest = 64;

/** Reads a request's body as a JSON value, once it is known that it is wanted. */
export type JsonReader = (request: Request, response: Response) => Promise<unknown>;

export type JsonLimits = {
  /** Counted after decompression. */
  readonly limitBytes: number;
  /** Whether a gzip body is unpacked; else it is refused. */
  readonly inflate: boolean;
};

/**
 * A reader for bodies within these limits.
 * @throws AppError 400 (not JSON, too deep, `__proto__`), 413 (larger), 415 (not JSON by its own word)
 */
export function jsonReader({ limitBytes, inflate }: JsonLimits): JsonReader {
  const parseJson = express.json({ limit: limitBytes, inflate, strict: false, type: () => true });
  return async function readJsonWithin(request, response) {
    requireJsonType(request.headers['content-type'] ?? '');
    await new Promise<void>((resolve, reject) => {
      parseJson(request, response, (error?: unknown) => {
        if (error === undefined || error === null) resolve();
        else reject(fromBodyParser(error, limitBytes));
      });
    });
    const body: unknown = request.body;
    if (body === undefined) throw invalidRequest('The request has no body; send a JSON object.');
    checkShape(body);
    return body;
  };
}

/** Also what keeps other websites' forms out, which can only send other types. */
export function requireJsonType(contentType: string): void {
  const [type = '', ...parameters] = contentType.toLowerCase().split(';');
  const charset = parameters.find((parameter) => parameter.trim().startsWith('charset='));
  const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset.trim());
  if (/^application\/([\w.-]+\+)?json$/.test(type.trim()) && isUtf8) return;
  throw new AppError('Send the body as JSON in UTF-8, with the header "Content-Type: application/json".', {
    status: 415,
    code: 'unsupported_media_type',
    retryable: false,
  });
}

function fromBodyParser(error: unknown, limitBytes: number): AppError {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (status === 413) {
    return new AppError(`The request is larger than ${limitBytes / 1024} KiB.`, {
      status: 413,
      code: 'request_too_large',
      retryable: false,
      cause: error,
    });
  }
  if (status === 415) {
    return new AppError('The body is compressed or encoded in a way this server does not read.', {
      status: 415,
      code: 'unsupported_media_type',
      retryable: false,
      cause: error,
    });
  }
  return new AppError('The body is not valid JSON.', { status: 400, code: 'invalid_json', cause: error });
}

/** Iterative, so that depth cannot exhaust the stack of the check itself. */
function checkShape(body: unknown): void {
  const open: { value: unknown; depth: number }[] = [{ value: body, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value !== 'object' || value === null) continue;
    if (depth > deepest) throw invalidRequest(`The body is nested deeper than ${deepest} levels.`);
    if (Object.hasOwn(value, '__proto__')) throw invalidRequest('The body has a field named "__proto__".');
    for (const child of Object.values(value)) open.push({ value: child, depth: depth + 1 });
  }
}
