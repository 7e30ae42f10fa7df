import type { Task } from '../core/ask.ts';
import type { BadgeReason, BadgeState, CheckBadge, CheckPoint, CheckVerdict } from '../wire/checks.ts';
import { requirements, type Requirement } from './requirements.ts';
import { inThousands, reasonSentence } from './sentences.ts';

/** What is known of a model beside what was tried. */
export type BadgeFacts = {
  readonly task: Task;
  /** As they are now; null while unknown. */
  readonly contextTokens: number | null;
  readonly slots: number | null;
  /** The starter model: good for testing only (design decision 15). */
  readonly isTestModel: boolean;
};

type Finding = { readonly state: Exclude<BadgeState, 'works'>; readonly reason: BadgeReason };

/**
 * For which tools the model is good, by what was tried; a tool that works with it is told without reasons. Tools that
 * want another kind of model are left out: nobody edits with an embedding model.
 */
export function badgesFor(verdicts: readonly CheckVerdict[], facts: BadgeFacts): CheckBadge[] {
  const found = new Map(verdicts.map((verdict) => [verdict.point, verdict]));
  return requirements
    .filter((requirement) => taskOf(requirement) === facts.task)
    .map((requirement) => badgeOf(requirement, findings(requirement, found, facts)));
}

function taskOf({ part }: Requirement): Task {
  return part === 'embeddings' ? 'embed' : 'generate';
}

function findings(
  requirement: Requirement,
  found: ReadonlyMap<CheckPoint, CheckVerdict>,
  facts: BadgeFacts,
): Finding[] {
  return [
    ...contextFindings(requirement, facts),
    ...requirement.needs.flatMap((point) => needFindings(point, found.get(point))),
    ...requirement.wants.flatMap((point) => wantFindings(point, found.get(point))),
    ...(facts.slots !== null && facts.slots < requirement.slots
      ? [finding('limited', 'slots', { needs: requirement.slots, has: facts.slots })]
      : []),
    ...(requirement.isOwnCloud ? [finding('limited', 'own-cloud')] : []),
    ...(facts.isTestModel ? [finding('limited', 'test-model')] : []),
  ];
}

function contextFindings(
  { contextTokens: needs }: Requirement,
  { contextTokens: has }: BadgeFacts,
): Finding[] {
  if (needs === null || (has !== null && has >= needs)) return [];
  if (has === null) return [finding('unknown', 'context-unknown', { needs: inThousands(needs) })];
  return [finding('fails', 'context', { needs: inThousands(needs), has: inThousands(has) })];
}

function needFindings(point: CheckPoint, verdict: CheckVerdict | undefined): Finding[] {
  switch (verdict?.state) {
    case 'ok':
      return [];
    case 'failed':
      return [finding('fails', 'point-failed', { point })];
    case 'not-supported':
      return [finding('fails', 'point-not-supported', { point })];
    case 'skipped':
      // Too slow, too dear or unknown: the size may well be there.
      if (point === 'long-context') return [finding('limited', 'context-untested')];
      return [finding('unknown', 'point-untested', { point })];
    case undefined:
      return [finding('unknown', 'point-untested', { point })];
  }
}

function wantFindings(point: CheckPoint, verdict: CheckVerdict | undefined): Finding[] {
  switch (verdict?.state) {
    case 'failed':
      return [finding('limited', 'point-failed', { point })];
    case 'not-supported':
      return [finding('limited', 'point-not-supported', { point })];
    case 'ok':
    case 'skipped':
    case undefined:
      return [];
  }
}

function finding(
  state: Finding['state'],
  code: BadgeReason['code'],
  values: BadgeReason['values'] = {},
): Finding {
  return { state, reason: { code, values, sentence: reasonSentence(code, values) } };
}

/** What is worst decides, and only that is told: who fails for the context does not care for the slots. */
const worstFirst = ['fails', 'unknown', 'limited'] as const;

function badgeOf({ client, title, part }: Requirement, all: readonly Finding[]): CheckBadge {
  const state = worstFirst.find((one) => all.some((found) => found.state === one)) ?? 'works';
  const reasons = all.filter((found) => found.state === state).map(({ reason }) => reason);
  const name = part === null ? title : `${title} (${part})`;
  const why = reasons.length === 0 ? 'works' : reasons.map(({ sentence }) => sentence).join('; ');
  return { client, title, part, state, reasons, sentence: `${name}: ${why}.` };
}
