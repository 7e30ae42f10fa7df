import type { Page } from 'playwright-core';

/** A language that nobody speaks: English between brackets, its vowels accented and doubled, which is as long as German. */

/** Runs in the page: in each sentence everything but its placeholders and marks. */
const pseudo = `
const accents = { a: 'á', e: 'ë', i: 'ï', o: 'ö', u: 'ü', A: 'Áá', E: 'Ëë', I: 'Ïï', O: 'Öö', U: 'Üü' };
const pseudo = (value) =>
  typeof value === 'string'
    ? '⟦' + value.replaceAll(/\\{\\{.*?\\}\\}|<[^>]*>|[aeiou]/gi, (part) => accents[part]?.padEnd(2, accents[part]) ?? part) + '⟧'
    : Object.fromEntries(Object.entries(value).map(([key, part]) => [key, pseudo(part)]));
`;

/** The page speaks it from its next loading on, in the place of English. */
export async function speakPseudo(page: Page): Promise<void> {
  await page.route('**/assets/english-*.js', async (route) => {
    const answer = await route.fetch();
    const text = await answer.text();
    const exported = /export\{([\w$]+) as sentences,([\w$]+) as serverWords\};?\s*$/;
    if (!exported.test(text)) throw new Error('The file of English sentences exports something else now.');
    const body = text.replace(
      exported,
      (_, name, words) =>
        `${pseudo};const spoken=pseudo(${name});const said=pseudo(${words});export{spoken as sentences,said as serverWords};`,
    );
    await route.fulfill({ response: answer, body });
  });
}

/**
 * What is on the page and was never given to be translated: words in plain letters that are not between the brackets,
 * and neither `data` nor what `Intl` writes.
 */
export async function untranslated(page: Page, data: string): Promise<string[]> {
  const texts = await page.evaluate<string[]>(`(() => {
    const found = [];
    const isSeen = (element) => element.closest('script, style, noscript, code, pre, option, textarea') === null;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const { parentElement, data } = walker.currentNode;
      if (parentElement !== null && isSeen(parentElement)) found.push(data);
    }
    for (const element of document.body.querySelectorAll('[aria-label], [title], [placeholder]'))
      for (const name of ['aria-label', 'title', 'placeholder'])
        if (isSeen(element)) found.push(element.getAttribute(name) ?? '');
    return found;
  })()`);
  const inBrackets = /⟦[^⟦⟧]*(?:⟦[^⟦⟧]*⟧[^⟦⟧]*)*⟧/g;
  const isPlain = /(?<![\p{L}\p{N}])(?=[A-Za-z]*[aeiou])[A-Za-z]{4,}(?![\p{L}\p{N}])/iu;
  return (
    texts
      .flatMap((text) => text.replaceAll(inBrackets, '·').split(/ · |·|, /))
      .map((text) => text.trim())
      // What stands in marks within a sentence has lost its brackets, but not its accents.
      .filter((text) => isPlain.test(text) && !/[áëïöü]/i.test(text) && !data.includes(text))
      .filter((text, index, all) => all.indexOf(text) === index)
  );
}
