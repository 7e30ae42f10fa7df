const fence = /^ {0,3}(`{3,}|~{3,})/;
const listItem = /^\s*(?:[-*+]|\d{1,9}[.)])(?:\s|$)/;

/**
 * A Markdown text in pieces that stand for themselves: cut at empty lines outside of code and lists. While an answer
 * grows only its last piece changes, so only that one has to be read again.
 */
export function blocksOf(text: string): string[] {
  const blocks: string[] = [];
  let block: string[] = [];
  let openFence: string | null = null;
  let wasEmpty = false;
  for (const line of text.split('\n')) {
    if (openFence === null && wasEmpty && block.length > 0 && !continues(block, line)) {
      blocks.push(block.join('\n'));
      block = [];
    }
    openFence = fenceAfter(openFence, line);
    wasEmpty = openFence === null && line.trim() === '';
    if (!wasEmpty || block.length > 0) block.push(line);
  }
  if (block.some((line) => line.trim() !== '')) blocks.push(block.join('\n'));
  return blocks.map((piece) => piece.replace(/\s+$/, ''));
}

/** A list goes on over empty lines, with items and with what is indented. */
function continues([first = '']: readonly string[], line: string): boolean {
  if (line.trim() === '') return true;
  return listItem.test(first) && (listItem.test(line) || /^(?: {2,}|\t)/.test(line));
}

/** CommonMark §4.5: code ends by the same character, at least as often, with nothing behind it. */
function fenceAfter(open: string | null, line: string): string | null {
  const marks = fence.exec(line)?.[1];
  if (marks === undefined) return open;
  if (open === null) return marks;
  const closes = marks[0] === open[0] && marks.length >= open.length && line.trim() === marks;
  return closes ? null : open;
}
