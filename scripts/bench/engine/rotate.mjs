/**
 * @template Item
 * @param {readonly Item[]} items
 * @param {number} by
 */
export function rotate(items, by) {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}
