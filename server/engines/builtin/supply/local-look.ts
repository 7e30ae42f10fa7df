import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { RemoteModel } from '../../../core/download.ts';
import { invalidRequest } from '../../../core/errors.ts';
import { readGgufHeader } from '../gguf/gguf-header.ts';
import { BadModelFile } from '../gguf/gguf-reader.ts';
import { partsOf } from '../life/library.ts';
import { quantisationOf } from '../life/model-names.ts';
import { estimateWorkingBytes } from './fit.ts';

/** What a model file of this computer is, by its header alone. @throws AppError 400 with the reason */
export async function lookAtFile(path: string): Promise<RemoteModel> {
  try {
    const header = await readGgufHeader(path);
    const parts = await partsOf(path).catch(() => [path]);
    const sizes = await Promise.all(parts.map(async (part) => (await stat(part)).size));
    const name = basename(path);
    return {
      uri: path,
      name: header.name ?? name,
      fileCount: parts.length,
      sizeBytes: sizes.reduce((sum, size) => sum + size, 0),
      architecture: header.architecture,
      quantisation: header.quantisation ?? quantisationOf(name),
      contextTokens: header.contextTokens,
      contextBytesPerToken: header.contextBytesPerToken,
      workingBytes: estimateWorkingBytes(header.vocabularySize, header.embeddingLength),
      activeShare: header.task === 'generate' ? header.activeShare : null,
      hasChatTemplate: header.hasChatTemplate,
      canUseTools: header.canUseTools,
      isResumable: true,
      hasChecksum: true,
    };
  } catch (error) {
    if (error instanceof BadModelFile) throw invalidRequest(`This file ${error.message}.`, 'path');
    if (error instanceof Error && 'code' in error) {
      throw invalidRequest('This file, or a part of the model, cannot be read.', 'path');
    }
    throw error;
  }
}
