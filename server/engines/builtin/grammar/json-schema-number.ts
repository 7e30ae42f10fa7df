import {
  sequence,
  choice,
  never,
  nothing,
  optional,
  set,
  text,
  type Expression,
  type GrammarWriter,
} from './grammar-writer.ts';
import { codePoints } from './grammar-code-points.ts';

/** Both ends belong to it; ±Infinity for none. */
export type NumberRange = { readonly least: number; readonly most: number };

/** JSON.stringify writes integers below 1e21 with all their digits. */
const mostIntegerDigits = 21;
/** 17 significant digits after the five zeros of the smallest number written without an exponent. */
const mostFractionDigits = 22;
const mostMantissaDigits = 16;

/** The number just above, for bounds that are excluded (IEEE 754 nextUp). */
export function nextUp(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + (value > 0 ? 1n : -1n));
  return view.getFloat64(0);
}
export const nextDown = (value: number): number => -nextUp(-value);

/** d.ddd × 10^exponent; the digits begin and end with none but a meaningful digit. */
type Decimal = { readonly digits: string; readonly exponent: number };

/** The shortest decimal that reads as this number: what JSON.stringify writes. Null for 0. */
function decimalOf(value: number): Decimal | null {
  const found = /^(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(Math.abs(value).toExponential());
  if (value === 0 || found === null) return null;
  return { digits: (found[1] ?? '') + (found[2] ?? ''), exponent: Number(found[3]) };
}

/**
 * JSON numbers within a range. Comparing decimal digits is exact for doubles: a decimal text reads as a double of at
 * least `x` if it is at least the shortest text of `x`, since rounding keeps the order, and so upwards.
 */
export function writeNumber(range: NumberRange, writer: GrammarWriter): Expression {
  const { least, most } = {
    least: Math.max(range.least, -Number.MAX_VALUE),
    most: Math.min(range.most, Number.MAX_VALUE),
  };
  if (!(least <= most)) return never;
  const positive = most < 0 ? never : writeMagnitude(Math.max(0, least), most, writer);
  const negative = least >= 0 ? never : writeMagnitude(Math.max(0, -most), -least, writer);
  return choice(positive, sequence(text('-'), negative));
}

function writeMagnitude(least: number, most: number, writer: GrammarWriter): Expression {
  return writer.add('number', choice(writePlain(least, most, writer), writeScientific(least, most, writer)));
}

function writePlain(least: number, most: number, writer: GrammarWriter): Expression {
  const low = plainDigits(least);
  const fraction = (from: string | null, to: string | null): Expression =>
    writeFraction(from, to, mostFractionDigits, writer);
  if (low.whole.length > mostIntegerDigits) return never;
  const next = BigInt(low.whole) + 1n;
  if (most >= 1e21) {
    return choice(
      sequence(text(low.whole), fraction(low.fraction, null)),
      sequence(wholeRange(next, 10n ** BigInt(mostIntegerDigits) - 1n), fraction(null, null)),
    );
  }
  const high = plainDigits(most);
  if (low.whole === high.whole) return sequence(text(low.whole), fraction(low.fraction, high.fraction));
  return choice(
    sequence(text(low.whole), fraction(low.fraction, null)),
    sequence(wholeRange(next, BigInt(high.whole) - 1n), fraction(null, null)),
    sequence(text(high.whole), fraction(null, high.fraction)),
  );
}

/** Digits before and after the point; the fraction without zeros at its end. */
function plainDigits(value: number): { whole: string; fraction: string } {
  const decimal = decimalOf(value);
  if (decimal === null) return { whole: '0', fraction: '' };
  const { digits, exponent } = decimal;
  if (exponent < 0) return { whole: '0', fraction: '0'.repeat(-exponent - 1) + digits };
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return { whole, fraction: digits.slice(exponent + 1) };
}

/** An optional fraction between two, each of which may be open (null). */
function writeFraction(
  low: string | null,
  high: string | null,
  most: number,
  writer: GrammarWriter,
): Expression {
  const digits = sequence(
    text('.'),
    fractionDigits(low === '' ? null : low, high, { most, mayStop: false }, writer),
  );
  return low === null || low === '' ? optional(digits) : digits;
}

type DigitsLeft = { readonly most: number; readonly mayStop: boolean };

function fractionDigits(
  low: string | null,
  high: string | null,
  left: DigitsLeft,
  writer: GrammarWriter,
): Expression {
  const { most, mayStop } = left;
  if (low === null && high === null) return writer.repeat(digit(0, 9), mayStop ? 0 : 1, most);
  if (most === 0) return low === null && mayStop ? nothing : never;
  const lowest = low === null ? 0 : Number(low[0] ?? 0);
  const highest = high === null ? 9 : Number(high[0] ?? 0);
  const lowRest = low === null || low.length <= 1 ? null : low.slice(1);
  const highRest = high === null ? null : high.slice(1);
  const follow = (from: string | null, to: string | null): Expression =>
    fractionDigits(from, to, { most: most - 1, mayStop: true }, writer);
  const options: Expression[] = [];
  if (low !== null && high !== null && lowest === highest) {
    options.push(sequence(digit(lowest, lowest), follow(lowRest, highRest)));
  } else {
    const first = low === null ? lowest : lowest + 1;
    const last = high === null ? highest : highest - 1;
    if (low !== null && lowest <= highest)
      options.push(sequence(digit(lowest, lowest), follow(lowRest, null)));
    if (first <= last) options.push(sequence(digit(first, last), follow(null, null)));
    if (high !== null && lowest <= highest)
      options.push(sequence(digit(highest, highest), follow(null, highRest)));
  }
  if (mayStop && low === null) options.push(nothing);
  return writer.add('digits', choice(...options));
}

/** With an exponent; from the smallest subnormal to the largest finite double. */
function writeScientific(least: number, most: number, writer: GrammarWriter): Expression {
  const low = decimalOf(least);
  const high = decimalOf(most);
  if (high === null) return never;
  const lowExponent = low?.exponent ?? -324;
  const at = (mantissa: Expression, exponent: number): Expression =>
    sequence(mantissa, exponentText(exponent, exponent));
  if (low !== null && lowExponent === high.exponent)
    return at(mantissa(low.digits, high.digits, writer), lowExponent);
  const first = low === null ? lowExponent : lowExponent + 1;
  return choice(
    low === null ? never : at(mantissa(low.digits, null, writer), lowExponent),
    first < high.exponent
      ? sequence(mantissa(null, null, writer), exponentText(first, high.exponent - 1))
      : never,
    first <= high.exponent ? at(mantissa(null, high.digits, writer), high.exponent) : never,
  );
}

function mantissa(low: string | null, high: string | null, writer: GrammarWriter): Expression {
  const lowest = low === null ? 1 : Number(low[0]);
  const highest = high === null ? 9 : Number(high[0]);
  const fraction = (from: string | null, to: string | null): Expression =>
    writeFraction(from, to, mostMantissaDigits, writer);
  const lowRest = low?.slice(1) ?? null;
  const highRest = high?.slice(1) ?? null;
  if (lowest === highest && low !== null && high !== null) {
    return sequence(digit(lowest, lowest), fraction(lowRest, highRest));
  }
  const first = low === null ? lowest : lowest + 1;
  const last = high === null ? highest : highest - 1;
  return choice(
    low === null || lowest > highest ? never : sequence(digit(lowest, lowest), fraction(lowRest, null)),
    first <= last ? sequence(digit(first, last), fraction(null, null)) : never,
    high === null || lowest > highest ? never : sequence(digit(highest, highest), fraction(null, highRest)),
  );
}

function exponentText(first: number, last: number): Expression {
  const e = set(
    codePoints([
      [0x45, 0x45],
      [0x65, 0x65],
    ]),
  );
  const positive =
    last < 0 ? never : sequence(optional(text('+')), wholeRange(BigInt(Math.max(0, first)), BigInt(last)));
  const negative =
    first >= 0 ? never : sequence(text('-'), wholeRange(BigInt(Math.max(1, -last)), BigInt(-first)));
  return sequence(e, choice(positive, negative));
}

/**
 * Integers within a range, always as plain digits: with an exponent a model that begins "3." for an integer would be
 * led into 3.5e+21. So an integer of 1e21 or more, which JSON.stringify writes with one, is not accepted.
 */
export function writeInteger({ least, most }: NumberRange): Expression {
  const largest = 10n ** BigInt(mostIntegerDigits) - 1n;
  const low = least === -Infinity ? -largest : big(Math.ceil(least), -largest, largest + 1n);
  const high = most === Infinity ? largest : big(Math.floor(most), -largest - 1n, largest);
  if (low > high) return never;
  const positive = high < 0n ? never : wholeRange(low > 0n ? low : 0n, high);
  const negative = low >= 0n ? never : wholeRange(high < 0n ? -high : 1n, -low);
  return choice(positive, sequence(text('-'), negative));
}

function big(value: number, least: bigint, most: bigint): bigint {
  const whole = BigInt(value);
  if (whole < least) return least;
  return whole > most ? most : whole;
}

/** Whole numbers without leading zeros, both ends included. */
function wholeRange(low: bigint, high: bigint): Expression {
  if (low > high) return never;
  const [from, to] = [low.toString(), high.toString()];
  if (from.length === to.length) return sameLengthRange(from, to);
  if (low === 0n) return choice(text('0'), wholeRange(1n, high));
  // Whole lengths in between are one piece: each piece is one more reading to follow.
  const isWholeBegin = /^10*$/.test(from);
  const isWholeEnd = /^9+$/.test(to);
  const least = isWholeBegin ? from.length : from.length + 1;
  const most = isWholeEnd ? to.length : to.length - 1;
  return choice(
    isWholeBegin ? never : sameLengthRange(from, '9'.repeat(from.length)),
    least > most ? never : sequence(digit(1, 9), anyDigits(least - 1, most - 1)),
    isWholeEnd ? never : sameLengthRange(`1${'0'.repeat(to.length - 1)}`, to),
  );
}

function sameLengthRange(low: string, high: string): Expression {
  const rest = low.length - 1;
  if (low === '') return nothing;
  const [lowest, highest] = [Number(low[0]), Number(high[0])];
  if (/^0*$/.test(low.slice(1)) && /^9*$/.test(high.slice(1)))
    return sequence(digit(lowest, highest), anyDigits(rest, rest));
  if (lowest === highest)
    return sequence(digit(lowest, lowest), sameLengthRange(low.slice(1), high.slice(1)));
  return choice(
    sequence(digit(lowest, lowest), sameLengthRange(low.slice(1), '9'.repeat(rest))),
    lowest + 1 <= highest - 1 ? sequence(digit(lowest + 1, highest - 1), anyDigits(rest, rest)) : never,
    sequence(digit(highest, highest), sameLengthRange('0'.repeat(rest), high.slice(1))),
  );
}

function anyDigits(least: number, most: number): Expression {
  return most === 0 ? nothing : { kind: 'repeat', item: digit(0, 9), least, most };
}

function digit(first: number, last: number): Expression {
  return first === last ? text(String(first)) : set([[0x30 + first, 0x30 + last]]);
}
