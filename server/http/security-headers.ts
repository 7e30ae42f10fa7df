import type { RequestHandler } from 'express';

/** Nothing of ours needs any of these; what a page does not ask for, nobody can misuse through it. */
const permissions = [
  'accelerometer',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'usb',
]
  .map((feature) => `${feature}=()`)
  .join(', ');

/** For what is no page: if a browser shows it all the same, it runs and loads nothing. Pages put their own in its place. */
const nothingAtAll = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * For every answer of the console, the pairing page and the admin API, errors included (security.md §4, #43). There is no
 * Strict-Transport-Security among them: it would hold for every port of a name, so for servers that are not ours, for a
 * year, and could not be taken back when the owner switches https off; a proxy with a public name adds its own.
 */
export const securityHeaders: RequestHandler = function setSecurityHeaders(_request, response, next) {
  response.setHeader('Content-Security-Policy', nothingAtAll);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('X-Frame-Options', 'DENY');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Permissions-Policy', permissions);
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  next();
};

/** The console, pairing and the admin API, by their paths. */
export function isOwnPath(path: string): boolean {
  return /^\/(?:(?:api|pair|console)(?:\/|$)|$)/u.test(path);
}
