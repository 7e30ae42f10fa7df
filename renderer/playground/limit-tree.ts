/** What of a tree of Markdown is looked at: its shape. */
type TreeNode = { readonly type: string; children?: TreeNode[]; value?: string };
type Source = { readonly value: string | Uint8Array };

/** Deeper than anything that was meant to be read. */
const deepest = 24;
const mostNodes = 5_000;

/** Quotes and lists within one another, as they stand before a line. */
const nested = /^(?:[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t]))){25}/m;

/** Whether a text nests so deeply that not even its reading should be tried. */
export function isTooDeep(text: string): boolean {
  return nested.test(text);
}

/**
 * A plugin of remark: a tree that a browser would stumble over, such as thousands of pictures within pictures, becomes
 * the plain text that it was read from.
 */
export function limitTree() {
  return (tree: TreeNode, source: Source): void => {
    let level: readonly TreeNode[] = [tree];
    let count = 0;
    for (let depth = 0; level.length > 0; depth++) {
      count += level.length;
      if (depth > deepest || count > mostNodes) {
        tree.children = [{ type: 'paragraph', children: [{ type: 'text', value: String(source.value) }] }];
        return;
      }
      level = level.flatMap(({ children = [] }) => children);
    }
  };
}
