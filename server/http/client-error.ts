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
  const { status, reason, message } = inWords('code' in error ? error.code : undefined);
  const appError = new AppError(message, { status, code: 'invalid_request', retryable: status === 408 });
  const body = JSON.stringify(openAiError(appError).body);
  socket.end(
    [
      `HTTP/1.1 ${status} ${reason}`,
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `x-should-retry: ${appError.retryable}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

function inWords(code: unknown): { status: number; reason: string; message: string } {
  switch (code) {
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
      return { status: 400, reason: 'Bad Request', message: 'This is no HTTP request that can be read.' };
  }
}
