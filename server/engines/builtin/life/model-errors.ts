import { AppError } from '../../../core/errors.ts';

export function serverStopping(): AppError {
  return new AppError('The server is stopping. Please try again when it is back.', {
    status: 503,
    code: 'server_stopping',
    retryAfterSeconds: 5,
  });
}

export function modelUnloaded(modelId: string): AppError {
  return new AppError(
    `The model \`${modelId}\` has just been unloaded. Please try again; it is loaded on demand.`,
    { status: 503, code: 'model_unloaded', retryAfterSeconds: 1 },
  );
}

/** A change of settings that needs a fresh load, while the model is in use. */
export function modelBusy(modelId: string, isLoading: boolean): AppError {
  const present = isLoading ? 'is being loaded' : 'answers requests';
  return new AppError(
    `The model \`${modelId}\` ${present} just now, and another number of people or another length of conversations needs a fresh load. ` +
      'Change it when it is idle, or unload it first.',
    { status: 409, code: 'model_busy', retryAfterSeconds: 30 },
  );
}

/** Waits for what others wait for too, but no longer than the signal allows. */
export async function unlessAborted<Value>(
  work: Promise<Value> | Value,
  signal: AbortSignal,
): Promise<Value> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
