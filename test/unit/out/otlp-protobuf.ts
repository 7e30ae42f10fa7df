import { Root, type Type } from 'protobufjs';

/**
 * OTLP's messages for traces in protobuf, as opentelemetry-proto 1.x defines them (field numbers and types are the
 * protocol). `otlp.test.ts` holds them against what OpenTelemetry's own library writes.
 */
const messages = {
  ExportTraceServiceRequest: { resourceSpans: ['repeated', 'ResourceSpans', 1] },
  ResourceSpans: {
    resource: ['', 'Resource', 1],
    scopeSpans: ['repeated', 'ScopeSpans', 2],
    schemaUrl: ['', 'string', 3],
  },
  Resource: {
    attributes: ['repeated', 'KeyValue', 1],
    droppedAttributesCount: ['', 'uint32', 2],
  },
  ScopeSpans: {
    scope: ['', 'InstrumentationScope', 1],
    spans: ['repeated', 'Span', 2],
    schemaUrl: ['', 'string', 3],
  },
  InstrumentationScope: {
    name: ['', 'string', 1],
    version: ['', 'string', 2],
    attributes: ['repeated', 'KeyValue', 3],
    droppedAttributesCount: ['', 'uint32', 4],
  },
  Span: {
    traceId: ['', 'bytes', 1],
    spanId: ['', 'bytes', 2],
    traceState: ['', 'string', 3],
    parentSpanId: ['', 'bytes', 4],
    flags: ['', 'fixed32', 16],
    name: ['', 'string', 5],
    kind: ['', 'int32', 6],
    startTimeUnixNano: ['', 'fixed64', 7],
    endTimeUnixNano: ['', 'fixed64', 8],
    attributes: ['repeated', 'KeyValue', 9],
    droppedAttributesCount: ['', 'uint32', 10],
    events: ['repeated', 'Event', 11],
    droppedEventsCount: ['', 'uint32', 12],
    droppedLinksCount: ['', 'uint32', 14],
    status: ['', 'Status', 15],
  },
  Event: {
    timeUnixNano: ['', 'fixed64', 1],
    name: ['', 'string', 2],
    attributes: ['repeated', 'KeyValue', 3],
    droppedAttributesCount: ['', 'uint32', 4],
  },
  Status: { message: ['', 'string', 2], code: ['', 'int32', 3] },
  KeyValue: { key: ['', 'string', 1], value: ['', 'AnyValue', 2] },
  AnyValue: {
    stringValue: ['', 'string', 1],
    boolValue: ['', 'bool', 2],
    intValue: ['', 'int64', 3],
    doubleValue: ['', 'double', 4],
    arrayValue: ['', 'ArrayValue', 5],
    kvlistValue: ['', 'KeyValueList', 6],
    bytesValue: ['', 'bytes', 7],
  },
  ArrayValue: { values: ['repeated', 'AnyValue', 1] },
  KeyValueList: { values: ['repeated', 'KeyValue', 1] },
} as const;

const root = Root.fromJSON({
  nested: Object.fromEntries(
    Object.entries(messages).map(([name, fields]) => [
      name,
      {
        fields: Object.fromEntries(
          Object.entries(fields as Record<string, readonly [string, string, number]>).map(
            ([field, [rule, type, id]]) => [field, { type, id, ...(rule === '' ? {} : { rule }) }],
          ),
        ),
        ...(name === 'AnyValue' ? { oneofs: { value: { oneof: Object.keys(fields) } } } : {}),
      },
    ]),
  ),
});

/** A span as read back from protobuf's bytes. */
export type DecodedSpan = {
  readonly traceId: string;
  readonly spanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly { readonly name: string; readonly timeUnixNano: string }[];
  readonly status: { readonly code: number; readonly message: string };
};

export type DecodedBatch = {
  readonly resource: Readonly<Record<string, unknown>>;
  readonly scope: string;
  readonly spans: readonly DecodedSpan[];
};

/**
 * Judges OTLP in JSON as a receiver in protobuf's world does: every field must be known and of its type, then it is
 * written as protobuf and read back. @throws for whatever such a receiver would refuse
 */
