import type { IncomingHttpHeaders } from 'node:http';

const longest = 200;

/**
 * For whom a program that many people share says it asks: Open WebUI in its headers (docs.openwebui.com, "Forward user
 * information"; values are percent-encoded), others in the body: OpenAI's `safety_identifier` and the older `user`,
 * Anthropic's `metadata.user_id`. Null where it says nothing. It is what the client says, nothing that was proved.
 */
export function endUserOf(headers: IncomingHttpHeaders, body: unknown): string | null {
  for (const name of ['email', 'name', 'id'] as const) {
    const said = headers[`x-openwebui-user-${name}`];
    const text = cleaned(typeof said === 'string' ? decoded(said) : undefined);
    if (text !== null) return text;
  }
  if (!isRecord(body)) return null;
  const { safety_identifier: identifier, user, metadata } = body;
  return cleaned(identifier) ?? cleaned(user) ?? (isRecord(metadata) ? cleaned(metadata['user_id']) : null);
}

function cleaned(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const text = value.trim().toWellFormed().slice(0, longest);
  return text === '' ? null : text;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
