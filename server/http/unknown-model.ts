import { aliasFor } from '../core/alias.ts';
import type { Clock } from '../core/clock.ts';
import type { Engine } from '../core/engine.ts';
import { AppError, modelNotFound } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { nearestNames } from '../core/nearest.ts';
import type { Principal } from '../core/principal.ts';
import { findAlias } from '../store/aliases.ts';
import type { Store } from '../store/open.ts';
import { noteUnknownName } from '../store/unknown-names.ts';
import { usableModels } from './usable-models.ts';

type UnknownServices = {
  readonly store: Store;
  readonly engines: readonly Engine[];
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly log: Logger;
};

/**
 * The error for a model that could not be found, with the nearest names that this key may use; other errors as they are.
 * A name that exists and is not for this key gets the very same words. A name that nobody has defined is kept, so that the
 * owner can point it at something.
 */
export function explainUnknown(
  services: UnknownServices,
  principal: Principal,
  name: string,
  error: unknown,
): unknown {
  if (!(error instanceof AppError) || error.message !== modelNotFound(name).message) return error;
  if (!isDefined(services, name)) note(services, principal, name);
  const usable = usableModels(services, principal).map(({ id }) => id);
  return modelNotFound(name, nearestNames(name, usable));
}

function isDefined({ store, engines }: UnknownServices, name: string): boolean {
  const models = engines.flatMap((engine) => engine.models());
  return (
    models.some(({ id }) => id === name) || aliasFor(name, models, (one) => findAlias(store, one)) !== null
  );
}

/** The client is told all the same when the disk is full. */
function note({ store, clock, log }: UnknownServices, { keyId }: Principal, name: string): void {
  try {
    noteUnknownName(store, name, { keyId, nowMs: clock.nowMs() });
  } catch (error) {
    log.error('A name that nobody has defined could not be noted.', { error });
  }
}
