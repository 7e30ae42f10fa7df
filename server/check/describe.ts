import type { Engine } from '../core/engine.ts';
import type { ModelDescription } from '../core/model.ts';
import type { StoredCheck } from '../store/model-checks.ts';
import type { CheckPoint, CheckVerdict, ModelCheck } from '../wire/checks.ts';
import { badgesFor } from './badges.ts';
import { basisOf, changesSince } from './basis.ts';
import { points } from './points.ts';

/** A check that waits or runs. */
export type Job = {
  readonly engine: string;
  readonly model: string;
  /** The owner's from the moment the owner asks for it too. */
  by: 'owner' | 'change';
  readonly abort: AbortController;
  state: 'waiting' | 'running';
  point: CheckPoint | null;
  readonly verdicts: CheckVerdict[];
};

/** A model at the engine that has it. */
export type Held = { readonly engine: Engine; readonly model: ModelDescription };

/** What is known of one model's check. */
type Known = {
  readonly kept: StoredCheck | null;
  readonly job: Job | null;
  readonly version: string | null;
  readonly problem: string | null;
};

/** What is told of a model's check, by what is kept of it, what goes on, and the sizes of now. */
export function describeCheck({ engine, model }: Held, { kept, job, version, problem }: Known): ModelCheck {
  const changed = kept === null ? [] : changesSince(kept.basis, basisOf(model, version));
  return {
    model: model.id,
    engine: engine.id,
    state: kept === null ? 'none' : changed.length > 0 ? 'stale' : 'fresh',
    changed,
    run:
      job === null
        ? null
        : {
            state: job.state,
            by: job.by,
            point: job.point,
            of: points.length,
            verdicts: [...job.verdicts],
          },
    problem,
    checkedAt: kept === null ? null : new Date(kept.checkedMs).toISOString(),
    tookMs: kept?.tookMs ?? null,
    engineVersion: kept?.engineVersion ?? null,
    contextTokens: kept?.contextTokens ?? null,
    slots: kept?.slots ?? null,
    verdicts: [...(kept?.verdicts ?? [])],
    badges:
      kept === null
        ? []
        : badgesFor(kept.verdicts, {
            task: model.task,
            contextTokens: model.contextTokens ?? kept.contextTokens,
            slots: model.slots ?? kept.slots,
            isTestModel: model.source === 'starter',
          }),
  };
}
