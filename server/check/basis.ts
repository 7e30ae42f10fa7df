import type { ModelDescription } from '../core/model.ts';
import type { CheckBasis } from '../store/model-checks.ts';
import type { CheckChange } from '../wire/checks.ts';
import { pointsVersion } from './points.ts';

/** What a result rests on: the engine's version, the model's file or server, what the owner has set, and how it is checked. */
export function basisOf(model: ModelDescription, engineVersion: string | null): CheckBasis {
  const { path, sizeBytes, modifiedMs, settings, contextTokens, source } = model;
  const isElsewhere = source === 'ollama' || source === 'upstream';
  return {
    engine: engineVersion,
    model: [path, sizeBytes, Math.round(modifiedMs)].join(' '),
    // Another server tells its sizes, some only while the model is loaded; ours follow from what is set.
    settings: isElsewhere
      ? contextTokens === null
        ? null
        : [contextTokens, model.slots].join(' ')
      : [settings.contextTokens, settings.slots].join(' '),
    checks: pointsVersion,
  };
}

/** What is another than it was. What is not known now (a server that is off) has not changed as far as we know. */
export function changesSince(before: CheckBasis, now: CheckBasis): CheckChange[] {
  const kinds = ['engine', 'model', 'settings', 'checks'] as const;
  return kinds.filter((kind) => now[kind] !== null && now[kind] !== before[kind]);
}
