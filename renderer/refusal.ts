import { ApiError } from './api.ts';
import { tell } from './server-words.ts';

/** A refusal that is about one field: what the server says of it, and which of several values it means. */
type FieldRefusal = {
  readonly sentence: string;
  /** Of a list, the value at fault; null where the whole is. */
  readonly index: number | null;
};

/** Null where the error is none of the server's, or about something else. */
export function refusalAt(error: unknown, field: string): FieldRefusal | null {
  if (!(error instanceof ApiError) || error.kind !== 'refused' || error.param === null) return null;
  const { param } = error;
  if (param !== field && !param.startsWith(`${field}.`)) return null;
  const index = /^\d+$/.exec(param.slice(field.length + 1))?.[0];
  return { sentence: toldAtField(error), index: index === undefined ? null : Number(index) };
}

/**
 * What is said beside a field, in the language of the console. The server's sentence may begin with the name of the
 * field, which stands right above it in a form. There is no fold here, so what only the server can say stands behind.
 */
export function toldAtField(error: Error): string {
  if (!(error instanceof ApiError)) return error.message;
  const { code, message, param } = error;
  const said = param !== null && message.startsWith(`${param}: `) ? message.slice(param.length + 2) : message;
  if (code !== 'invalid_request') return tell(said, code) ?? said;
  const wrong = tell('', 'invalid_value');
  return tell(said) ?? (wrong === null ? said : `${wrong} (${said})`);
}
