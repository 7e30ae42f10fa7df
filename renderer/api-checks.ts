import { modelCheck, modelCheckList, type ModelCheck } from '../server/wire/checks.ts';
import { call, ignored } from './api.ts';

/** For which tools models are good. */

/** A model at the engine that has it. */
export type CheckedModel = Pick<ModelCheck, 'model' | 'engine'>;

export function isCheckOf(check: ModelCheck, { model, engine }: CheckedModel): boolean {
  return check.model === model && check.engine === engine;
}

export function getChecks(): Promise<ModelCheck[]> {
  return call(modelCheckList, 'GET', '/api/checks');
}

/** Answers at once; how it goes on is told by the stream. */
export function startCheck(wanted: CheckedModel): Promise<ModelCheck> {
  return call(modelCheck, 'POST', pathOf(wanted));
}

export async function cancelCheck(wanted: CheckedModel): Promise<void> {
  await call(ignored, 'DELETE', pathOf(wanted));
}

function pathOf({ model, engine }: CheckedModel): string {
  return `/api/models/${encodeURIComponent(model)}/check?engine=${encodeURIComponent(engine)}`;
}
