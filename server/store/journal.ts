import { closeSync, fchmodSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';

/**
 * Lines on their way into the database. A line costs one write of a few hundred bytes; a transaction costs fifty times
 * that, so many lines share one. As safe as the database itself: what was appended outlives the process, and a power cut
 * may take the last moments of both (`synchronous = NORMAL`).
 */
export type Journal = {
  /** @throws Error where the disk is full or the journal too large; nothing of the lines is left then. */
  readonly append: (lines: readonly string[]) => void;
  /** To be called when all lines are in the database. */
  readonly clear: () => void;
  /** Twice does no harm. */
  readonly close: () => void;
};

/** A database that takes nothing for so long has other troubles. */
const mostBytes = 64 * 1024 * 1024;

/** Opens the journal, makes it if it is missing (file mode 0600), and gives the whole lines of before. */
export function openJournal(path: string): { readonly journal: Journal; readonly lines: readonly string[] } {
  const file = openSync(path, 'a+', 0o600);
  fchmodSync(file, 0o600);
  const bytes = readFileSync(path);
  // What is behind the last end of line was cut off: its answer was never sent, and no line may be joined to it.
  let sizeBytes = bytes.lastIndexOf('\n') + 1;
  if (sizeBytes < bytes.length) ftruncateSync(file, sizeBytes);
  const lines = bytes.toString('utf8', 0, sizeBytes).split('\n').slice(0, -1);
  // The number of a closed file may be another's.
  let isOpen = true;
  const close = (): void => {
    if (isOpen) closeSync(file);
    isOpen = false;
  };
  /** A file that cannot be cut is given up: what would follow might be joined to what is there. */
  const truncate = (size: number): void => {
    try {
      ftruncateSync(file, size);
      sizeBytes = size;
    } catch {
      close();
    }
  };
  return {
    lines,
    journal: {
      append(added) {
        const text = `${added.join('\n')}\n`;
        const textBytes = Buffer.byteLength(text);
        if (!isOpen || sizeBytes + textBytes > mostBytes)
          throw new Error('The journal of requests takes no more.');
        let written = 0;
        try {
          written = writeSync(file, text);
          if (written < textBytes) throw new Error('The disk took only a part of a line.');
        } catch (error) {
          if (written > 0) truncate(sizeBytes);
          throw error;
        }
        sizeBytes += textBytes;
      },
      clear() {
        if (isOpen && sizeBytes > 0) truncate(0);
      },
      close,
    },
  };
}
