import type { Engine } from '../core/engine.ts';
import type { ModelDescription } from '../core/model.ts';
import type { Route, Standing } from '../core/route.ts';

/** Why a request has not been answered yet, in a line for its sender; null once it is being answered. */
export function describeWaiting(
  { waitsFor = null, tried, standing }: Route,
  engines: readonly Pick<Engine, 'models'>[],
): string | null {
  const modelId = tried.at(-1);
  if (waitsFor === null || modelId === undefined) return null;
  const name = `the model ${modelId.replaceAll(/[\r\n]+/g, ' ')}`;
  if (waitsFor === 'place')
    return `waiting for a free place at ${name}${describeStanding(standing?.() ?? null)}`;
  const model = engines.flatMap((engine) => engine.models()).find(({ id }) => id === modelId);
  return model?.state === 'loading' ? loading(name, model) : `waiting for ${name}`;
}

/** Rounded up to what a person would say. */
function describeStanding(standing: Standing | null): string {
  if (standing === null) return '';
  const { place, of, estimateMs } = standing;
  const turn = `: number ${place} of ${of}`;
  if (estimateMs === null) return turn;
  const seconds = Math.max(1, Math.ceil(estimateMs / 1000));
  return seconds < 90 ? `${turn}, about ${seconds} s` : `${turn}, about ${Math.ceil(seconds / 60)} min`;
}

function loading(name: string, { waitingFor, progressPercent }: ModelDescription): string {
  switch (waitingFor) {
    case null:
      return `${name} is being loaded (${progressPercent ?? 0} %)`;
    case 'turn':
      return `${name} is loaded as soon as another model has been loaded`;
    case 'memory':
      return `${name} waits for memory that other models use just now`;
    case 'restart':
      return `${name} is started again after it has failed`;
  }
}
