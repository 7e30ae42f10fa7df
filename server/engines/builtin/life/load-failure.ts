import { AppError } from '../../../core/errors.ts';
import type { Backend } from '../../../core/model.ts';
import type { FailureKind } from './load-ways.ts';
import type { RoomAnswer } from './plan-room.ts';
import type { LoadFailed } from './model-process.ts';

/** Whether and how it is worth trying again in another way. */
export function failureKind({ message, crash }: LoadFailed, backend: Backend): FailureKind {
  if (crash !== null) return crash.kind === 'hung' ? 'hung' : 'died';
  if (/NoBinaryFound|binary/i.test(message)) return 'backend';
  if (/memory|VRAM|too large|alloc|create context/i.test(message)) return 'memory';
  // The library says no more than “failed to load” for many a GPU's trouble; on the processor it is the file.
  return backend === 'cpu' || /architecture/i.test(message) ? 'file' : 'memory';
}

/** The engine's own words in a sentence for the owner; the words themselves are in the log. */
export function describeLoadFailure(cause: string): string {
  if (/NoBinaryFound|binary/i.test(cause)) {
    return 'There is no engine for this kind of computer in this installation. Installing Inglenook again may help.';
  }
  if (/memory|VRAM|too large|alloc/i.test(cause)) {
    return 'There is not enough free memory for this model. Close other programs, unload another model or take a smaller one.';
  }
  if (/architecture/i.test(cause)) {
    return 'The engine does not know this kind of model. A newer version of Inglenook may.';
  }
  if (/process ended \(silent/i.test(cause)) {
    return 'The engine stopped answering while it loaded this model. The disk may be very slow or the GPU’s driver hang; the log has the details.';
  }
  if (/process ended/i.test(cause)) {
    return 'The engine broke off while it loaded this model. The file may be damaged, or the computer out of memory; the log has the details.';
  }
  return 'The engine could not load this model. The file may be damaged; download it again, or take another one. The log has the details.';
}

/** `reason` is a whole sentence, without paths. */
export function modelUnavailable(modelId: string, reason: string, retryAfterSeconds?: number): AppError {
  return new AppError(`The model \`${modelId}\` cannot be used now. ${reason}`, {
    status: 503,
    code: 'model_unavailable',
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    source: 'engine',
  });
}

/** `forIds`: the models that hold the memory and answer just now. */
export function waitsForMemory(modelId: string, forIds: readonly string[]): AppError {
  const names = forIds.map((id) => `\`${id}\``).join(', ');
  return new AppError(
    `The model \`${modelId}\` has waited two minutes for memory that is in use${names === '' ? '' : ` by ${names}`}. ` +
      'It is loaded when they have finished; please try again in a while.',
    { status: 503, code: 'waiting_for_memory', retryAfterSeconds: 30, source: 'engine' },
  );
}

export function tooBig(
  modelId: string,
  { needBytes, freeBytes, totalBytes, pinnedIds }: Extract<RoomAnswer, { kind: 'refuse' }>,
): AppError {
  const needs = `It needs about ${inGigabytes(needBytes)} of memory`;
  if (needBytes > totalBytes) {
    const hint = 'Take a smaller model or a smaller quantisation of it.';
    return modelUnavailable(modelId, `${needs}, and this computer has ${inGigabytes(totalBytes)}. ${hint}`);
  }
  const pinned = pinnedIds.length === 0 ? '' : ` or unpin ${pinnedIds.join(', ')}`;
  const hint = `Close other programs${pinned}, take a smaller model, or load it anyway: the system may then end programs.`;
  return modelUnavailable(modelId, `${needs}, and ${inGigabytes(freeBytes)} are free. ${hint}`);
}

function inGigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