export function throughProtobuf(json: unknown): DecodedBatch[] {
  const request = root.lookupType('ExportTraceServiceRequest');
  const message = strict(request, json, '');
  const made = request.fromObject(message as Loose);
  const wrong = request.verify(made);
  if (wrong !== null) throw new Error(wrong);
  return readProtobuf(request.encode(made).finish());
}

export function readProtobuf(bytes: Uint8Array): DecodedBatch[] {
  const request = root.lookupType('ExportTraceServiceRequest');
  const plain = request.toObject(request.decode(bytes), { longs: String, defaults: false });
  return list(plain['resourceSpans']).map((batch) => {
    const [scopeSpans] = list(batch['scopeSpans']);
    return {
      resource: attributesOf((batch['resource'] as Loose)['attributes']),
      scope: String((scopeSpans?.['scope'] as Loose | undefined)?.['name']),
      spans: list(scopeSpans?.['spans']).map(toSpan),
    };
  });
}

type Loose = Record<string, unknown>;
const list = (value: unknown): Loose[] => (value ?? []) as Loose[];

/** The proto3 JSON mapping with OTLP's one exception: ids are hexadecimal. Names of fields that nobody knows are refused. */
function strict(type: Type, value: unknown, path: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`${path} is no message`);
  const made: Loose = {};
  for (const [name, given] of Object.entries(value)) {
    const field = type.fields[name];
    const at = `${path}.${name}`;
    if (field === undefined) throw new Error(`${at} is unknown`);
    field.resolve();
    const one = (item: unknown): unknown =>
      field.resolvedType === null
        ? scalar(field.type, item, at)
        : strict(field.resolvedType as Type, item, at);
    if (field.repeated !== Array.isArray(given)) throw new Error(`${at} is a list or should be one`);
    made[name] = Array.isArray(given) ? given.map(one) : one(given);
  }
  return made;
}

function scalar(type: string, value: unknown, path: string): unknown {
  const isText = typeof value === 'string';
  if (type === 'bytes') {
    if (isText && /^([0-9a-f]{2})+$/u.test(value)) return Buffer.from(value, 'hex');
  } else if (/^(fixed64|int64|uint64)$/u.test(type)) {
    // As text alone: a JSON number has not all of its digits.
    if (isText && /^-?\d+$/u.test(value)) return value;
  } else if (
    type === 'string' ? isText : type === 'bool' ? typeof value === 'boolean' : typeof value === 'number'
  ) {
    return value;
  }
  throw new Error(`${path} is no ${type}: ${JSON.stringify(value)}`);
}

function toSpan(span: Loose): DecodedSpan {
  const status = (span['status'] ?? {}) as Loose;
  return {
    traceId: Buffer.from(span['traceId'] as Uint8Array).toString('hex'),
    spanId: Buffer.from(span['spanId'] as Uint8Array).toString('hex'),
    name: String(span['name']),
    kind: Number(span['kind']),
    startTimeUnixNano: String(span['startTimeUnixNano']),
    endTimeUnixNano: String(span['endTimeUnixNano']),
    attributes: attributesOf(span['attributes']),
    events: list(span['events']).map((event) => ({
      name: String(event['name']),
      timeUnixNano: String(event['timeUnixNano']),
    })),
    status: { code: Number(status['code'] ?? 0), message: (status['message'] ?? '') as string },
  };
}

function attributesOf(pairs: unknown): Record<string, unknown> {
  const entries = list(pairs).map(({ key, value }) => [String(key), plainOf(value as Loose)] as const);
  if (new Set(entries.map(([key]) => key)).size < entries.length) throw new Error('an attribute comes twice');
  return Object.fromEntries(entries);
}

/** Integers are text with an `n`, so that they are told from floating numbers. */
function plainOf(value: Loose): unknown {
  const [[kind, content] = ['', null]] = Object.entries(value);
  if (kind === 'intValue') return `${String(content)}n`;
  if (kind === 'arrayValue') return list((content as Loose)['values']).map(plainOf);
  return content;
}
