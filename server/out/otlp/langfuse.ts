import type { LogRow } from '../../core/log-row.ts';
import { attributes, type KeyValue } from './json.ts';

/**
 * What Langfuse reads beside the conventions (langfuse.com/integrations/native/opentelemetry, "property mapping"). Rows
 * do not know conversations, so no session is told.
 */
export function langfuseAttributes(row: LogRow): KeyValue[] {
  const isBad = row.status === 'error' || row.status === 'refused';
  const level = isBad ? 'ERROR' : row.status === 'cancelled' ? 'WARNING' : 'DEFAULT';
  const tags = [row.team, row.device].filter((tag) => tag !== null);
  return attributes({
    'langfuse.trace.name': row.route,
    'langfuse.user.id': row.endUser ?? row.person,
    'langfuse.trace.tags': tags.length === 0 ? null : tags,
    'langfuse.trace.metadata.key': row.key,
    'langfuse.trace.metadata.status': row.status,
    'langfuse.observation.type': 'generation',
    'langfuse.observation.level': level,
    'langfuse.observation.status_message': row.error,
    'langfuse.observation.model.name': row.servedModel ?? row.model,
    // It counts what comes without being named as an own kind; what was cached is a part of the input.
    'langfuse.observation.usage_details': JSON.stringify({
      input: row.promptTokens - row.cachedTokens,
      input_cached_tokens: row.cachedTokens,
      output: row.completionTokens,
    }),
    'langfuse.observation.completion_start_time': startOfAnswer(row),
  });
}

/** As JSON text: a date in quotes, which is how Langfuse's own libraries send it. */
function startOfAnswer({ time, firstTokenMs }: LogRow): string | null {
  return firstTokenMs === null
    ? null
    : JSON.stringify(new Date(Date.parse(time) + firstTokenMs).toISOString());
}
