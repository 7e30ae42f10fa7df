import { expect, it } from 'vitest';
import type { ChoicePart } from '../../../server/core/generate.ts';
import { replay } from '../../../server/routing/replay.ts';

const parts: readonly ChoicePart[] = Array.from({ length: 2000 }, (_, index) => ({
  choice: 0,
  part: { type: 'text-delta', text: String(index), tokens: 1 },
}));

it('an answer told again ends where its request ends, with the reason', async () => {
  const ending = new AbortController();
  const revoked = new Error('the key was revoked');
  const told: ChoicePart[] = [];
  const telling = (async () => {
    for await (const part of replay(JSON.stringify(parts), ending.signal)) {
      told.push(part);
      if (told.length === 3) ending.abort(revoked);
    }
  })();
  await expect(telling).rejects.toBe(revoked);
  expect(told).toEqual(parts.slice(0, 3));
});

it('a long answer leaves others their turn', async () => {
  const told: ChoicePart[] = [];
  let toldBefore = -1;
  setImmediate(() => (toldBefore = told.length));
  for await (const part of replay(JSON.stringify(parts), new AbortController().signal)) told.push(part);
  expect(told).toEqual(parts);
  expect(toldBefore).toBeLessThan(300);
  expect(toldBefore).toBeGreaterThan(0);
});
