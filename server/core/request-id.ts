import { randomFillSync } from 'node:crypto';

const timeDigits = 12;
const tailBytes = 10;
const tailsAtOnce = 400;

/**
 * The id of a request, `req_` and 32 hexadecimal digits: the first 12 are when it came (milliseconds since 1970 UTC), the
 * other 80 bits are random. So the log finds a row by its id through its time, and needs no index of random texts, which
 * at ten million rows would cost a page of the disk with each request.
 */
export function newRequestId(nowMs: number): string {
  const time = Math.max(0, Math.floor(nowMs)).toString(16).padStart(timeDigits, '0').slice(-timeDigits);
  return `req_${time}${randomTail()}`;
}

/** Random bytes are asked for in bulk, and written as digits so: ten of them cost the system as much as thousands. */
const bytes = Buffer.alloc(tailsAtOnce * tailBytes);
let digits = '';
let used = 0;

function randomTail(): string {
  if (used === digits.length) {
    digits = randomFillSync(bytes).toString('hex');
    used = 0;
  }
  used += tailBytes * 2;
  return digits.slice(used - tailBytes * 2, used);
}
const shape = new RegExp(`^req_([0-9a-f]{${timeDigits}})([0-9a-f]{${tailBytes * 2}})$`);

/** The two halves of an id of ours; null for any other text. */
export function partsOfRequestId(id: string): { readonly timeMs: number; readonly tail: string } | null {
  const [, time, tail] = shape.exec(id) ?? [];
  return time === undefined || tail === undefined ? null : { timeMs: Number.parseInt(time, 16), tail };
}
