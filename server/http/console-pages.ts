import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import express, { type Response, type Router } from 'express';
import { AppError } from '../core/errors.ts';

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

/** A page of ours with the headers that keep it from being framed, kept, or made to run something else. */
export function sendPage(response: Response, page: string): void {
  const nonce = randomBytes(16).toString('base64');
  response.setHeader('Content-Security-Policy', contentSecurityPolicy(nonce));
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('X-Frame-Options', 'DENY');
  response.type('html').send(page.replaceAll(noncePlaceholder, nonce));
}

function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'self'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
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
