import { EgressRefused, readWebAddress } from '../../../core/egress.ts';
import { invalidRequest } from '../../../core/errors.ts';
import { DownloadFault } from './download-fault.ts';

/**
 * The address of a model as the owner gave it: http or https, without a name and password in it, and not one of the
 * refused numbers. Names are judged when they are looked up.
 * @throws AppError 400
 */
export function requireFetchable(text: string): URL {
  const url = readWebAddress(text);
  switch (url) {
    case 'no-address':
      throw invalidRequest('This is not a whole address of a file.', 'uri');
    case 'not-web':
      throw invalidRequest('Models are fetched by https or http only.', 'uri');
    case 'credentials':
      throw invalidRequest('The address holds a name or password; such addresses are not used.', 'uri');
    case 'refused':
      throw invalidRequest('Nothing is fetched from this address: it belongs to no file server.', 'uri');
    default:
      return withoutFragment(url);
  }
}

function withoutFragment(url: URL): URL {
  url.hash = '';
  return url;
}

/** A refusal of the egress rules in the words of a download; anything else stays what it is. */
export function asDownloadFault(error: unknown): unknown {
  return error instanceof EgressRefused ? ledAstray() : error;
}

function ledAstray(): DownloadFault {
  return new DownloadFault(
    'stop',
    'The source sends us to an address that Inglenook does not fetch from. Nothing was downloaded from there.',
  );
}
