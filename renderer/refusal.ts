import { ApiError } from './api.ts';

/** A refusal that is about one field: what the server says of it, and which of several values it means. */
type FieldRefusal = {
  readonly sentence: string;
  /** Of a list, the value at fault; null where the whole is. */
  readonly index: number | null;
};

/** Null where the error is none of the server's, or about something else. */
export function refusalAt(error: unknown, field: string): FieldRefusal | null {
  if (!(error instanceof ApiError) || error.kind !== 'refused' || error.param === null) return null;
  const { param, message } = error;
  if (param !== field && !param.startsWith(`${field}.`)) return null;
  const index = /^\d+$/.exec(param.slice(field.length + 1))?.[0];
  return { sentence: withoutPath(message, param), index: index === undefined ? null : Number(index) };
}

/** The server's sentence begins with the name of the field, which stands right above it in a form. */
export function withoutPath(message: string, param: string | null): string {
  return param !== null && message.startsWith(`${param}: `) ? message.slice(param.length + 2) : message;
}
