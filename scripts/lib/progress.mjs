/**
 * @typedef {object} Progress
 * @property {(bytes: number) => void} update
 * @property {() => void} end
 */

const barWidth = 24;
const redrawMs = 100;
const lineEveryMs = 10_000;

/**
 * Shows how far a download is: a bar that redraws itself on a terminal, now and then a line elsewhere (logs of a
 * build machine should not fill with bars).
 * @param {string} label
 * @param {number} totalBytes
 * @param {{ stream?: { isTTY?: boolean, write: (text: string) => unknown }, nowMs?: () => number }} [options]
 * @returns {Progress}
 */
export function showProgress(label, totalBytes, { stream = process.stderr, nowMs = Date.now } = {}) {
  const isTerminal = stream.isTTY === true;
  const startMs = nowMs();
  let shownMs = isTerminal ? Number.NEGATIVE_INFINITY : startMs;
  let firstBytes = -1;
  let isShown = false;
  return {
    update(bytes) {
      if (firstBytes < 0) firstBytes = bytes;
      const now = nowMs();
      if (bytes < totalBytes && now - shownMs < (isTerminal ? redrawMs : lineEveryMs)) return;
      shownMs = now;
      isShown = true;
      const rate = rateText(bytes - firstBytes, now - startMs);
      const text = `${label} ${isTerminal ? `${bar(bytes / totalBytes)} ` : ''}${percent(bytes, totalBytes)}, ${rate}`;
      stream.write(isTerminal ? `\r${text}\u001B[K` : `${text}\n`);
    },
    end() {
      if (isTerminal && isShown) stream.write('\n');
    },
  };
}

/** @param {number} part 0 … 1 */
function bar(part) {
  const full = Math.round(part * barWidth);
  return `[${'#'.repeat(full)}${'.'.repeat(barWidth - full)}]`;
}

/**
 * @param {number} bytes
 * @param {number} totalBytes
 */
function percent(bytes, totalBytes) {
  return `${Math.floor((bytes / totalBytes) * 100)} % of ${megabytes(totalBytes)} MB`;
}

/**
 * @param {number} bytes
 * @param {number} elapsedMs
 */
function rateText(bytes, elapsedMs) {
  return `${megabytes(elapsedMs > 0 ? (bytes / elapsedMs) * 1000 : 0)} MB/s`;
}

/** @param {number} bytes */
function megabytes(bytes) {
  return (bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0);
}
