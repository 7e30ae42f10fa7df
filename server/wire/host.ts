import { z } from 'zod';

/**
 * What the server and whoever started it say to each other: the app's main process over a utility process's port,
 * or a script over a fork's channel. Versioned, because an app's two halves may be of different builds while it
 * updates itself. Secrets go this way and never through arguments or the environment, which others can read.
 */
export const hostProtocolVersion = 1;
const v = z.literal(hostProtocolVersion);

/** Argument by which a host announces that it will send `init`; without it the server does not wait. */
export const hostWillInitArgument = '--host=electron';

export const hostInit = z.object({
  v,
  type: z.literal('init'),
  /** Where data lives; left out, the environment or the platform's default decides. */
  dataDir: z.string().min(1).optional(),
  /** What the app's window shows as `Authorization: Bearer`, new at every launch; at least 32 random bytes. */
  windowToken: z.string().min(43).max(200),
});
export type HostInit = z.infer<typeof hostInit>;

export const messageToServer = z.discriminatedUnion('type', [
  hostInit,
  /** Stop within `ms`: accept nothing new, let running answers end. */
  z.object({ v, type: z.literal('drain'), ms: z.number().int().min(0).max(60_000) }),
]);
export type MessageToServer = z.infer<typeof messageToServer>;

export const messageFromServer = z.discriminatedUnion('type', [
  /** Requests are accepted at `http://127.0.0.1:PORT`. */
  z.object({ v, type: z.literal('ready'), port: z.number().int().min(1).max(65_535) }),
  /** The server cannot go on and ends; the message is for the person. */
  z.object({ v, type: z.literal('fatal'), code: z.string(), message: z.string() }),
  z.object({ v, type: z.literal('state'), state: z.enum(['starting', 'serving', 'stopping']) }),
]);
export type MessageFromServer = z.infer<typeof messageFromServer>;
