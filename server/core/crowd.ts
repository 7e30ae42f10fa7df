/**
 * Members that come and go all the time, in no order. A Set of V8's makes a new table every few of them, and each old
 * one points to the next: once one of these tables is old, all that follow are kept, with all their members, until the
 * next full collection. For what every request enters and leaves, that alone was half of the collector's work.
 */
export type Crowd<Member> = Iterable<Member> & {
  readonly size: number;
  readonly add: (member: Member) => unknown;
  /** False where it was not there. */
  readonly delete: (member: Member) => boolean;
};

/** Leaving looks through all members, so it is for thousands, not for millions. */
export function createCrowd<Member>(): Crowd<Member> {
  const members: Member[] = [];
  return {
    get size() {
      return members.length;
    },
    add: (member) => members.push(member),
    delete(member) {
      const place = members.indexOf(member);
      if (place < 0) return false;
      const last = members.pop();
      if (last !== undefined && place < members.length) members[place] = last;
      return true;
    },
    // Of a copy: whoever is met may leave at once.
    [Symbol.iterator]: () => [...members].values(),
  };
}
