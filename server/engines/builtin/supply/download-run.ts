import { mkdir, rename, rmdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RemoteModel } from '../../../core/download.ts';
import { checkDownloaded } from './download-check.ts';
import { diskFault, DownloadFault } from './download-fault.ts';
import { bytesDone, deletePart, downloadFile } from './download-file.ts';
import type { RemoteTools } from './download-http.ts';
import type { Pace } from './download-pace.ts';
import { pathWithin } from './download-names.ts';
import { requireSpace, watchSpace, type SpaceGuard } from './download-space.ts';
import { inspectFiles } from './pull-inspect.ts';
import { planPull, type PlannedFile } from './pull-plan.ts';
import type { PullRequest } from './pull-uri.ts';

/** What a run works on and changes as it goes; `files` is null until the source was asked. */
export type PullProgress = {
  readonly request: PullRequest;
  files: PlannedFile[] | null;
  about: RemoteModel | null;
};

export type RunOptions = {
  readonly modelsDir: string;
  readonly tools: RemoteTools;
  readonly signal: AbortSignal;
  readonly space: SpaceGuard;
  /** What other running downloads will still write. */
  readonly promisedBytes: () => number;
  readonly parallel: number;
  readonly pieceBytes: number;
  readonly pace: Pace;
  readonly monotonicMs: () => number;
  readonly onBytes: (count: number) => void;
  readonly onChecking: () => void;
  /** `files` as they may be kept now. */
  readonly onSafe: (files: readonly PlannedFile[]) => void;
};

/**
 * One try at a whole download: plan, header, room on the disk, bytes, checks, and only then the real names. Whatever
 * it throws, `progress` tells how far it came, and the next run goes on there.
 * @throws DownloadFault, or the signal's reason
 */
export async function runPull(progress: PullProgress, options: RunOptions): Promise<void> {
  const space = new AbortController();
  const signal = AbortSignal.any([options.signal, space.signal]);
  const inner = { ...options, signal };
  const unwatch = watchSpace(options.space, (fault) => space.abort(fault));
  try {
    await mkdir(options.modelsDir, { recursive: true }).catch((error: unknown) => {
      throw diskFault(error);
    });
    const files = (progress.files ??= await plan(progress, inner));
    await requireSpace(options.space, bytesLeft(files) + options.promisedBytes());
    for (const file of files) await fetchOne(file, files, inner);
    options.onChecking();
    for (const file of files) await checkOne(file, inner);
    signal.throwIfAborted();
    for (const file of files) await putInPlace(file, options.modelsDir);
  } catch (error) {
    await beginAnewIfNeeded(progress, error, options.modelsDir);
    throw error;
  } finally {
    unwatch();
  }
}

/** What is still to come, as far as the source has told. */
export function bytesLeft(files: readonly PlannedFile[]): number {
  return files.reduce((sum, file) => sum + (file.sizeBytes ?? 0) - bytesDone(file), 0);
}

export function pathOf(file: PlannedFile, modelsDir: string): string {
  return pathWithin(modelsDir, file.relativePath);
}

function partPathOf(file: PlannedFile, modelsDir: string): string {
  return `${pathOf(file, modelsDir)}.part`;
}

async function plan(
  progress: PullProgress,
  { tools, signal, modelsDir }: RunOptions,
): Promise<PlannedFile[]> {
  const files = await planPull(progress.request, tools, signal);
  for (const file of files) {
    if ((await sizeOf(pathOf(file, modelsDir))) !== null) {
      throw new DownloadFault(
        'stop',
        `The file ${file.relativePath} is in the models folder already. Remove that model with its file to fetch it anew.`,
      );
    }
  }
  progress.about = await inspectFiles(progress.request.text, files, { tools, signal });
  return files;
}

async function fetchOne(
  file: PlannedFile,
  files: readonly PlannedFile[],
  options: RunOptions,
): Promise<void> {
  if (await isInPlace(file, options.modelsDir)) return;
  await downloadFile(file, {
    ...options,
    partPath: partPathOf(file, options.modelsDir),
    onSafe: (left) =>
      options.onSafe(files.map((each) => (each === file ? { ...each, left: [...left] } : each))),
  });
  options.onSafe(files);
}

async function checkOne(file: PlannedFile, { modelsDir, signal }: RunOptions): Promise<void> {
  if (await isInPlace(file, modelsDir)) return;
  await checkDownloaded(file, partPathOf(file, modelsDir), signal);
}

/** The server may have ended between the renames of a model in several files. */
async function isInPlace(file: PlannedFile, modelsDir: string): Promise<boolean> {
  if (file.left === null || file.left.length > 0) return false;
  const size = await sizeOf(pathOf(file, modelsDir));
  return size !== null && size === file.sizeBytes;
}

async function putInPlace(file: PlannedFile, modelsDir: string): Promise<void> {
  if (await isInPlace(file, modelsDir)) return;
  const path = pathOf(file, modelsDir);
  await rename(partPathOf(file, modelsDir), path).catch((error: unknown) => {
    throw diskFault(error);
  });
}

async function sizeOf(path: string): Promise<number | null> {
  return await stat(path).then(
    (info) => info.size,
    () => null,
  );
}

/** A file that is another one now, or that failed its check, is of no more use. */
async function beginAnewIfNeeded(progress: PullProgress, error: unknown, modelsDir: string): Promise<void> {
  const { files } = progress;
  if (!(error instanceof DownloadFault) || files === null) return;
  const isComplete = files.every((file) => file.left?.length === 0);
  if (error.kind === 'stop' && isComplete) await deleteParts(progress, modelsDir);
  // A source that gives no more parts is remembered as such; asked again, it might promise them again.
  if (error.kind === 'changed' && files.every((file) => file.isResumable))
    await deleteParts(progress, modelsDir);
}

/** Forgets what was fetched so far; files that are complete under their real names stay. */
export async function deleteParts(progress: PullProgress, modelsDir: string): Promise<void> {
  for (const file of progress.files ?? []) {
    await deletePart(partPathOf(file, modelsDir));
    // Only goes when it is empty.
    await rmdir(dirname(pathOf(file, modelsDir))).catch(() => {});
  }
  progress.files = null;
}
