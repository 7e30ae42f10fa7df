import type { RemoteModel } from '../../../core/download.ts';
import { DownloadFault } from './download-fault.ts';
import { openRemote, type RemoteBody, type RemoteTools } from './download-http.ts';
import { estimateWorkingBytes } from './fit.ts';
import { readGgufHeaderFrom } from '../gguf/gguf-header.ts';
import { BadModelFile, type ByteSource } from '../gguf/gguf-reader.ts';
import { quantisationOf } from '../life/model-names.ts';
import type { PlannedFile } from './pull-plan.ts';

/**
 * Reads the header of a model that is still elsewhere, through the same bounds-checked reader that guards the engine,
 * and leaves the rest where it is.
 * @throws DownloadFault: of kind `stop` for a file that is no usable model
 */
export async function inspectFiles(
  uri: string,
  files: readonly PlannedFile[],
  { tools, signal }: { readonly tools: RemoteTools; readonly signal: AbortSignal },
): Promise<RemoteModel> {
  const [first] = files;
  if (first === undefined) throw new DownloadFault('stop', 'There is no file at this address.');
  const name = first.relativePath.split('/').at(-1) ?? first.relativePath;
  // Without an end, because nobody knows where the header ends: the connection is closed once it has been read.
  const range = first.isResumable ? { from: 0 } : null;
  const body = await openRemote({ url: new URL(first.url), range, signal }, tools);
  const size = first.sizeBytes ?? body.totalBytes;
  const source = streamSource(body);
  try {
    const header = await readGgufHeaderFrom(source, size ?? Number.MAX_SAFE_INTEGER);
    return {
      uri,
      name,
      fileCount: files.length,
      sizeBytes: totalOf(files),
      architecture: header.architecture,
      quantisation: header.quantisation ?? quantisationOf(name),
      contextTokens: header.contextTokens,
      contextBytesPerToken: header.contextBytesPerToken,
      workingBytes: estimateWorkingBytes(header.vocabularySize, header.embeddingLength),
      activeShare: header.task === 'generate' ? header.activeShare : null,
      hasChatTemplate: header.hasChatTemplate,
      canUseTools: header.canUseTools,
      isResumable: files.every((file) => file.isResumable),
      hasChecksum: files.every((file) => file.sha256 !== null),
    };
  } catch (error) {
    if (!(error instanceof BadModelFile)) throw error;
    throw new DownloadFault('stop', `The file ${name} at the source ${error.message}.`, { cause: error });
  } finally {
    await source.close();
  }
}

function totalOf(files: readonly PlannedFile[]): number | null {
  let total = 0;
  for (const { sizeBytes } of files) {
    if (sizeBytes === null) return null;
    total += sizeBytes;
  }
  return total;
}

/** A stream as something to read from, forwards only. */
function streamSource(body: RemoteBody): ByteSource & { readonly close: () => Promise<void> } {
  const chunks = body.chunks();
  let chunk: Buffer = Buffer.alloc(0);
  /** Of the chunk's first byte in the file. */
  let start = 0;
  return {
    async read(buffer, position) {
      let filled = 0;
      while (filled < buffer.length) {
        const offset = position + filled - start;
        if (offset >= chunk.length) {
          const next = await chunks.next();
          if (next.done === true) break;
          start += chunk.length;
          chunk = next.value;
          continue;
        }
        const copied = chunk.copy(buffer, filled, offset);
        filled += copied;
      }
      return filled;
    },
    async close() {
      await chunks.return();
      // A generator that was never begun has nothing to clean up after.
      body.close();
    },
  };
}
