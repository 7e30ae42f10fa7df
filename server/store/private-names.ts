import { isIP } from 'node:net';
import { listKeys } from './keys.ts';
import type { Store } from './open.ts';
import { listTeams } from './teams.ts';
import { listUpstreams } from './upstreams.ts';

/** Every name in the store that is the owner's alone, each once: of keys, people, devices, teams and other servers. */
export function privateNames(store: Store, nowMs: number): readonly string[] {
  return [
    ...new Set([
      ...listKeys(store, nowMs).flatMap(({ name, person, device }) => [name, person, device]),
      ...listTeams(store).map(({ name }) => name),
      ...listUpstreams(store).flatMap(({ name, url }) => [name, hostNameOf(url)]),
    ]),
  ].filter((name) => name !== null && name !== undefined);
}

/** Null for an address of digits, which is judged as one. */
function hostNameOf(url: string): string | null {
  const host = new URL(url).hostname.replace(/^\[|\]$/gu, '');
  return isIP(host) === 0 ? host : null;
}
