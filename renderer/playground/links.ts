/** Where a link of a model's leads; its host as the browser asks for it, so that no look-alike letters deceive. */
export type Destination = { readonly address: string; readonly host: string };

/**
 * The destination of a link in an answer, or null where it is none to be followed: anything but the web (RFC 9110 §4.2),
 * and whatever leads to a place in this very console.
 */
export function destinationOf(written: string | undefined, here: string): Destination | null {
  const url = URL.parse(written ?? '');
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return null;
  if (url.origin === here) return null;
  // Names before an @ look like hosts.
  url.username = '';
  url.password = '';
  return { address: url.href, host: url.host };
}
