import { mkdir, open, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { diskFault, DownloadFault } from './download-fault.ts';
import type { Pace } from './download-pace.ts';
import { openRemote, type RemoteBody, type RemoteTools } from './download-http.ts';
import { bytesIn, joinRanges, takePiece, type ByteRange } from './download-ranges.ts';
import type { PlannedFile } from './pull-plan.ts';

export type FileOptions = {
  readonly tools: RemoteTools;
  readonly signal: AbortSignal;
  /** The unfinished file; made if it is not there. */
  readonly partPath: string;
  /** Connections at a time. */
  readonly parallel: number;
  /** What one connection fetches before it asks again. */
  readonly pieceBytes: number;
  /** Told every piece of news, often. */
  readonly onBytes: (count: number) => void;
  /** What is still to come, once all the rest has reached the disk: this may be noted. */
  readonly onSafe: (left: readonly ByteRange[]) => void;
  /** Waits where it comes faster than it may. */
  readonly pace: Pace;
  /** Milliseconds that never run backwards. */
  readonly monotonicMs: () => number;
};

/** How often what has arrived is forced to the disk and noted. */
const safeEveryMs = 2000;
/** More connections than this much is left for each help nobody. */
const leastPieceBytes = 1024 * 1024;

/**
 * Fetches what is missing of one file into its part file; `file.left` always tells what is still to come, also when
 * this throws. Connections that break leave their work to the others; the last one's fault is thrown.
 * @throws DownloadFault, or the signal's reason
 */
export async function downloadFile(file: PlannedFile, options: FileOptions): Promise<void> {
  await forgetLostPart(file, options.partPath);
  const handle = await openPart(options.partPath);
  try {
    if (file.isResumable && file.sizeBytes !== null) await fetchInPieces(file, handle, options);
    else await fetchWhole(file, handle, options);
    await handle.datasync().catch((error: unknown) => {
      throw diskFault(error);
    });
  } catch (error) {
    if (error instanceof DownloadFault && error.kind === 'changed') forgetProgress(file);
    throw error;
  } finally {
    // What was written is noted by whoever catches; it must be on the disk by then.
    await handle.datasync().catch(() => {});
    await handle.close();
  }
}

/** Begins the file anew. What is known of the source is asked again by the next plan. */
function forgetProgress(file: PlannedFile): void {
  file.left = file.sizeBytes === null ? null : [{ from: 0, to: file.sizeBytes }];
}

export function bytesDone(file: PlannedFile): number {
  return file.left === null || file.sizeBytes === null ? 0 : file.sizeBytes - bytesIn(file.left);
}

/** Somebody may have deleted the part file, or the disk forgotten its end. */
async function forgetLostPart(file: PlannedFile, partPath: string): Promise<void> {
  if (file.left === null) return forgetProgress(file);
  const size = await stat(partPath).then(
    (info) => info.size,
    () => 0,
  );
  const unfinished = joinRanges(file.left);
  const last = unfinished.at(-1);
  const highest = last === undefined || last.to !== file.sizeBytes ? (file.sizeBytes ?? 0) : last.from;
  if (size < highest) forgetProgress(file);
}

async function openPart(path: string): Promise<FileHandle> {
  try {
    await mkdir(dirname(path), { recursive: true });
    return await open(path, 'r+').catch(() => open(path, 'wx+'));
  } catch (error) {
    throw diskFault(error);
  }
}

// --- in pieces ---------------------------------------------------------------------------------------------------

async function fetchInPieces(file: PlannedFile, handle: FileHandle, options: FileOptions): Promise<void> {
  /** Pieces that nobody works at, and those that somebody does, with where they are. */
  let waiting: readonly ByteRange[] = joinRanges(file.left ?? []);
  const working = new Set<ByteRange>();
  const noteLeft = (): void => void (file.left = joinRanges([...waiting, ...working]));
  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal]);
  const safe = createSafePoint(handle, options);
  const left = bytesIn(waiting);
  const connections = Math.max(1, Math.min(options.parallel, Math.floor(left / leastPieceBytes)));
  const pieceBytes = Math.max(1, Math.min(options.pieceBytes, Math.ceil(left / connections)));
  let alive = connections;

  async function fetchPiece(piece: ByteRange): Promise<void> {
    let place = piece;
    working.add(place);
    try {
      for await (const { at, chunk } of piecesOf(file, piece, { tools: options.tools, signal })) {
        await writeAt(handle, chunk, at);
        working.delete(place);
        place = { from: at + chunk.length, to: piece.to };
        working.add(place);
        noteLeft();
        options.onBytes(chunk.length);
        await options.pace(chunk.length, signal);
        await safe.passBy(file.left ?? []);
      }
    } finally {
      working.delete(place);
      waiting = joinRanges([...waiting, place]);
    }
  }

  async function work(): Promise<void> {
    try {
      for (
        let taken = takePiece(waiting, pieceBytes);
        taken !== null;
        taken = takePiece(waiting, pieceBytes)
      ) {
        waiting = taken.left;
        await fetchPiece(taken.piece);
      }
    } catch (error) {
      // A source may give fewer connections than we ask for; the others do the rest.
      const canBeSpared = error instanceof DownloadFault && error.kind === 'network' && alive > 1;
      if (!canBeSpared) ending.abort(error);
    } finally {
      alive -= 1;
    }
  }

  try {
    await Promise.all(Array.from({ length: connections }, work));
  } finally {
    noteLeft();
  }
  signal.throwIfAborted();
}

