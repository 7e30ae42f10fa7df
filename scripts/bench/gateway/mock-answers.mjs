// What the mock says, by the model that is asked for; known to it and to who checks what has come of it.

/**
 * @typedef {object} Answer
 * @property {number} frames Each one word.
 * @property {number} firstMs Before the first word.
 * @property {number} everyMs Between words; 0 for as fast as they are taken.
 */

/** @type {Record<string, Answer>} */
export const answers = {
  instant: { frames: 16, firstMs: 0, everyMs: 0 },
  'wait-20': { frames: 16, firstMs: 20, everyMs: 0 },
  burst: { frames: 4000, firstMs: 0, everyMs: 0 },
  slow: { frames: 100, firstMs: 50, everyMs: 10 },
  trickle: { frames: 100_000, firstMs: 50, everyMs: 1000 },
};

/** @param {number} index */
export function wordAt(index) {
  return index % 7 === 6 ? ` "hearth ${index}",\n` : ` kettle${index}`;
}

/** @param {number} frames */
export function textOf(frames) {
  return Array.from({ length: frames }, (_, index) => wordAt(index)).join('');
}
