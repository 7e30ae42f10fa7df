/**
 * Whose turn it is at a model: the key that has been served least (Virtual Token Counter, Sheng et al., "Fairness in
 * Serving Large Language Models", OSDI 2024, arXiv 2401.00588).
 */
export type Line<Waiter> = {
  /** What the key has been served, by its weight. */
  readonly served: number;
  readonly weight: number;
  /** Stands behind all others. Absent: it does not. */
  readonly isBackground?: boolean;
  /** Slots it holds. */
  readonly active: number;
  /** When it last got a slot, or began to wait. */
  readonly lastTurnMs: number;
  /** In the order they came. Short ones are completions while somebody types. */
  readonly short: readonly Waiter[];
  readonly long: readonly Waiter[];
};

export type Turns<Waiter> = {
  readonly lines: Iterable<Line<Waiter>>;
  readonly slots: number;
  /** How many short ones have gone ahead of long ones since a long one had its turn. */
  readonly shortAhead: number;
  readonly nowMs: number;
};

type Next<Waiter> = { readonly line: Line<Waiter>; readonly isShort: boolean };

/** After so many short ones in a row a long one has its turn, if one waits. */
const mostShortAhead = 3;
/** A key that got no slot for so long goes before all others. */
const longestWithoutTurnMs = 120_000;
/** From so many slots on, one key cannot hold all of them while another waits. */
const slotsToShare = 4;

/**
 * 1. a key that holds all slots but one leaves that one to the others, if any of them waits;
 * 2. a key that has had no turn for two minutes goes first, the one longest without before others;
 * 3. short requests go before long ones, but not more than three in a row;
 * 4. the key that was served least; among equals the one with fewer slots, then the one longest without a turn.
 *
 * Nobody starves: whoever is served moves back in the order, and (2) bounds what priorities and new keys can do. What the
 * server asks for itself is no somebody: it has its turn when nobody else waits.
 */
export function nextTurn<Waiter>({ lines, slots, shortAhead, nowMs }: Turns<Waiter>): Next<Waiter> | null {
  const all = [...lines].filter(isWaiting);
  const people = all.filter(({ isBackground }) => isBackground !== true);
  const waiting = people.length > 0 ? people : all;
  const modest = waiting.filter(({ active }) => slots < slotsToShare || active < slots - 1); // (1)
  const eligible = waiting.length > 1 && modest.length > 0 ? modest : waiting;
  const starving = least(
    eligible.filter(({ lastTurnMs, active }) => active === 0 && nowMs - lastTurnMs > longestWithoutTurnMs),
    (a, b) => a.lastTurnMs - b.lastTurnMs,
  ); // (2)
  if (starving !== null) return { line: starving, isShort: starving.long.length === 0 };
  const short = eligible.filter((line) => line.short.length > 0);
  const long = eligible.filter((line) => line.long.length > 0);
  const isShort = short.length > 0 && (long.length === 0 || shortAhead < mostShortAhead); // (3)
  const line = least(isShort ? short : long, byServed); // (4)
  return line === null ? null : { line, isShort };
}

function isWaiting<Waiter>({ short, long }: Line<Waiter>): boolean {
  return short.length + long.length > 0;
}

function byServed(a: Line<unknown>, b: Line<unknown>): number {
  return a.served - b.served || a.active - b.active || a.lastTurnMs - b.lastTurnMs;
}

function least<Item>(items: readonly Item[], compare: (a: Item, b: Item) => number): Item | null {
  let best: Item | null = null;
  for (const item of items) if (best === null || compare(item, best) < 0) best = item;
  return best;
}

/** The order in which those who wait will probably have their turns, if each takes what is usual and nobody else comes. */
export function expectedOrder<Waiter>(
  turns: Turns<Waiter>,
  costOf: (waiter: Waiter, isShort: boolean) => number,
): Waiter[] {
  const lines = [...turns.lines].filter(isWaiting).map((line) => ({
    ...line,
    short: line.short.slice(),
    long: line.long.slice(),
  }));
  const order: Waiter[] = [];
  let { shortAhead } = turns;
  for (;;) {
    const next = nextTurn({ ...turns, lines, shortAhead });
    const line = lines.find((candidate) => candidate === next?.line);
    if (next === null || line === undefined) return order;
    const waiter = (next.isShort ? line.short : line.long).shift();
    if (waiter === undefined) return order;
    shortAhead = next.isShort ? shortAhead + 1 : 0;
    line.served += costOf(waiter, next.isShort) / line.weight;
    line.lastTurnMs = turns.nowMs;
    order.push(waiter);
  }
}
