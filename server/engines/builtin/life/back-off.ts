const firstMs = 1000;
const longestMs = 30_000;

/** How long to wait after so many failures in a row: 1, 2, 4 … 30 s; nothing after none. */
export function backOffMs(failures: number): number {
  return failures <= 0 ? 0 : Math.min(longestMs, firstMs * 2 ** (failures - 1));
}
