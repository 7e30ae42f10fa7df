import type { Request } from 'express';

/** Letters, digits and what stands between them: whatever else is in an address, Express knows where its path ends. */
const pathAlone = /^\/[\w./-]*$/;

/** What `request.path` is, which Express takes apart the whole address for; nearly all addresses are a path and nothing else. */
export function pathOf(request: Pick<Request, 'url' | 'path'>): string {
  return pathAlone.test(request.url) ? request.url : request.path;
}
