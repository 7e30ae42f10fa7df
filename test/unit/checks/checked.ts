import { vi } from 'vitest';
import {
  modelCheck,
  type BadgeState,
  type CheckPoint,
  type ModelCheck,
  type VerdictState,
} from '../../../server/wire/checks.ts';
import type { ComposedServer } from '../../fakes/composed.ts';

/** What the admin API tells of a model's check just now. */
export async function checkOf(server: ComposedServer, model = 'fake-model'): Promise<ModelCheck> {
  return modelCheck.parse(await server.admin('GET', `/models/${encodeURIComponent(model)}/check`));
}

/** Checks the model as the owner does, and waits for the end. */
export async function checked(server: ComposedServer, model = 'fake-model'): Promise<ModelCheck> {
  await server.admin('POST', `/models/${encodeURIComponent(model)}/check`);
  return await settled(server, model);
}

export async function settled(server: ComposedServer, model = 'fake-model'): Promise<ModelCheck> {
  return await vi.waitFor(
    async () => {
      const found = await checkOf(server, model);
      if (found.run !== null) throw new Error(`still at ${found.run.point}`);
      return found;
    },
    { timeout: 9_000, interval: 20 },
  );
}

export function statesOf({
  verdicts,
}: Pick<ModelCheck, 'verdicts'>): Partial<Record<CheckPoint, VerdictState>> {
  return Object.fromEntries(verdicts.map(({ point, state }) => [point, state]));
}

/** The tools in each state; `continue/autocomplete` for one part of a tool. */
export function toolsBy({ badges }: ModelCheck): Record<BadgeState, string[]> {
  const named = badges.map(({ client, part, state }) => [
    part === null ? client : `${client}/${part}`,
    state,
  ]);
  const inState = (wanted: BadgeState): string[] =>
    named.filter(([, state]) => state === wanted).map(([name]) => String(name));
  return {
    works: inState('works'),
    limited: inState('limited'),
    fails: inState('fails'),
    unknown: inState('unknown'),
  };
}
