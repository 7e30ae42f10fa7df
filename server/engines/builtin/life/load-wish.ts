import type { Task } from '../../../core/ask.ts';
import type { ModelSettings } from '../../../core/model.ts';
import { readGgufHeader } from '../gguf/gguf-header.ts';
import { BadModelFile } from '../gguf/gguf-reader.ts';
import type { LibraryModel } from './library.ts';
import { modelUnavailable } from './load-failure.ts';
import type { LoadWish } from './model-loading.ts';

/** The starter model is small: eight people at once also on a computer without a GPU. */
const starterSizes = { slots: 8, contextTokens: 4096 };
/** Where a file does not tell; old models were trained for this. */
const unknownTrainTokens = 4096;

export type WishFor = {
  readonly key: string;
  readonly task: Task;
  readonly threads: number | null;
  readonly settings: ModelSettings;
  readonly correction: number;
  readonly isForced: boolean;
};

/**
 * What is to be loaded of a file, as its header tells.
 * @throws AppError where the file cannot be used
 */
export async function loadWishOf(file: LibraryModel, wish: WishFor): Promise<LoadWish> {
  if (file.reason !== null) throw modelUnavailable(file.id, file.reason);
  const header = await readGgufHeader(file.path).catch((error: unknown) => {
    if (error instanceof BadModelFile) throw modelUnavailable(file.id, `Its file ${error.message}.`);
    throw error;
  });
  const { key, task, threads, correction, isForced } = wish;
  const { slots, contextTokens } = wish.settings;
  const isUsual = slots === null && contextTokens === null;
  const isStarter = file.source === 'starter' && task === 'generate';
  return {
    modelId: file.id,
    key,
    path: file.path,
    task,
    facts: {
      ...header,
      sizeBytes: file.sizeBytes,
      trainTokens: header.contextTokens ?? unknownTrainTokens,
    },
    sizes: isUsual && isStarter ? starterSizes : { slots, contextTokens },
    threads,
    correction,
    isForced,
  };
}

/** Whether a change of what the owner has set counts only once the model is loaded anew. */
export function needsFreshLoad(before: ModelSettings, after: ModelSettings): boolean {
  return before.slots !== after.slots || before.contextTokens !== after.contextTokens;
}
