import { z } from 'zod';
import { pauseKind } from './owner.ts';

/**
 * What the server and whoever started it say to each other: the app's main process over a utility process's port,
 * or a script over a fork's channel. Versioned, because an app's two halves may be of different builds while it
 * updates itself. Secrets go this way and never through arguments or the environment, which others can read.
 */
export const hostProtocolVersion = 1;
const v = z.literal(hostProtocolVersion);

/** Argument by which a host announces that it will send `init`; without it the server does not wait. */
export const hostWillInitArgument = '--host=electron';

/** 32 random bytes or more, as base64url. */
const secretText = z.string().min(43).max(200);
const instant = z.number().int().min(0);

export const hostInit = z.object({
  v,
  type: z.literal('init'),
  /** Where data lives; left out, the environment or the platform's default decides. */
  dataDir: z.string().min(1).optional(),
  /** What the app's window shows as `Authorization: Bearer`, new at every start of the server. */
  windowToken: secretText,
  /**
   * What the system's keychain keeps for us: with it `server.key` lies sealed on the disk. `seal: false` opens it for
   * good, so that a server without the app can read it again. Left out where there is no keychain.
   */
  keychain: z.object({ masterKey: secretText, seal: z.boolean() }).optional(),
});
export type HostInit = z.infer<typeof hostInit>;

export const messageToServer = z.discriminatedUnion('type', [
  hostInit,
  /** Stop within `ms`: accept nothing new, let running answers end. */
  z.object({ v, type: z.literal('drain'), ms: z.number().int().min(0).max(60_000) }),
  /** The owner takes the computer back (`owner.ts` says which way is which), until then; null: until `resume`. */
  z.object({ v, type: z.literal('pause'), what: pauseKind, untilMs: instant.nullable() }),
  z.object({ v, type: z.literal('resume'), what: pauseKind }),
  /** The computer has woken up, or is in another network: look at once, and tell the network of us again. */
  z.object({ v, type: z.literal('net-changed') }),
  /** Asks for a link that signs one browser in, once; the answer bears the same id. */
  z.object({ v, type: z.literal('ticket'), id: z.string().min(1).max(100) }),
  /** Answered by `pong` as soon as the server's event loop turns, whatever else it is at. */
  z.object({ v, type: z.literal('ping') }),
]);
export type MessageToServer = z.infer<typeof messageToServer>;

/** `untilMs` null: until the owner ends it. `isDone`: no answer is waited for any more, and the memory is free. */
const hostPause = z.object({ untilMs: instant.nullable(), isDone: z.boolean() });
export type HostPause = z.infer<typeof hostPause>;

/** How the server is, as a tray shows it. */
export const hostState = z.object({
  phase: z.enum(['serving', 'stopping']),
  pauses: z.object({ gpu: hostPause.nullable(), all: hostPause.nullable() }),
  /** Requests that are answered or wait. */
  active: z.number().int().min(0),
  /** Ids of the models in memory. */
  models: z.array(z.string()),
  /** What the office reaches us by; null while it is not let in. */
  lanAddress: z.string().nullable(),
  /**
   * Whether the computer should not fall asleep by itself: the owner wants it so for the office's hours · others may come,
   * so it is for the app's own preference to say · nobody needs it.
   */
  keepAwake: z.enum(['hours', 'serving', 'no']),
  /** A newer version that is known of; nothing installs itself. */
  update: z.object({ version: z.string(), isSecurity: z.boolean() }).nullable(),
  /** A sentence for the person, while something is wrong that serving goes on with. */
  error: z.string().nullable(),
});
export type HostState = z.infer<typeof hostState>;

export const messageFromServer = z.discriminatedUnion('type', [
  /** Requests are accepted at `http://127.0.0.1:PORT`. */
  z.object({ v, type: z.literal('ready'), port: z.number().int().min(1).max(65_535) }),
  /**
   * The server cannot go on and ends; the message is for the person. `running`: who has the data folder, where the code
   * is `already_running` and it is known.
   */
  z.object({
    v,
    type: z.literal('fatal'),
    code: z.string(),
    message: z.string(),
    running: z.object({ pid: z.number().int(), port: z.number().int() }).optional(),
  }),
  /** After `ready`, and whenever something of it has changed. */
  z.object({ v, type: z.literal('state'), state: hostState }),
  /** A device asks to be let in and shows its person these two digits; the owner compares and approves in the window. */
  z.object({ v, type: z.literal('pairing'), id: z.string(), device: z.string(), code: z.string() }),
  /** It has been let in, refused, or has run out. */
  z.object({ v, type: z.literal('pairing-done'), id: z.string() }),
  /** An address of this computer that signs in whoever opens it first, within a minute. */
  z.object({ v, type: z.literal('ticket'), id: z.string(), url: z.url() }),
  z.object({ v, type: z.literal('pong') }),
]);
export type MessageFromServer = z.infer<typeof messageFromServer>;
