export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * What goes with a sentence. Numbers, strings, booleans and lists of them are written; `error` (or any field
 * that holds an Error) is described; other objects are left out, so that no request body slips in by accident.
 */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * The server's own log, for the owner: sentences about the server, never a prompt, an answer or a key. Logging
 * never throws and never waits. (The record of requests is the table `requests`, not this.)
 */
export type Logger = {
  readonly debug: (message: string, fields?: LogFields) => void;
  readonly info: (message: string, fields?: LogFields) => void;
  readonly warn: (message: string, fields?: LogFields) => void;
  readonly error: (message: string, fields?: LogFields) => void;
};
