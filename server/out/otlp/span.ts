import { createHash } from 'node:crypto';
import type { LogRow } from '../../core/log-row.ts';
import { attributes, nanos, type AttributeValue, type EventJson, type SpanJson } from './json.ts';

/** `server.address` and `server.port` of the conventions: this server. */
export type ServerAddress = { readonly host: string; readonly port: number };

/** The kind of span that the conventions want of a request to a model. */
const clientKind = 3;
const statusUnset = 0;
const statusError = 2;

/**
 * One request as one span in OpenTelemetry's conventions for generative AI
 * (opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans), with what those have no word for as `inglenook.…`. Its ids
 * are made from the request's, so that a row sent twice is one span. `content`: what was said, where it may be told.
 */
export function spanOf(
  row: LogRow,
  {
    server,
    content,
  }: { readonly server: ServerAddress; readonly content: Readonly<Record<string, AttributeValue>> },
): SpanJson {
  const startMs = Date.parse(row.time);
  const operation = operationOf(row.route);
  return {
    ...spanIds(row.id),
    name: `${operation} ${row.model ?? ''}`.trim().toWellFormed(),
    kind: clientKind,
    startTimeUnixNano: nanos(startMs),
    endTimeUnixNano: nanos(startMs + Math.max(0, row.totalMs)),
    attributes: attributes({
      ...conventions(row, operation),
      'server.address': server.host,
      'server.port': server.port,
      ...ours(row),
      ...content,
    }),
    events: eventsOf(row, startMs),
    status: statusOf(row),
  };
}

/** The trace's id is the request's: 32 hexadecimal digits; of other ids a hash. The span's is always a hash. */
export function spanIds(requestId: string): { readonly traceId: string; readonly spanId: string } {
  const [, digits = ''] = /^req_([0-9a-f]{32})$/u.exec(requestId) ?? [];
  const hash = createHash('sha256').update(requestId).digest('hex');
  const isUsable = digits !== '' && !/^0+$/u.test(digits);
  return { traceId: isUsable ? digits : hash.slice(0, 32), spanId: hash.slice(32, 48) };
}

/** `gen_ai.operation.name`; what the conventions do not know goes by its own name. */
function operationOf(route: string): string {
  switch (route.toLowerCase()) {
    case '/v1/chat/completions':
    case '/v1/messages':
    case '/v1/responses':
      return 'chat';
    case '/v1/completions':
      return 'text_completion';
    case '/v1/embeddings':
      return 'embeddings';
    case '/v1/rerank':
      return 'rerank';
    case '/v1/messages/count_tokens':
    case '/v1/responses/input_tokens':
      return 'count_tokens';
    default:
      return 'request';
  }
}

function conventions(row: LogRow, operation: string): Record<string, AttributeValue> {
  return {
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': row.engine === null || row.engine === 'builtin' ? 'inglenook' : row.engine,
    'gen_ai.request.model': row.model,
    'gen_ai.response.model': row.servedModel,
    'gen_ai.response.id': row.id,
    'gen_ai.response.finish_reasons': row.finishReason === null ? null : [row.finishReason],
    'gen_ai.usage.input_tokens': row.promptTokens,
    'gen_ai.usage.output_tokens': row.completionTokens,
    'gen_ai.usage.cache_read.input_tokens': row.cachedTokens,
    'error.type': errorTypeOf(row),
    'http.route': row.route,
    'http.response.status_code': row.httpStatus,
    'user_agent.original': row.client,
    'client.address': row.ip === '' ? null : row.ip,
    'user.id': row.endUser ?? row.person,
  };
}

/** Milliseconds and money are always floating numbers, so that a receiver sees one type. */
function ours(row: LogRow): Record<string, AttributeValue> {
  const double = (value: number | null): AttributeValue => (value === null ? null : { double: value });
  const labels = Object.entries(row.labels).map(([name, value]) => [`inglenook.label.${name}`, value]);
  return {
    'inglenook.status': row.status,
    'inglenook.key': row.key,
    'inglenook.team': row.team,
    'inglenook.device': row.device,
    'inglenook.engine': row.engine,
    'inglenook.tried': row.tried.length > 1 ? row.tried : null,
    'inglenook.left_office': row.leftOffice,
    'inglenook.queue_ms': double(row.queueMs),
    'inglenook.load_ms': double(row.loadMs),
    'inglenook.prefill_ms': double(row.prefillMs),
    'inglenook.decode_ms': double(row.decodeMs),
    'inglenook.first_token_ms': double(row.firstTokenMs),
    'inglenook.cost': double(row.costNanos === null ? null : row.costNanos / 1e9),
    'inglenook.client_request_id': row.clientRequestId,
    ...Object.fromEntries(labels),
  };
}

function eventsOf(row: LogRow, startMs: number): EventJson[] {
  if (row.firstTokenMs === null) return [];
  return [{ timeUnixNano: nanos(startMs + row.firstTokenMs), name: 'first token', attributes: [] }];
}

function statusOf(row: LogRow): SpanJson['status'] {
  if (row.status !== 'error' && row.status !== 'refused') return { code: statusUnset };
  return { code: statusError, message: (row.error ?? String(row.httpStatus)).toWellFormed() };
}

/** The code before the sentence. */
export function errorTypeOf({ error, status, httpStatus }: LogRow): string | null {
  if (status === 'ok') return null;
  if (status === 'cancelled') return 'cancelled';
  return /^[\w.-]+(?=: )/u.exec(error ?? '')?.[0] ?? String(httpStatus);
}
