/**
 * The parts of OTLP in JSON that we send (opentelemetry-proto 1.x, "JSON Protobuf Encoding"): field names in lower camel
 * case, ids in hexadecimal, 64-bit integers as text, enums as numbers.
 */

type AnyValue =
  | { readonly stringValue: string }
  | { readonly intValue: string }
  | { readonly doubleValue: number }
  | { readonly boolValue: boolean }
  | { readonly arrayValue: { readonly values: readonly AnyValue[] } };
export type KeyValue = { readonly key: string; readonly value: AnyValue };

export type SpanJson = {
  readonly traceId: string;
  readonly spanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly KeyValue[];
  readonly events: readonly EventJson[];
  readonly status: { readonly code: number; readonly message?: string };
};

export type EventJson = {
  readonly timeUnixNano: string;
  readonly name: string;
  readonly attributes: readonly KeyValue[];
};

/** Null leaves the attribute out. A number is an integer where it has no fraction; `Double` says otherwise. */
export type AttributeValue = string | number | boolean | Double | readonly string[] | null;
/** A number that is kept as a floating one whatever its value, so that a receiver sees one type. */
export type Double = { readonly double: number };

export function attributes(values: Readonly<Record<string, AttributeValue>>): KeyValue[] {
  return Object.entries(values).flatMap(([key, value]) =>
    value === null ? [] : [{ key: key.toWellFormed(), value: anyValue(value) }],
  );
}

function anyValue(value: Exclude<AttributeValue, null>): AnyValue {
  if (typeof value === 'string') return { stringValue: value.toWellFormed() };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  }
  if ('double' in value) return { doubleValue: value.double };
  return { arrayValue: { values: value.map((one) => ({ stringValue: one.toWellFormed() })) } };
}

/** Milliseconds since 1970, to a microsecond, as nanoseconds. */
export function nanos(ms: number): string {
  return String(BigInt(Math.round(ms * 1000)) * 1000n);
}
