import { onTestFinished } from 'vitest';
import type { Budget, Reservation, Used } from '../../../server/core/policy.ts';
import { createGate, type Ask, type Gate } from '../../../server/gate/gate.ts';
import { createKey } from '../../../server/store/keys.ts';
import { closeStore, openStore, type Store } from '../../../server/store/open.ts';
import type { CreateKeyRequest } from '../../../server/wire/admin.ts';
import { createManualTime } from '../../fakes/manual-time.ts';

/** The gate alone, on a real store and with time that a test moves. */
export type Bench = {
  readonly store: Store;
  readonly gate: Gate;
  readonly time: ReturnType<typeof createManualTime>;
  readonly key: (name: string, policy?: Partial<CreateKeyRequest>) => Holder;
};
export type Holder = {
  readonly id: string;
  readonly ask: (ask?: Partial<Ask>) => Reservation;
  /** Which of these would be let answer. */
  readonly served: (modelIds: readonly string[], ask?: Partial<Ask>) => readonly string[];
};

/** The caller closes the store. */
export function openBench(): Bench {
  const store = openStore(':memory:');
  const time = createManualTime();
  const gate = createGate({ store, clock: time.clock, timeZone: 'Europe/Berlin' });
  return {
    store,
    gate,
    time,
    key(name, policy = {}) {
      const { key, record } = createKey(store, { name, ...policy }, time.clock.nowMs());
      const reserve = (ask: Partial<Ask>) => {
        const principal = gate.enter({ headers: { 'x-api-key': key }, query: {} }, '127.0.0.1');
        return gate.reserve(principal, { ...usualAsk, ...ask });
      };
      return {
        id: record.id,
        ask: (ask = {}) => reserve(ask).reservation,
        served(modelIds, ask = {}) {
          const { mayServe, reservation } = reserve({ ...ask, modelIds });
          reservation.settle(used(0, 0), null);
          return modelIds.filter(mayServe);
        },
      };
    },
  };
}

/** Closed when the test ends. */
export function bench(): Bench {
  const opened = openBench();
  onTestFinished(() => closeStore(opened.store));
  return opened;
}

export const usualAsk: Ask = {
  model: 'm',
  modelIds: ['m'],
  prompt: () => ({ likely: 10, most: 40 }),
  isPromptTold: () => true,
  answers: 1,
  maxTokens: 10,
};

export const perDay = (amount: number): { readonly limits: { readonly budgets: Budget[] } } => ({
  limits: { budgets: [{ unit: 'tokens', amount, period: 'day' }] },
});

export const used = (promptTokens: number, completionTokens: number): Used => ({
  promptTokens,
  completionTokens,
});
