import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe has against the page as it is shown now, or against the part of it that the selector names. */
export async function violations(page: Page, within?: string): Promise<unknown[]> {
  // All rules run; only what is wrong is written out whole.
  const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).withTags(tags);
  const result = await (within === undefined ? axe : axe.include(within)).analyze();
  return result.violations.map(({ id, nodes }) => ({ id, where: nodes.map(({ html }) => html) }));
}
