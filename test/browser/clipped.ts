import type { Page } from 'playwright-core';

/**
 * Texts that cannot be read to their end: beyond the page's edge, or cut off by their own box without a title that says
 * all. What scrolls by itself, and what is hidden from the eye on purpose, is left out.
 */
export function clippedTexts(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const found = [];
    const width = document.documentElement.clientWidth;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const element = node.parentElement;
      if (element === null || node.data.trim() === '') continue;
      if (element.closest('script, style, noscript, svg, [aria-hidden=true] , option, select') !== null) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const text = range.getBoundingClientRect();
      if (text.width === 0 || text.height === 0) continue;
      let isFine = false;
      let isCut = text.right > width + 1 || text.left < -1;
      for (let box = element; box !== null && box !== document.body; box = box.parentElement) {
        const style = getComputedStyle(box);
        const edge = box.getBoundingClientRect();
        if (style.visibility === 'hidden' || edge.width <= 1 || edge.height <= 1 || style.clipPath !== 'none' || style.clip === 'rect(0px, 0px, 0px, 0px)') isFine = true;
        if (style.position === 'fixed' && style.transform !== 'none') isFine = true;
        if (/auto|scroll/.test(style.overflowX + style.overflowY)) isFine = true;
        if (/hidden|clip/.test(style.overflowX) && (text.right > edge.right + 1 || text.left < edge.left - 1)) {
          if (box.closest('[title]') !== null || element.closest('[title]') !== null) isFine = true;
          else isCut = true;
        }
        if (isFine) break;
      }
      if (isCut && !isFine) found.push(node.data.trim());
    }
    return found;
  })()`);
}
