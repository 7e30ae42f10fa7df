import express, { type Request, type Response } from 'express';
import { AppError, invalidRequest } from '../core/errors.ts';

/** Deeper than any real request; V8 parses 200,000 levels and then fails elsewhere (security.md #22). */
const deepest = 64;

/** More than any real request, with five hundred tools and all their parameters. */
const mostFields = 100_000;
/** Into a smaller body so many do not fit. */
const countedFromBytes = 512 * 1024;

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
 * @throws AppError 400 (not JSON, too deep, too many fields, `__proto__`), 413 (larger), 415 (not JSON by its own word)
 */
export function jsonReader({ limitBytes, inflate }: JsonLimits): JsonReader {
  const parseJson = express.json({
    limit: limitBytes,
    inflate,
    strict: false,
    type: () => true,
    verify(_request, _response, bytes) {
      if (hasMoreFields(bytes, mostFields)) throw new TooManyFields();
    },
  });
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

class TooManyFields extends Error {
  override readonly name = 'TooManyFields';
}

/**
 * Looked at before the parser does: a million different names cost it, and whoever walks through them, more than half
 * a second, in which nobody else is served (security.md #27). A colon outside of texts is a field.
 */
function hasMoreFields(bytes: Uint8Array, most: number): boolean {
  if (bytes.length < countedFromBytes) return false;
  let fields = 0;
  let isText = false;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte === quote) isText = !isText;
    else if (isText && byte === backslash) index += 1;
    else if (!isText && byte === colon) {
      fields += 1;
      if (fields > most) return true;
    }
  }
  return false;
}

const quote = 0x22;
const colon = 0x3a;
const backslash = 0x5c;

function fromBodyParser(error: unknown, limitBytes: number): AppError {
  if (error instanceof TooManyFields) return invalidRequest(`The body has more than ${mostFields} fields.`);
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

/** Iterative, so that depth cannot exhaust the stack of the check itself; a million numbers in a list cost nothing. */
function checkShape(body: unknown): void {
  const isHolder = (value: unknown): value is object => typeof value === 'object' && value !== null;
  let level: object[] = isHolder(body) ? [body] : [];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > deepest) throw invalidRequest(`The body is nested deeper than ${deepest} levels.`);
    const next: object[] = [];
    for (const value of level) {
      if (Object.hasOwn(value, '__proto__')) throw invalidRequest('The body has a field named "__proto__".');
      const children: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
      for (const child of children) if (isHolder(child)) next.push(child);
    }
    level = next;
  }
}
