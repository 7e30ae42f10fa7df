import {
  choice,
  isNever,
  never,
  sequence,
  text,
  type Expression,
  type GrammarWriter,
} from './grammar-writer.ts';
import type { Conjunction } from './json-schema-branches.ts';

/** A property that is known by its name. `value` is what stands for its value, `never` if it must not be there. */
export type KnownProperty = {
  readonly key: Expression;
  readonly value: Expression;
  readonly isRequired: boolean;
};

export type ObjectPlan = {
  readonly open: Expression;
  readonly close: Expression;
  readonly separator: Expression;
  /** In the order in which they are written. */
  readonly known: readonly KnownProperty[];
  /** Any other property, key and value; `never` if there are none. */
  readonly other: Expression;
  readonly least: number;
  readonly most: number;
};

/**
 * Rules that walk through the known properties in their order. The state is the place in the list and how many have
 * been written, as far as that matters: for the first separator, and for `minProperties` and `maxProperties`.
 */
export function writeObject(plan: ObjectPlan, writer: GrammarWriter): Expression {
  const { known, other, separator, close, least, most } = plan;
  const counted = Math.max(
    1,
    Math.min(least, known.length + 1),
    most === Infinity ? 0 : Math.min(most, known.length) + 1,
  );
  const states = new Map<string, Expression>();

  function after(place: number, written: number): Expression {
    const count = Math.min(written, counted);
    const key = `${place}/${count}`;
    const made =
      states.get(key) ?? writer.add('rest', place < known.length ? choiceAt(place, count) : end(count));
    states.set(key, made);
    return made;
  }

  function choiceAt(place: number, written: number): Expression {
    const property = known[place];
    if (property === undefined) return never;
    const isFull = written >= most;
    const here = isFull
      ? never
      : sequence(
          written === 0 ? text('') : separator,
          property.key,
          property.value,
          after(place + 1, written + 1),
        );
    return property.isRequired ? here : choice(here, after(place + 1, written));
  }

  /** No duplicates can be seen among other properties, so one of them counts for `least`, but all count for `most`. */
  function end(written: number): Expression {
    const missing = Math.max(0, least - written);
    const room = most - written;
    if (isNever(other) || room <= 0) return missing > 0 ? never : close;
    const first = sequence(written === 0 ? text('') : separator, other);
    const more = writer.add('more', sequence(separator, other));
    const some = sequence(first, writer.repeat(more, Math.max(0, missing - 1), room - 1), close);
    return missing > 0 ? some : choice(close, some);
  }

  // From the end, so that thousands of properties need no deep calls.
  for (let place = known.length; place >= 0; place -= 1) {
    for (let written = 0; written <= Math.min(place, counted); written += 1) after(place, written);
  }
  return sequence(plan.open, after(0, 0));
}

export type ArrayPlan = {
  readonly separator: Expression;
  /** What stands at the first places. */
  readonly places: readonly Expression[];
  /** What stands at all others; `never` if there are none. */
  readonly rest: Expression;
  readonly least: number;
  readonly most: number;
};

export function writeArray(
  { separator, places, rest, least, most }: ArrayPlan,
  writer: GrammarWriter,
): Expression {
  const close = text(']');
  const first = places.length;
  const next = writer.add('next', sequence(first === 0 ? text('') : separator, rest));
  const further = writer.add('item', sequence(separator, rest));
  const mayEnd = (count: number): boolean => count >= least && count <= most;

  function tail(): Expression {
    if (most <= first || isNever(rest)) return mayEnd(first) ? close : never;
    const some = sequence(
      next,
      writer.repeat(further, Math.max(0, least - first - 1), most - first - 1),
      close,
    );
    return mayEnd(first) ? choice(close, some) : some;
  }

  let after = writer.add('tail', tail());
  for (let index = first - 1; index >= 0; index -= 1) {
    const item =
      index >= most ? never : sequence(index === 0 ? text('') : separator, places[index] ?? never, after);
    after = writer.add('places', mayEnd(index) ? choice(close, item) : item);
  }
  return sequence(text('['), after);
}

/** Whether more than one property beyond the required ones must be of those without a name. */
export function needsSeveralOthers(
  least: number,
  requiredCount: number,
  additional: Conjunction | null,
): boolean {
  return additional !== null && least > requiredCount + 1;
}
