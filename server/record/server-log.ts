import { mkdirSync } from 'node:fs';
import { createStream, type RotatingFileStream } from 'rotating-file-stream';
import type { LogFields, Logger, LogLevel } from '../core/logger.ts';
import { toJsonLine, toLogEntry, toReadableLine } from './log-line.ts';

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** A file is put aside at this size or at the end of the day, and the oldest beyond the count are removed. */
const fileSize = '10M';
const fileInterval = '1d';
export const keptLogFiles = 14;

/** After a failed write (a full disk, say) the file is left alone this long before it is tried again. */
const retryAfterMs = 30_000;
/** Lines the disk has not taken yet; beyond it lines go to stderr only, so memory stays bounded. */
const mostPendingBytes = 1024 * 1024;

export type ServerLogOptions = {
  /** Folder of `server.log` and its predecessors. */
  readonly dir: string;
  /** Where the readable lines go; a test gives its own. */
  readonly stderr: {
    readonly write: (text: string) => unknown;
    readonly on?: (event: 'error', listener: () => void) => unknown;
  };
  /** The least that is written. */
  readonly level: LogLevel;
  /** Another size in tests, as rotating-file-stream spells it. */
  readonly size?: string;
};

export type ServerLog = Logger & {
  /** Writes out what is pending. Never rejects; later lines still go to stderr. */
  readonly close: () => Promise<void>;
};

/** JSON lines into rotating files, readable lines to stderr. See `Logger` for what may be logged. */
export function createServerLog(options: ServerLogOptions): ServerLog {
  // A terminal that is closed answers a write later, by an event that would end the process unheard.
  options.stderr.on?.('error', () => undefined);
  const file = openLogFile(options, (error) => {
    writeQuietly(options.stderr, toReadableLine(describeFileTrouble(error)));
  });
  const log = (level: LogLevel, message: string, fields: LogFields = {}): void => {
    if (levels.indexOf(level) < levels.indexOf(options.level)) return;
    try {
      const entry = toLogEntry(new Date().toISOString(), level, message, fields);
      file.write(toJsonLine(entry));
      writeQuietly(options.stderr, toReadableLine(entry));
    } catch {
      // A field whose getter throws must not take a request down with it.
    }
  };
  return {
    debug: (message, fields) => log('debug', message, fields),
    info: (message, fields) => log('info', message, fields),
    warn: (message, fields) => log('warn', message, fields),
    error: (message, fields) => log('error', message, fields),
    close: file.close,
  };
}

type LogFile = { readonly write: (line: string) => void; readonly close: () => Promise<void> };

/** Reopens itself some time after a failure; `onFailure` hears of each failure once. */
function openLogFile(options: ServerLogOptions, onFailure: (error: unknown) => void): LogFile {
  let stream: RotatingFileStream | null = null;
  let closed = false;
  let brokenSinceMs = Number.NEGATIVE_INFINITY;

  const fail = (error: unknown): void => {
    if (stream === null) return;
    stream = null;
    brokenSinceMs = performance.now();
    onFailure(error);
  };
  const open = (): RotatingFileStream | null => {
    if (stream !== null || closed || performance.now() - brokenSinceMs < retryAfterMs) return stream;
    try {
      mkdirSync(options.dir, { recursive: true, mode: 0o700 });
      const size = options.size ?? fileSize;
      stream = createStream('server.log', {
        path: options.dir,
        size,
        interval: fileInterval,
        maxFiles: keptLogFiles,
        mode: 0o600,
      });
      stream.on('error', fail);
    } catch (error) {
      brokenSinceMs = performance.now();
      onFailure(error);
    }
    return stream;
  };
  return {
    write(line) {
      const target = open();
      if (target !== null && target.writableLength < mostPendingBytes) target.write(line);
    },
    close() {
      const ending = stream;
      stream = null;
      closed = true;
      if (ending === null) return Promise.resolve();
      return new Promise((resolve) => {
        ending.once('close', resolve);
        ending.once('error', () => resolve());
        ending.end();
      });
    },
  };
}

function describeFileTrouble(error: unknown): ReturnType<typeof toLogEntry> {
  const message = 'The log file cannot be written; lines go to this window only. It is tried again soon.';
  return toLogEntry(new Date().toISOString(), 'warn', message, { error });
}

function writeQuietly(stderr: ServerLogOptions['stderr'], text: string): void {
  try {
    stderr.write(text);
  } catch {
    // The terminal is gone; the file has the line.
  }
}
