import { createChecks, type Checks, type ChecksServices } from './check/checks.ts';
import { createSuccessor, type Successor, type SuccessorServices } from './check/successor.ts';
import type { Exchange } from './http/exchange.ts';
import type { Live } from './record/live.ts';

export type ChecksOptions = Omit<ChecksServices, 'othersUse' | 'othersRun' | 'onChange'> & {
  readonly live: Live;
  /** What is being answered, the checks' own requests among it. */
  readonly running: Iterable<Exchange>;
};

/** The checks of models, which give way to everybody else's requests. */
export function openChecks({ live, running, ...services }: ChecksOptions): Checks {
  const ofOthers = (): Exchange[] => [...running].filter(({ entry }) => entry.principal?.pass === undefined);
  return createChecks({
    ...services,
    // Who waits for a model to be loaded may wait for this one's memory.
    othersUse: (modelId) =>
      ofOthers().some(({ entry: { route } }) => route.waitsFor === 'model' || route.tried.at(-1) === modelId),
    othersRun: () => ofOthers().length > 0,
    onChange: (check) => live.publish({ type: 'check', check }),
  });
}

export type SuccessorOptions = Omit<SuccessorServices, 'onChange'> & { readonly live: Live };

/** The download that is to answer for the office; a page that shows it is told when to ask again. */
export function openSuccessor({ live, ...services }: SuccessorOptions): Successor {
  return createSuccessor({ ...services, onChange: () => live.publish({ type: 'aliases-changed' }) });
}
