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
  return `req_${digitsOf(Math.max(0, Math.floor(nowMs)))}${randomTail()}`;
}

const lastDigits = 4;
const lastOnes = 16 ** lastDigits;
/** All but the last four change once a minute, and a large number costs more to write than all the rest. */
let minute = { number: -1, digits: '' };

function digitsOf(timeMs: number): string {
  const number = Math.floor(timeMs / lastOnes);
  const count = timeDigits - lastDigits;
  if (number !== minute.number)
    minute = { number, digits: number.toString(16).padStart(count, '0').slice(-count) };
  // With a one before them, which is taken away again, none of the noughts is lost.
  return minute.digits + (lastOnes + timeMs - number * lastOnes).toString(16).slice(1);
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
