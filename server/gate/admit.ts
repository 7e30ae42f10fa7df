import { AppError, modelNotFound } from '../core/errors.ts';
import type { Principal } from '../core/principal.ts';

/** May this key use this model? Read as the policy itself: one check a line, the first refusal counts. */
export function admit(principal: Principal, modelName: string): void {
  roleAllowsInference(principal);
  keyAllowsModel(principal, modelName);
}

/** Whether the key may know of this model at all; `/v1/models` lists only those. */
export function mayUseModel(principal: Pick<Principal, 'models'>, modelName: string): boolean {
  return principal.models === null || principal.models.includes(modelName);
}

function roleAllowsInference(principal: Principal): void {
  if (principal.role === 'inference') return;
  throw new AppError('This key is for monitoring only; ask the owner for a key that may use models.', {
    status: 403,
    code: 'role_not_allowed',
    retryable: false,
  });
}

function keyAllowsModel(principal: Principal, modelName: string): void {
  if (!mayUseModel(principal, modelName)) throw modelNotFound(modelName);
}