/** The bytes of one piece, each with its place; checks that they are of the file we began with. */
async function* piecesOf(
  file: PlannedFile,
  piece: ByteRange,
  { tools, signal }: { readonly tools: RemoteTools; readonly signal: AbortSignal },
): AsyncGenerator<{ readonly at: number; readonly chunk: Buffer }, void, void> {
  const body = await openRemote({ url: new URL(file.url), range: piece, signal }, tools);
  const change = changeOf(file, body);
  if (change !== null) {
    body.close();
    throw change;
  }
  let at = piece.from;
  for await (const chunk of body.chunks()) {
    if (at + chunk.length > piece.to) {
      throw new DownloadFault('stop', 'The source sends more than it was asked for.');
    }
    yield { at, chunk };
    at += chunk.length;
  }
  if (at < piece.to) throw new DownloadFault('network', 'The source cut the connection.');
}

function changeOf(file: PlannedFile, body: RemoteBody): DownloadFault | null {
  if (!body.isPartial) {
    file.isResumable = false;
    return new DownloadFault(
      'changed',
      'The source gives no parts of this file any more. It is fetched anew.',
    );
  }
  const isOther =
    body.totalBytes !== file.sizeBytes ||
    (body.sha256 !== null && file.sha256 !== null
      ? body.sha256 !== file.sha256
      : body.version !== null && file.version !== null && body.version !== file.version);
  if (!isOther) return null;
  return new DownloadFault('changed', 'The file at the source has changed. It is fetched anew.');
}

// --- in one go ---------------------------------------------------------------------------------------------------

/** For sources that give no parts: an interruption means to begin anew. */
async function fetchWhole(file: PlannedFile, handle: FileHandle, options: FileOptions): Promise<void> {
  forgetProgress(file);
  await handle.truncate(0);
  const body = await openRemote(
    { url: new URL(file.url), range: null, signal: options.signal },
    options.tools,
  );
  if (file.sizeBytes !== null && body.totalBytes !== null && body.totalBytes !== file.sizeBytes) {
    body.close();
    file.sizeBytes = body.totalBytes;
    throw new DownloadFault('changed', 'The file at the source has changed. It is fetched anew.');
  }
  let at = 0;
  try {
    for await (const chunk of body.chunks()) {
      await writeAt(handle, chunk, at);
      at += chunk.length;
      options.onBytes(chunk.length);
      if (file.sizeBytes !== null) file.left = [{ from: Math.min(at, file.sizeBytes), to: file.sizeBytes }];
      await options.pace(chunk.length, options.signal);
    }
  } catch (error) {
    forgetProgress(file);
    throw error;
  }
  if (file.sizeBytes !== null && at !== file.sizeBytes) {
    forgetProgress(file);
    throw new DownloadFault('network', 'The source cut the connection.');
  }
  file.sizeBytes = at;
  file.left = [];
}

async function writeAt(handle: FileHandle, chunk: Buffer, at: number): Promise<void> {
  try {
    let written = 0;
    while (written < chunk.length) {
      const { bytesWritten } = await handle.write(chunk, written, chunk.length - written, at + written);
      written += bytesWritten;
    }
  } catch (error) {
    throw diskFault(error);
  }
}

/** Now and then forces what is written to the disk, and only then lets it be noted as here. */
function createSafePoint(
  handle: FileHandle,
  { monotonicMs, onSafe, signal }: FileOptions,
): { readonly passBy: (left: readonly ByteRange[]) => Promise<void> } {
  let lastMs = monotonicMs();
  return {
    async passBy(left) {
      if (monotonicMs() - lastMs < safeEveryMs || signal.aborted) return;
      lastMs = monotonicMs();
      await handle.datasync();
      onSafe(left);
    },
  };
}

/** Deletes a part file; harmless if there is none. */
export async function deletePart(partPath: string): Promise<void> {
  await rm(partPath, { force: true });
}
