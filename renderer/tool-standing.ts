import type { BadgeState, CheckBadge, ModelCheck } from '../server/wire/checks.ts';
import type { ConnectGuide, ConnectPage, ConnectRole } from '../server/wire/connect.ts';
import { isCheckOf, type CheckedModel } from './api-checks.ts';

/** How a tool stands with the model that answers for one of its names now. */
export type ToolStanding = {
  readonly role: ConnectRole;
  /** As badges call it. */
  readonly part: CheckBadge['part'];
  readonly name: string;
  /** Null where nobody answers. */
  readonly servedBy: CheckedModel | null;
  /** Null where there is no model to check, or it is not in the list yet. */
  readonly check: ModelCheck | null;
  /** What the last check says of this tool. */
  readonly badge: CheckBadge | null;
  readonly state: BadgeState | 'unchecked' | 'checking';
};

type Known = { readonly roles: ConnectPage['roles']; readonly checks: readonly ModelCheck[] };

/** One for each name the tool asks by; the first is of what it cannot do without. */
export function standingsOf({ id, roles }: ConnectGuide, known: Known): readonly ToolStanding[] {
  return roles.map((role) => {
    const { name, servedBy } = known.roles[role];
    const check = servedBy === null ? null : (known.checks.find((one) => isCheckOf(one, servedBy)) ?? null);
    const part = partOf(role);
    const badge = check?.badges.find((one) => one.client === id && one.part === part) ?? null;
    return { role, part, name, servedBy, check, badge, state: badge?.state ?? stateWithout(servedBy, check) };
  });
}

function partOf(role: ConnectRole): CheckBadge['part'] {
  switch (role) {
    case 'chat':
    case 'code':
      return null;
    case 'autocomplete':
      return 'autocomplete';
    case 'embed':
      return 'embeddings';
  }
}

/** A model that was checked and has nothing to say of the tool is made for something else. */
function stateWithout(servedBy: CheckedModel | null, check: ModelCheck | null): ToolStanding['state'] {
  if (servedBy === null) return 'fails';
  if (check === null) return 'unknown';
  if (check.state !== 'none') return 'fails';
  return check.run === null ? 'unchecked' : 'checking';
}

/** The models behind the names of which no check is known, each with the names it answers for. */
export function uncheckedModels({
  roles,
  checks,
}: Known): readonly { readonly check: ModelCheck; readonly names: readonly string[] }[] {
  const served = Object.values(roles);
  return checks
    .filter(({ state }) => state === 'none')
    .map((check) => ({
      check,
      names: [
        ...new Set(
          served
            .filter(({ servedBy }) => servedBy !== null && isCheckOf(check, servedBy))
            .map(({ name }) => name),
        ),
      ],
    }))
    .filter(({ names }) => names.length > 0);
}
