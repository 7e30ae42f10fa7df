import type { Task } from '../../core/ask.ts';
import { AppError } from '../../core/errors.ts';
import type { LibraryModel } from './life/library.ts';

/** What a model is loaded for when nobody says. */
export function mainTask({ task }: Pick<LibraryModel, 'task'>): Task {
  return task ?? 'generate';
}

/**
 * Vectors can be had from every model, words only from those made for them, ranking too.
 * @throws AppError 400
 */
export function assertCanDo(file: Pick<LibraryModel, 'id' | 'task'>, task: Task): void {
  const made = mainTask(file);
  if (task === made || task === 'embed') return;
  throw new AppError(`The model \`${file.id}\` ${whatItDoes[made]}. ${whatIsNeeded[task]}`, {
    status: 400,
    code: 'model_not_suitable',
    param: 'model',
  });
}

const whatItDoes: Readonly<Record<Task, string>> = {
  generate: 'writes text and ranks nothing',
  embed: 'makes embeddings only',
  rerank: 'ranks documents only',
};

const whatIsNeeded: Readonly<Record<Exclude<Task, 'embed'>, string>> = {
  generate: 'Please choose a model that writes text.',
  rerank:
    'This needs a model made for ranking (a reranker, such as bge-reranker or Qwen3-Reranker); the owner can add one.',
};
