import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Timers } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { IsOffline } from '../core/offline.ts';
import type { Text } from '../wire/text.ts';
import type { UpdateDownload, UpdateFile } from '../wire/updates.ts';
import { UpdateFault, problemTexts } from './fault.ts';
import { chunksOf, openFile, type FetchOptions } from './fetch.ts';

export type DownloadServices = {
  readonly folder: string;
  readonly timers: Timers;
  readonly log: Logger;
  readonly isOffline: IsOffline;
  readonly stallMs: number;
  readonly signal: AbortSignal;
  readonly onChange: () => void;
  readonly lookup?: FetchOptions['lookup'];
};

/** Fetches a newer version’s file and believes it only when it is what the signed news say. Nothing starts it. */
export type Download = {
  readonly state: () => UpdateDownload;
  /** @throws AppError 409 while one is being fetched */
  readonly begin: (file: UpdateFile) => void;
  /** Resolves when nothing is being fetched. */
  readonly ended: () => Promise<void>;
};

const tellEveryBytes = 4_000_000;

export function createDownload(services: DownloadServices): Download {
  const { folder, log, signal } = services;
  let state: UpdateDownload = { state: 'none' };
  let running: Promise<void> | null = null;

  function become(next: UpdateDownload): void {
    state = next;
    services.onChange();
  }

  async function run(file: UpdateFile): Promise<void> {
    const { name } = file;
    const path = join(folder, name);
    try {
      await mkdir(folder, { recursive: true });
      await removeOthers(folder, name);
      if (!(await isWhole(path, file))) await fetchTo(path, file);
      become({ state: 'ready', name, path });
    } catch (error) {
      if (signal.aborted) return;
      log.warn('A newer version could not be fetched.', { error });
      become({ state: 'failed', name, reason: reasonOf(error) });
    }
  }

  async function fetchTo(path: string, file: UpdateFile): Promise<void> {
    const { name, sizeBytes } = file;
    const part = `${path}.part`;
    const hash = createHash('sha256');
    let receivedBytes = 0;
    let toldBytes = 0;
    const response = await openFile(file.url, services);
    const target = await open(part, 'w', 0o600);
    try {
      for await (const chunk of chunksOf(response, services)) {
        receivedBytes += chunk.length;
        if (receivedBytes > sizeBytes) throw new NotWhatWasSigned();
        hash.update(chunk);
        // `write` may take less than it is given; `writeFile` on a handle goes on where it stands.
        await target.writeFile(chunk);
        if (receivedBytes - toldBytes < tellEveryBytes) continue;
        toldBytes = receivedBytes;
        become({ state: 'running', name, receivedBytes, sizeBytes });
      }
      if (receivedBytes !== sizeBytes || hash.digest('hex') !== file.sha256) throw new NotWhatWasSigned();
      await target.sync();
    } catch (error) {
      await target.close();
      await rm(part, { force: true });
      throw error;
    }
    await target.close();
    await rename(part, path);
  }

  return {
    state: () => state,
    begin(file) {
      if (running !== null) throw alreadyFetching();
      become({ state: 'running', name: file.name, receivedBytes: 0, sizeBytes: file.sizeBytes });
      running = run(file).finally(() => (running = null));
    },
    ended: async () => void (await running),
  };
}

class NotWhatWasSigned extends Error {
  override readonly name = 'NotWhatWasSigned';
}

function reasonOf(error: unknown): Text {
  if (error instanceof NotWhatWasSigned) {
    return {
      en: 'What lies there is not the file that the signed news name; it was deleted.',
      de: 'Was dort liegt, ist nicht die Datei, die die unterschriebenen Nachrichten nennen; es wurde gelöscht.',
    };
  }
  if (error instanceof UpdateFault) return problemTexts[error.problem];
  const { code } = error as NodeJS.ErrnoException;
  return {
    en: `It could not be written into the data folder (${code ?? 'an error nobody expected'}).`,
    de: `Es ließ sich nicht in den Datenordner schreiben (${code ?? 'ein unerwarteter Fehler'}).`,
  };
}

/** Files of versions before: the folder is ours alone. */
async function removeOthers(folder: string, name: string): Promise<void> {
  for (const other of await readdir(folder)) {
    if (other !== name) await rm(join(folder, other), { force: true, recursive: true });
  }
}

/** Whether it was fetched before. */
async function isWhole(path: string, { sizeBytes, sha256 }: UpdateFile): Promise<boolean> {
  const there = await stat(path).catch(() => null);
  if (there === null || there.size !== sizeBytes) return false;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex') === sha256;
}

function alreadyFetching(): AppError {
  return new AppError('The newer version is being fetched already.', {
    status: 409,
    code: 'update_running',
    retryable: false,
  });
}
