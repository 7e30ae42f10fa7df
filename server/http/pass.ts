import type { FindAlias } from '../core/alias.ts';
import type { Engine } from '../core/engine.ts';
import type { Principal } from '../core/principal.ts';
import { findAlias } from '../store/aliases.ts';
import type { Store } from '../store/open.ts';

/** A request of the server's own is answered by the one engine it is about, or not at all. */
export function withinPass<Services extends { readonly engines: readonly Engine[] }>(
  principal: Principal | null,
  services: Services,
): Services {
  const pass = principal?.pass;
  if (pass === undefined) return services;
  return { ...services, engines: services.engines.filter(({ id }) => id === pass.engine) };
}

/** … and by the model of that name, even where the owner has pointed the name elsewhere. */
export function aliasesFor(principal: Principal | null, store: Store): FindAlias {
  return principal?.pass === undefined ? (name) => findAlias(store, name) : () => null;
}
