import type { GenerateRequest } from '../core/generate.ts';

/** Most answers to one request: each takes a slot of its own. */
export const mostCopies = 4;

/** The other n − 1 requests for n answers to one. With a seed each has its own, so that they differ and repeat. */
export function copies(request: GenerateRequest, n: number): GenerateRequest[] {
  const { seed } = request.sampling;
  return Array.from({ length: n - 1 }, (_, index) => ({
    ...request,
    sampling: { ...request.sampling, seed: seed === null ? null : (seed + index + 1) % 2 ** 32 },
  }));
}
