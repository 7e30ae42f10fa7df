import { scrubKeys } from '../core/key-format.ts';
import type { LogFields, LogLevel } from '../core/logger.ts';

/** Longer than any sentence or path of ours; a cut line still fits a terminal's scroll-back. */
const longestText = 2000;
const deepestCause = 5;

type Scalar = string | number | boolean | null;
export type LogEntry = Readonly<Record<string, Scalar | readonly Scalar[]>>;

/** One event as it may be kept: keys masked, errors described, everything else reduced to plain values. */
export function toLogEntry(time: string, level: LogLevel, message: string, fields: LogFields): LogEntry {
  const entry: Record<string, Scalar | readonly Scalar[]> = { time, level, message: cleanText(message) };
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || name in entry) continue;
    if (value instanceof Error || name === 'error') Object.assign(entry, describeError(name, value));
    else if (Array.isArray(value)) entry[name] = value.map((item: unknown) => toScalar(item));
    else entry[name] = toScalar(value);
  }
  return entry;
}

/** For the file: one line of JSON in which no character can end the line or steer a terminal. */
export function toJsonLine(entry: LogEntry): string {
  return escapeControls(JSON.stringify(entry)) + '\n';
}

/** For a person at a terminal: `12:34:56 warn  The sentence. (name: value, …)` */
export function toReadableLine(entry: LogEntry): string {
  const { time, level, message, ...rest } = entry;
  const details = Object.entries(rest)
    .filter(([name]) => !name.endsWith('Stack'))
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(', ') : String(value)}`);
  const suffix = details.length === 0 ? '' : ` (${details.join(', ')})`;
  const line = `${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${String(message)}${suffix}`;
  return escapeControls(line) + '\n';
}

/** C0, DEL, C1, line and paragraph separators, and the marks that turn the direction of text. */
// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

function escapeControls(text: string): string {
  return text.replaceAll(
    controls,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function toScalar(value: unknown): Scalar {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return cleanText(value);
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return typeof value === 'bigint' ? value.toString() : '[left out]';
}

function cleanText(text: string): string {
  const scrubbed = scrubKeys(text);
  return scrubbed.length <= longestText ? scrubbed : `${scrubbed.slice(0, longestText)}…`;
}

function describeError(name: string, error: unknown): Record<string, Scalar> {
  if (!(error instanceof Error))
    return { [name]: typeof error === 'string' ? cleanText(error) : '[left out]' };
  const chain: string[] = [];
  for (
    let cause: unknown = error;
    cause instanceof Error && chain.length < deepestCause;
    cause = cause.cause
  ) {
    chain.push(sentenceOf(cause));
  }
  return { [name]: cleanText(chain.join(' ← ')), [`${name}Stack`]: framesOf(error) };
}

function sentenceOf(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? ` [${error.code}]` : '';
  // V8's message of a failed JSON.parse quotes what it read: that may be somebody's prompt.
  const message = error instanceof SyntaxError ? 'text left out, it may quote a request' : error.message;
  return `${error.name}${code}: ${message}`;
}

/** The frames only: the first lines of a stack repeat the message. */
function framesOf(error: Error): string {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return cleanText(
    frames
      .slice(0, 12)
      .map((line) => line.trim())
      .join(' | '),
  );
}
