import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { diskFault, DownloadFault } from './download-fault.ts';
import { readGgufHeader } from '../gguf/gguf-header.ts';
import { BadModelFile } from '../gguf/gguf-reader.ts';
import type { PlannedFile } from './pull-plan.ts';

/**
 * Compares a complete part file with what it should be: its size, its header through our own reader, and its SHA-256
 * if the source told one.
 * @throws DownloadFault of kind `stop`, or the signal's reason
 */
export async function checkDownloaded(file: PlannedFile, path: string, signal: AbortSignal): Promise<void> {
  const name = file.relativePath.split('/').at(-1) ?? file.relativePath;
  const { size } = await stat(path).catch((error: unknown) => {
    throw diskFault(error);
  });
  if (file.sizeBytes !== null && size !== file.sizeBytes) {
    throw new DownloadFault(
      'stop',
      `The file ${name} has ${size} bytes and should have ${file.sizeBytes}. It was deleted; try again.`,
    );
  }
  await readGgufHeader(path).catch((error: unknown) => {
    if (!(error instanceof BadModelFile)) throw diskFault(error);
    throw new DownloadFault('stop', `The file ${name} ${error.message}. It was deleted.`, { cause: error });
  });
  if (file.sha256 !== null && (await sha256Of(path, signal)) !== file.sha256) {
    throw new DownloadFault(
      'stop',
      `The file ${name} is not what its source says it is: the checksum differs. It was deleted; try again.`,
    );
  }
}

/** A longer piece would hold up the answers that this process streams meanwhile. */
const hashedAtOnceBytes = 256 * 1024;

async function sha256Of(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: hashedAtOnceBytes, signal })) {
      hash.update(chunk as Buffer);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw diskFault(error);
  }
  return hash.digest('hex');
}
