import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe has against the page as it is shown now. */
export async function violations(page: Page): Promise<unknown[]> {
  const result = await new AxeBuilder({ page }).withTags(tags).analyze();
  return result.violations.map(({ id, nodes }) => ({ id, where: nodes.map(({ html }) => html) }));
}
