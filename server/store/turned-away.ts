import { statement, type Store } from './open.ts';

/** Requests without a valid key that got no row; `quarter` counts quarter-hours since 1970 UTC. */
export type TurnedAway = { readonly quarter: number; readonly requests: number };

/** To be called inside a transaction. */
export function addTurnedAway(store: Store, quarter: number, requests: number): void {
  statement(
    store,
    'INSERT INTO turned_away VALUES (?, ?) ON CONFLICT (start) DO UPDATE SET requests = requests + excluded.requests',
  ).run(quarter, requests);
}
