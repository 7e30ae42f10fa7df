// How long the page takes from an input to the next picture.

/** What Event Timing leaves out: shorter ones cannot be told from the length of a frame. */
const shortestMs = 16;

/**
 * What has been seen since it was last asked, and forgets it.
 * @param {import('./screen.mjs').Screen['page']} page
 * @returns {Promise<{ interactions: number[], wheel: number[] }>}
 */
export async function takePaints(page) {
  // Figures are told after the picture that they are about.
  await page.waitForTimeout(500);
  return page.evaluate(() => {
    const { paints } = /** @type {{ paints: { interactions: Map<number, number>, wheel: number[] } }} */ (
      /** @type {unknown} */ (globalThis)
    );
    const interactions = [...paints.interactions.values()];
    paints.interactions.clear();
    return { interactions, wheel: paints.wheel.splice(0) };
  });
}

/**
 * With those too short to be told: they took at most the shortest.
 * @param {readonly number[]} told
 * @param {number} inputs how many there were
 */
export function withShortOnes(told, inputs) {
  return [...told, ...Array.from({ length: Math.max(0, inputs - told.length) }, () => shortestMs)];
}
