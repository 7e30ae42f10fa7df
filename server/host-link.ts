import {
  hostProtocolVersion,
  hostWillInitArgument,
  messageToServer,
  type HostInit,
  type MessageFromServer,
  type MessageToServer,
} from './wire/host.ts';

/** The server's tie to whoever started it. Without one every function is there and does nothing. */
export type HostLink = {
  /** `utility`: below the app's main process · `fork`: below a script · `none`: started by hand or by a service. */
  readonly kind: 'utility' | 'fork' | 'none';
  /**
   * What the host wants the server to know before it starts; null at once where no host has announced any.
   * Rejects when an announced host leaves or stays silent.
   */
  readonly init: Promise<HostInit | null>;
  /** Never throws: a host that has left needs no news. */
  readonly send: (message: MessageFromServer) => void;
  /** Messages after `init`, but for `ping`, which is answered here; whatever is not one of ours is ignored, a channel may carry other talk. */
  readonly onMessage: (listener: (message: MessageToServer) => void) => void;
  /** The host has left without a word. Does not fire below the app: there the server's process ends with it. */
  readonly onGone: (listener: () => void) => void;
};

/** The part of `process` that matters here, so that tests may bring their own. */
export type ProcessLike = {
  readonly argv: readonly string[];
  readonly connected?: boolean;
  readonly send?: ((message: unknown, done: (error: Error | null) => void) => unknown) | undefined;
  readonly on: (event: 'message' | 'disconnect', listener: (message: unknown) => void) => unknown;
  /** Electron adds this to the `process` of a utility process. */
  readonly parentPort?: ParentPort;
};

type ParentPort = {
  readonly postMessage: (message: unknown) => void;
  readonly on: (event: 'message', listener: (event: { readonly data: unknown }) => void) => unknown;
};

type Channel = {
  readonly kind: HostLink['kind'];
  readonly post: (message: MessageFromServer) => void;
  readonly onRaw: (listener: (message: unknown) => void) => void;
  readonly onGone: (listener: () => void) => void;
};

const initTimeoutMs = 20_000;

/** Call it once, first thing: messages that arrive before anyone listens would be lost. */
export function connectHost(processLike: ProcessLike = process, timeoutMs = initTimeoutMs): HostLink {
  const channel = openChannel(processLike);
  const listeners: ((message: MessageToServer) => void)[] = [];
  const goneListeners: (() => void)[] = [];
  let isGone = false;
  const isAwaited = channel.kind !== 'none' && processLike.argv.includes(hostWillInitArgument);
  const first = Promise.withResolvers<HostInit | null>();
  first.promise.catch(() => undefined);
  if (!isAwaited) first.resolve(null);
  const timer = setTimeout(() => {
    first.reject(new Error(`The app that started the server has said nothing for ${timeoutMs / 1000} s.`));
  }, timeoutMs);
  if (!isAwaited) clearTimeout(timer);

  channel.onRaw((raw) => {
    const parsed = messageToServer.safeParse(raw);
    if (!parsed.success) return;
    // Whether the event loop turns is all that is asked, so nothing else needs to be ready for it.
    if (parsed.data.type === 'ping') return channel.post({ v: hostProtocolVersion, type: 'pong' });
    if (parsed.data.type !== 'init') return listeners.forEach((listener) => listener(parsed.data));
    clearTimeout(timer);
    first.resolve(parsed.data);
  });
  channel.onGone(() => {
    isGone = true;
    clearTimeout(timer);
    first.reject(new Error('The app that started the server has ended.'));
    for (const listener of goneListeners) listener();
  });
  return {
    kind: channel.kind,
    init: first.promise,
    send: channel.post,
    onMessage: (listener) => void listeners.push(listener),
    onGone: (listener) => (isGone ? queueMicrotask(listener) : void goneListeners.push(listener)),
  };
}

function openChannel(processLike: ProcessLike): Channel {
  const { parentPort } = processLike;
  if (parentPort !== undefined) {
    return {
      kind: 'utility',
      post: (message) => parentPort.postMessage(message),
      onRaw: (listener) => void parentPort.on('message', ({ data }) => listener(data)),
      onGone: nothing,
    };
  }
  if (processLike.send === undefined) return { kind: 'none', post: nothing, onRaw: nothing, onGone: nothing };
  return {
    kind: 'fork',
    post: (message) => {
      // The callback takes the error of a channel that closes at this very moment, which would else be thrown.
      if (processLike.connected === true) processLike.send?.(message, nothing);
    },
    onRaw: (listener) => void processLike.on('message', listener),
    onGone: (listener) => void processLike.on('disconnect', listener),
  };
}

function nothing(): void {
  // There is nobody to tell.
}
