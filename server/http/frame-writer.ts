import type { ServerResponse } from 'node:http';
import type { Timers } from '../core/clock.ts';
import { everySecond } from '../core/every-second.ts';

/** Writes the frames of one stream at the pace of its reader. */
export type FrameWriter = {
  /**
   * Takes whole frames. Resolves at once while the reader keeps up; otherwise when there is room again, and rejects
   * with the signal's reason when there will be none.
   */
  readonly write: (frames: string) => void | Promise<void>;
  /** The last frames; nothing may be written after them. */
  readonly end: (frames: string) => void;
  /** Whether something is still on its way to the reader. */
  readonly isBusy: () => boolean;
};

export type FrameWriterOptions = {
  readonly timers: Timers;
  readonly signal: AbortSignal;
  /** The reader has taken nothing for `slowestReaderMs`; told once. */
  readonly onStalled: () => void;
};

/** What may lie here for one reader; then its answer is paused. */
const mostBufferedBytes = 1024 * 1024;
/** A reader that takes nothing for so long is given up. */
export const slowestReaderMs = 30_000;

/** Frames that are ready together share one write, and none is ever split over two. */
export function createFrameWriter(response: ServerResponse, options: FrameWriterOptions): FrameWriter {
  const { timers, signal, onStalled } = options;
  let ready = '';
  let isFlushing = false;
  /** Given to the connection and not yet taken by it. */
  let outstandingBytes = 0;
  /** Seconds since the connection took something, or had nothing to take. */
  let quietSeconds = 0;
  let stopLooking: (() => void) | null = null;
  let room: PromiseWithResolvers<void> | null = null;

  const look = (): void => {
    quietSeconds = outstandingBytes === 0 ? 0 : quietSeconds + 1;
    if (quietSeconds * 1000 === slowestReaderMs) onStalled();
  };
  const leave = (): void => {
    stopLooking?.();
    stopLooking = null;
  };
  const taken = (bytes: number): void => {
    outstandingBytes -= bytes;
    quietSeconds = 0;
    if (outstandingBytes === 0 && response.writableEnded) leave();
    if (outstandingBytes < mostBufferedBytes) room?.resolve();
  };
  const send = (isLast: boolean): void => {
    const bytes = Buffer.from(ready);
    ready = '';
    if (outstandingBytes === 0) quietSeconds = 0;
    outstandingBytes += bytes.length;
    stopLooking ??= everySecond(timers, look);
    const onTaken = (): void => taken(bytes.length);
    if (isLast) response.end(bytes, onTaken);
    else response.write(bytes, onTaken);
  };
  const flush = (): void => {
    isFlushing = false;
    if (ready !== '' && !response.writableEnded && !response.destroyed) send(false);
  };
  response.on('close', () => {
    outstandingBytes = 0;
    leave();
  });

  return {
    isBusy: () => ready !== '' || outstandingBytes > 0,
    write(frames) {
      ready += frames;
      if (!isFlushing) setImmediate(flush);
      isFlushing = true;
      if (outstandingBytes + ready.length < mostBufferedBytes) return;
      room ??= Promise.withResolvers();
      return untilRoom(room, signal).finally(() => (room = null));
    },
    end(frames) {
      ready += frames;
      if (!response.destroyed) send(true);
    },
  };
}

async function untilRoom(
  { promise, reject }: PromiseWithResolvers<void>,
  signal: AbortSignal,
): Promise<void> {
  const onAbort = (): void => reject(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await promise;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** A stream of server-sent events that no proxy may keep back (nginx and others obey `X-Accel-Buffering`). */
export function setStreamHeaders(response: ServerResponse): void {
  response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
  response.setHeader('Cache-Control', 'no-cache, no-transform');
  response.setHeader('X-Accel-Buffering', 'no');
}
