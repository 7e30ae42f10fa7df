import type { PlainMessage } from './openai-chat-messages.ts';

/** What nearly all requests for a chat are made of; whatever else is in one, the schema reads none of it. */
export type PlainChat = {
  readonly model: string;
  readonly messages: PlainMessage[];
  readonly stream?: boolean;
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
  readonly temperature?: number;
  readonly top_p?: number;
  readonly [field: string]: unknown;
};

/**
 * Looking at a plain body by hand costs a fifth of the schema, which walks through all it knows. Null for every other
 * body, right or wrong: those the schema is to judge. What is accepted here it would accept as it is.
 * @param fieldNames all that the schema knows
 */
export function plainChat(body: unknown, fieldNames: ReadonlySet<string>): PlainChat | null {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return null;
  const fields = body as Readonly<Record<string, unknown>>;
  if (!('model' in fields) || !('messages' in fields)) return null;
  for (const name of Object.keys(fields)) {
    if (fieldNames.has(name) && !isPlainField(name, fields[name])) return null;
  }
  return fields as PlainChat;
}

function isPlainField(name: string, value: unknown): boolean {
  switch (name) {
    case 'model':
      return typeof value === 'string' && value.length > 0 && value.length <= 5000;
    case 'messages':
      return Array.isArray(value) && value.length > 0 && value.length <= 4096 && value.every(isPlainMessage);
    case 'stream':
      return typeof value === 'boolean';
    case 'max_tokens':
    case 'max_completion_tokens':
      return Number.isSafeInteger(value) && Number(value) >= 1;
    case 'temperature':
      return typeof value === 'number' && value >= 0 && value <= 2;
    case 'top_p':
      return typeof value === 'number' && value >= 0 && value <= 1;
    default:
      return false;
  }
}

const roles: ReadonlySet<unknown> = new Set(['system', 'developer', 'user', 'assistant']);

/** A text of somebody's and nothing else. */
function isPlainMessage(message: unknown): message is PlainMessage {
  if (typeof message !== 'object' || message === null) return false;
  const fields = message as Readonly<Record<string, unknown>>;
  if (typeof fields['content'] !== 'string' || !roles.has(fields['role'])) return false;
  for (const name in fields) if (name !== 'role' && name !== 'content') return false;
  return true;
}
