import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe has against the page as it is shown now, or against the part of it that the selector names. */
export async function violations(page: Page, within?: string): Promise<unknown[]> {
  const axe = new AxeBuilder({ page }).withTags(tags);
  return found(within === undefined ? axe : axe.include(within));
}

/** Only what may change with the theme, for a page whose other theme has been looked at as a whole. */
export async function contrastViolations(page: Page): Promise<unknown[]> {
  return found(new AxeBuilder({ page }).withRules(['color-contrast', 'link-in-text-block']));
}

async function found(axe: AxeBuilder): Promise<unknown[]> {
  const { violations: list } = await axe.analyze();
  return list.map(({ id, nodes }) => ({ id, where: nodes.map(({ html }) => html) }));
}
