import { AppError } from '../../core/errors.ts';

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
  if (/process ended/i.test(cause)) {
    return 'The engine broke off while it loaded this model. The file may be damaged, or the computer out of memory; the log has the details.';
  }
  return 'The engine could not load this model. The file may be damaged; download it again, or take another one. The log has the details.';
}

/** `reason` is a whole sentence, without paths. */
export function modelUnavailable(modelId: string, reason: string): AppError {
  return new AppError(`The model \`${modelId}\` cannot be used now. ${reason}`, {
    status: 503,
    code: 'model_unavailable',
    source: 'engine',
  });
}
