import { errors, type Dispatcher } from 'undici';

/** An answer while it comes in: undici's calls on one side, on the other who waits for the head and for what follows. */
export type Arriving = {
  readonly handler: Dispatcher.DispatchHandler;
  readonly head: Promise<Head>;
  /** Ends by throwing where the answer breaks off. Leaving it early closes the connection. */
  readonly chunks: AsyncIterableIterator<Buffer>;
  /** All of it, to be asked for in place of the chunks; null where there is more than that, which is then left. */
  readonly text: (mostBytes: number) => Promise<string | null>;
  /** Gives the answer up, from the connecting on: who waits for it gets this error, and nothing more of it. */
  readonly fail: (error: unknown) => void;
};

/** `headers`: those that somebody reads, see `namesRead`. */
export type Head = { readonly status: number; readonly headers: Readonly<Record<string, string | string[]>> };

export type ArrivingOptions = {
  readonly onHeard: () => void;
  /** The reader is behind, so that nothing more is taken; `onHeard` is called when it goes on. */
  readonly onHeld: () => void;
  /** Nothing more will come, for whatever reason; called once. */
  readonly onOver: () => void;
  /** What is told in place of an error of the connection. */
  readonly inWords: (error: unknown) => unknown;
};

/** So much may come before it is read; then the upstream waits. */
const mostWaitingBytes = 128 * 1024;

const left = Symbol('the reader has left');

/**
 * By undici's own calls, since its readable streams cost as much for a short answer as all the rest of the way to an
 * upstream.
 */
export function createArriving({ onHeard, onHeld, onOver, inWords }: ArrivingOptions): Arriving {
  const head = Promise.withResolvers<Head>();
  let controller: Dispatcher.DispatchController | null = null;
  let chunks: Buffer[] = [];
  let waitingBytes = 0;
  let isOver = false;
  let failure: { readonly error: unknown } | null = null;
  let reader: PromiseWithResolvers<IteratorResult<Buffer, undefined>> | null = null;

  function over(): void {
    isOver = true;
    onOver();
    const waiting = reader;
    reader = null;
    if (failure !== null) waiting?.reject(failure.error);
    else waiting?.resolve(end);
  }

  function giveUp(error: unknown): void {
    chunks = [];
    fail(error);
  }

  function fail(error: unknown): void {
    if (isOver) return;
    failure = { error: error === left ? error : inWords(error) };
    head.reject(failure.error);
    over();
    controller?.abort(new errors.RequestAbortedError());
  }

  function take(chunk: Buffer): void {
    onHeard();
    if (reader !== null) {
      const waiting = reader;
      reader = null;
      waiting.resolve({ done: false, value: chunk });
      return;
    }
    chunks.push(chunk);
    waitingBytes += chunk.length;
    if (waitingBytes < mostWaitingBytes || controller?.paused === true) return;
    controller?.pause();
    onHeld();
  }

  function takeAll(): string {
    const all = chunks;
    chunks = [];
    waitingBytes = 0;
    return textOf(all);
  }

  async function next(): Promise<IteratorResult<Buffer, undefined>> {
    const value = chunks.shift();
    if (value !== undefined) {
      waitingBytes -= value.length;
      if (waitingBytes === 0 && controller?.paused === true && !isOver) {
        onHeard();
        controller.resume();
      }
      return { done: false, value };
    }
    if (failure !== null && failure.error !== left) throw failure.error;
    if (isOver) return end;
    reader = Promise.withResolvers();
    return await reader.promise;
  }

  return {
    handler: {
      onRequestStart(given) {
        controller = given;
        if (isOver) given.abort(new errors.RequestAbortedError());
      },
      onResponseStart(given, status, headers) {
        // Else undici keeps them, and with them its first piece of the answer, for as long as the answer lasts.
        given.rawHeaders = null;
        // 1xx tell that the answer is still to come (RFC 9110 §15.2).
        if (status >= 200) head.resolve({ status, headers: readOf(headers as Head['headers']) });
      },
      onResponseData: (_controller, chunk) => take(chunk),
      onResponseEnd() {
        if (!isOver) over();
      },
      onResponseError: (_controller, error) => fail(error),
    },
    head: head.promise,
    chunks: {
      next,
      async return() {
        giveUp(left);
        return end;
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    },
    async text(mostBytes) {
      // A short answer is here as soon as its head is: nothing to wait for.
      if (isOver && failure === null && waitingBytes <= mostBytes) return takeAll();
      const read: Buffer[] = [];
      let length = 0;
      for (let piece = await next(); piece.done !== true; piece = await next()) {
        length += piece.value.length;
        if (length > mostBytes) {
          giveUp(left);
          return null;
        }
        read.push(piece.value);
      }
      return textOf(read);
    },
    fail: giveUp,
  };
}

function textOf(pieces: readonly Buffer[]): string {
  const [only] = pieces;
  return (pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces)).toString('utf8');
}

const end = { done: true, value: undefined } as const;

/** What is read of a head; all of it would be kept as long as the answer lasts. */
const namesRead = ['content-type', 'content-encoding', 'retry-after'];

function readOf(headers: Head['headers']): Head['headers'] {
  const read: Record<string, string | string[]> = {};
  for (const name of namesRead) {
    const value = headers[name];
    if (value !== undefined) read[name] = value;
  }
  return read;
}
