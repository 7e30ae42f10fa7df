import { invalidRequest } from '../core/errors.ts';
import type { Limits } from '../core/policy.ts';
import { publicName } from '../wire/outside.ts';
import type { Store } from './open.ts';
import { setSetting, settingReader } from './settings.ts';

const settingName = 'outside.name';

/** A key that opens a door to the internet ends some day; whoever still needs it then is asked again. */
const longestMs = 366 * 24 * 60 * 60_000;

/** The name by which the internet reaches the API; null while it does not. */
export const outsideName: (store: Store) => string | null = settingReader(settingName, (value) =>
  publicName
    .nullable()
    .catch(null)
    .parse(value ?? null),
);

export function setOutsideName(store: Store, name: string | null): void {
  setSetting(store, settingName, name);
}

/** Whether requests under this name come from the internet. @param hostname lower case, without port */
export function isOutsideName(store: Store, hostname: string): boolean {
  return hostname === outsideName(store);
}

type Bounded = {
  readonly policy: { readonly outside: boolean; readonly limits: Pick<Limits, 'requestsPerMinute'> };
  readonly expiresMs: number | null;
  readonly role: 'inference' | 'ops';
};

/**
 * What a key must have that may be used from outside: somebody who finds it out must not have it for long, nor much of it.
 * @throws AppError 400 that names what is missing
 */
export function requireBounds({ policy, expiresMs, role }: Bounded, nowMs: number): void {
  if (!policy.outside) return;
  if (role === 'ops') throw invalidRequest('A key for monitoring cannot be used from outside.', 'outside');
  if (policy.limits.requestsPerMinute === null) {
    throw invalidRequest(
      'A key that may be used from outside needs a limit of requests per minute.',
      'limits.requestsPerMinute',
    );
  }
  if (expiresMs === null || expiresMs > nowMs + longestMs) {
    throw invalidRequest(
      'A key that may be used from outside needs an end, at most a year from now.',
      'expiresAt',
    );
  }
}
