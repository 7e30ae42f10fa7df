import type { Duplex } from 'node:stream';
import { AppError } from '../core/errors.ts';
import { openAiError } from '../dialects/openai-errors.ts';

/**
 * Answers what never became a request because its head could not be read: JSON here too, since clients parse what
 * they get. Node's own answer has no body.
 */
export function answerClientError(error: Error, socket: Duplex): void {
  if (!socket.writable || ('bytesWritten' in socket && socket.bytesWritten !== 0)) {
    socket.destroy(error);
    return;
  }
  const { status, reason, message, allow = null } = inWords(error);
  const appError = new AppError(message, { status, code: 'invalid_request', retryable: status === 408 });
  const body = JSON.stringify(openAiError(appError).body);
  socket.end(
    [
      `HTTP/1.1 ${status} ${reason}`,
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...(allow === null ? [] : [`Allow: ${allow}`]),
      `x-should-retry: ${appError.retryable}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

type Words = {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
  readonly allow?: string;
};

function inWords(error: Error): Words {
  switch ('code' in error ? error.code : undefined) {
    case 'HPE_INVALID_METHOD':
      return isRequestLine('rawPacket' in error ? error.rawPacket : null) ? unknownMethod : unreadable;
    case 'HPE_HEADER_OVERFLOW':
      return {
        status: 431,
        reason: 'Request Header Fields Too Large',
        message: 'The headers of the request are too large.',
      };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return { status: 413, reason: 'Payload Too Large', message: 'The request could not be read.' };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return {
        status: 408,
        reason: 'Request Timeout',
        message: 'The request did not arrive in time. Please try again.',
      };
    default:
      return unreadable;
  }
}

const unreadable: Words = {
  status: 400,
  reason: 'Bad Request',
  message: 'This is no HTTP request that can be read.',
};

const unknownMethod: Words = {
  status: 405,
  reason: 'Method Not Allowed',
  message: 'This server has no such method.',
  allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
};

/** A method that Node's parser does not know, rather than another protocol (RFC 9112 §3). */
function isRequestLine(packet: unknown): boolean {
  if (!Buffer.isBuffer(packet)) return false;
  return /^[A-Z][A-Z-]{1,30} [^ ]+ HTTP\/1\.[01]\r?\n/.test(packet.toString('latin1', 0, 4096));
}
