import { UsageError } from './failures.ts';

/** Where somebody said that the office is, and what an invitation's link has brought along. */
export type Target = {
  /** As it is asked first. */
  readonly host: string;
  readonly port: number;
  readonly isHttps: boolean;
  readonly ticket: string | null;
  /** `f=` of the link: the beginning of the hash of the authority's public key. */
  readonly pin: string | null;
};

export const usualPort = 11_500;

/** `192.168.1.20`, `desk-1:11500`, `http://…/v1`, or the link of an invitation. @throws UsageError */
export function readAddress(text: string): Target {
  const written = text.trim();
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(written);
  let url: URL;
  try {
    url = new URL(hasScheme ? written : `http://${bracketed(written)}`);
  } catch {
    throw new UsageError(
      `“${written}” is no address. It looks like 192.168.1.20 or http://192.168.1.20:11500.`,
    );
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new UsageError(`The address begins with http:// or https://, not with ${url.protocol}//.`);
  }
  if (url.username !== '' || url.password !== '')
    throw new UsageError('No name or password belongs into the address.');
  const isHttps = url.protocol === 'https:';
  // Whoever writes https:// without a port means the usual one of https only behind a proxy; ours is the same for both.
  const hasPort = /^[^/?#]*:\d+([/?#]|$)/.test(
    bracketed(written.replace(/^[a-z]+:\/\//i, '')).replace(/\[.*\]/, ''),
  );
  const port = url.port !== '' ? Number(url.port) : hasPort ? (isHttps ? 443 : 80) : usualPort;
  const fragment = new URLSearchParams(url.hash.slice(1));
  return { host: url.hostname, port, isHttps, ticket: fragment.get('t'), pin: fragment.get('f') };
}

/** A bare IPv6 address stands in brackets in a URL. */
function bracketed(text: string): string {
  return /^[0-9a-f]*:[0-9a-f:]*:[0-9a-f.:]*$/i.test(text) ? `[${text}]` : text;
}

export function originOf({ host, port, isHttps }: Pick<Target, 'host' | 'port' | 'isHttps'>): string {
  return new URL(`${isHttps ? 'https' : 'http'}://${host}:${port}`).origin;
}
