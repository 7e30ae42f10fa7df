import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import express, { type Request, type Response, type Router } from 'express';
import { AppError } from '../core/errors.ts';
import { clientOf } from '../edge/client.ts';
import { hostnameOf, isLoopbackName } from './host-check.ts';

/** Replaced in the page by this answer's nonce, so that the component library may add its styles. */
const noncePlaceholder = '__CSP_NONCE__';

/** The console: built files under `assets/`, and one page for every other address under `/console`. */
export function consolePages(rendererDir: string): Router {
  const router = express.Router();
  const assets = { index: false, redirect: false, immutable: true, maxAge: '1y' } as const;
  router.use('/assets', express.static(join(rendererDir, 'assets'), { ...assets, fallthrough: false }));
  router.use(express.static(rendererDir, { index: false, redirect: false, dotfiles: 'ignore' }));
  router.get('/{*page}', async (_request, response) => {
    sendPage(response, await readPage(join(rendererDir, 'index.html')));
  });
  return router;
}

/**
 * A page of ours: not kept, and with a policy by which it runs our own files alone. The rest is in
 * `security-headers.ts`.
 */
export function sendPage(response: Response, page: string): void {
  const nonce = randomBytes(16).toString('base64');
  response.setHeader('Content-Security-Policy', contentSecurityPolicy(nonce));
  response.setHeader('Cache-Control', 'no-store');
  // On plain http to another computer browsers leave it out of account and complain about it in the page's console.
  if (isTrustworthy(response.req)) response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.type('html').send(page.replaceAll(noncePlaceholder, nonce));
}

/** As browsers see it (W3C Secure Contexts §3.1): encrypted, or this computer by name or number. */
function isTrustworthy(request: Request): boolean {
  const hostname = hostnameOf(request.headers.host ?? '');
  return clientOf(request).isSecure || (hostname !== null && isLoopbackName(hostname));
}

function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'self'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'none'",
    "frame-src 'none'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
  ].join('; ');
}

/** Throws AppError 503 while the console has not been built. */
export async function readPage(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new AppError('The console has not been built yet. Stop the server and run: npm start', {
      status: 503,
      code: 'console_not_built',
      cause: error,
    });
  }
}
