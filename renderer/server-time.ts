/** The server's clock, as far as this browser can tell: what ends at the server ends by it, whatever the clock here says. */

/** The header is cut to whole seconds, and the answer takes a while; less than this is no difference of clocks. */
const leastOffsetMs = 2_000;
const halfSecondMs = 500;

let offsetMs = 0;

/** By the `Date` header of an answer (RFC 9110 §6.6.1) and when it was asked and had, in the browser's time. */
export function noteServerDate(header: string | null, sentAtMs: number, hadAtMs: number): void {
  const serverMs = header === null ? Number.NaN : Date.parse(header);
  if (Number.isNaN(serverMs)) return;
  const found = serverMs + halfSecondMs - (sentAtMs + hadAtMs) / 2;
  offsetMs = Math.abs(found) < leastOffsetMs + (hadAtMs - sentAtMs) / 2 ? 0 : found;
}

/** Milliseconds since 1970 by the server's clock. */
export function serverNowMs(): number {
  return Date.now() + offsetMs;
}
