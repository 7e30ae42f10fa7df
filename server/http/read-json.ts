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
 * A reader for bodies within these limits. Compressed ones are Express's to read; plain ones, which nearly all are, cost
 * a fifth of that here.
 * @throws AppError 400 (not JSON, too deep, too many fields, `__proto__`), 413 (larger), 415 (not JSON by its own word)
 */
export function jsonReader(limits: JsonLimits): JsonReader {
  const readEncoded = encodedReader(limits);
  return async function readJsonWithin(request, response) {
    requireJsonType(request.headers['content-type'] ?? '');
    const encoding = request.headers['content-encoding'] ?? 'identity';
    const body =
      encoding === 'identity'
        ? parsePlain(await readBytes(request, limits.limitBytes))
        : await readEncoded(request, response);
    if (body === undefined) throw invalidRequest('The request has no body; send a JSON object.');
    checkShape(body);
    // Where whoever knows Express looks for it.
    request.body = body;
    return body;
  };
}

/**
 * The bytes of a body as they travel. Rejects with 413 as soon as there are more, and reads no further. One whose length
 * was told is whole with its last byte, without the turn that tells of its end.
 */
export async function readBytes(request: Request, limitBytes: number): Promise<Buffer> {
  const told = Number(request.headers['content-length'] ?? Number.NaN);
  if (told > limitBytes) throw tooLarge(limitBytes);
  // Short ones come with their head, and are all here when the parser has come to their end. See `letGo`.
  await Promise.resolve();
  if (request.destroyed) throw cutShort();
  if (told > 0 && request.readableLength === told) {
    // By its length, so that the end behind it is not read yet: see `letGo`.
    const whole: unknown = request.read(told);
    if (whole instanceof Buffer) return whole;
  }
  const chunks: Buffer[] = [];
  let length = 0;
  return await new Promise<Buffer>((resolve, reject) => {
    const end = (): void =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, length));
    const take = (chunk: Buffer): void => {
      length += chunk.length;
      if (length > limitBytes) {
        request.off('data', take).pause();
        reject(tooLarge(limitBytes));
        return;
      }
      chunks.push(chunk);
      if (length === told) end();
    };
    // After the end this comes too, and changes nothing any more.
    const cut = (): void => {
      if (!request.complete) reject(cutShort());
    };
    request.on('data', take).on('end', end).on('error', reject).on('close', cut);
  });
}

/** Reads on behind a whole body's last byte, so that Node forgets the request. Nobody waits for that, so whoever answers says when. */
export function letGo(request: Request): void {
  if (request.complete) request.resume();
}

const utf8 = new TextDecoder();

function parsePlain(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  requireModestShape(bytes);
  try {
    return JSON.parse(utf8.decode(bytes)) as unknown;
  } catch (error) {
    throw invalidJson(error);
  }
}

function encodedReader({ limitBytes, inflate }: JsonLimits): JsonReader {
  const parseJson = express.json({
    limit: limitBytes,
    inflate,
    strict: false,
    type: () => true,
    verify(_request, _response, bytes) {
      try {
        requireModestShape(bytes);
      } catch (error) {
        throw new ImmodestShape(error);
      }
    },
  });
  return async function readEncodedJson(request, response) {
    await new Promise<void>((resolve, reject) => {
      parseJson(request, response, (error?: unknown) => {
        if (error === undefined || error === null) resolve();
        else reject(fromBodyParser(error, limitBytes));
      });
    });
    return request.body as unknown;
  };
}

/** Also what keeps other websites' forms out, which can only send other types. */
function requireJsonType(contentType: string): void {
  if (contentType === 'application/json') return;
  const [type = '', ...parameters] = contentType.toLowerCase().split(';');
  const charsets = parameters.filter((parameter) => parameter.trim().startsWith('charset='));
  const isUtf8 = charsets.every((charset) => /^charset="?utf-?8"?$/.test(charset.trim()));
  if (/^application\/([\w.-]+\+)?json$/.test(type.trim()) && isUtf8) return;
  throw notJson();
}

export function notJson(): AppError {
  return new AppError('Send the body as JSON in UTF-8, with the header "Content-Type: application/json".', {
    status: 415,
    code: 'unsupported_media_type',
    retryable: false,
  });
}

/** Carries our own error past the body parser, which knows no other way. */
class ImmodestShape extends Error {
  override readonly name = 'ImmodestShape';
  constructor(cause: unknown) {
    super('The shape of the body is refused.', { cause });
  }
}

/**
 * Looked at before the parser does: a million different names cost it, and whoever walks through them, more than half
 * a second, in which nobody else is served; millions of levels cost half a gigabyte (security.md #22, #27). A colon
 * outside of texts is a field, an opening bracket a level. @throws AppError 400
 */
function requireModestShape(bytes: Uint8Array): void {
  // RFC 8259 §8.1: nobody may send one.
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    throw invalidRequest('The body begins with a byte order mark. Send plain UTF-8.');
  }
  if (bytes.length < countedFromBytes) return;
  let fields = 0;
  let depth = 0;
  let isText = false;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte === quote) isText = !isText;
    else if (isText) index += byte === backslash ? 1 : 0;
    else if (byte === colon) fields += 1;
    else if (byte === openBrace || byte === openBracket) depth += 1;
    else if (byte === closeBrace || byte === closeBracket) depth -= 1;
    if (fields > mostFields) throw invalidRequest(`The body has more than ${mostFields} fields.`);
    if (depth > deepest) throw tooDeep();
  }
}

const quote = 0x22;
const colon = 0x3a;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

function fromBodyParser(error: unknown, limitBytes: number): AppError {
  if (error instanceof ImmodestShape && error.cause instanceof AppError) return error.cause;
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (status === 413) return tooLarge(limitBytes);
  if (status === 415) {
    return new AppError('The body is compressed or encoded in a way this server does not read.', {
      status: 415,
      code: 'unsupported_media_type',
      retryable: false,
      cause: error,
    });
  }
  return invalidJson(error);
}

function invalidJson(cause: unknown): AppError {
  return new AppError('The body is not valid JSON.', { status: 400, code: 'invalid_json', cause });
}

function cutShort(): AppError {
  return invalidRequest('The request ended before its body was whole.');
}

function tooDeep(): AppError {
  return invalidRequest(`The body is nested deeper than ${deepest} levels.`);
}

function tooLarge(limitBytes: number): AppError {
  return new AppError(`The request is larger than ${limitBytes / 1024} KiB.`, {
    status: 413,
    code: 'request_too_large',
    retryable: false,
  });
}

/** As deep as is allowed and no deeper, so the stack of the check itself is safe; a million numbers in a list cost nothing. */
function checkShape(value: unknown, depth = 1): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > deepest) throw tooDeep();
  if (Array.isArray(value)) {
    for (const child of value) checkShape(child, depth + 1);
    return;
  }
  if (Object.hasOwn(value, '__proto__')) throw invalidRequest('The body has a field named "__proto__".');
  for (const name in value) checkShape((value as Readonly<Record<string, unknown>>)[name], depth + 1);
}
