import type { IncomingMessage } from 'node:http';
import { DownloadFault } from './download-fault.ts';

/** The sentence for a status that is not the file; 401, 403 and 404 stop at once, the source's own trouble passes. */
export function refusal(response: IncomingMessage, asked: 'hub' | 'other'): DownloadFault {
  const status = response.statusCode ?? 0;
  switch (status) {
    case 401:
    case 403:
      return new DownloadFault(
        'stop',
        asked === 'hub' ? hubWantsToken : `The source does not let us have this file (${status}).`,
      );
    case 404:
    case 410:
      return new DownloadFault('stop', `There is no such file at the source (${status}). Check the name.`);
    case 416:
      return new DownloadFault('changed', 'The file at the source has changed. It is fetched anew.');
    case 408:
    case 425:
    case 429:
      return new DownloadFault('network', `The source wants us to wait (${status}).`, {
        retryAfterMs: retryAfterMs(response),
      });
    default:
      if (status < 500) return new DownloadFault('stop', `The source refused the request (${status}).`);
      return new DownloadFault('network', `The source has trouble of its own (${status}).`, {
        retryAfterMs: retryAfterMs(response),
      });
  }
}

const hubWantsToken =
  'The model hub gives this file only to people who have accepted its conditions. Accept them on the model’s page, make an access token there, and set it here as the setting hub.token.';

const longestWaitMs = 60 * 60 * 1000;

/** RFC 9110 §10.2.3, the form in seconds. */
function retryAfterMs(response: IncomingMessage): number | null {
  const text = response.headers['retry-after'] ?? '';
  return /^\d{1,6}$/.test(text) ? Math.min(Number(text) * 1000, longestWaitMs) : null;
}
