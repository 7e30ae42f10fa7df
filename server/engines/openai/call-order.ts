import { randomBytes } from 'node:crypto';
import type { GeneratePart } from '../../core/generate.ts';
import type { WireMessage } from './answer-chunks.ts';
import { tokensIn } from './estimate.ts';
import { broken } from './upstream-errors.ts';

/** Makes of the calls in an upstream's frames, however they are mixed, calls that come one after the other. */
export type CallOrder = {
  /** @throws AppError 502 where two calls cannot be told apart any more */
  readonly take: (spoken: WireMessage | null) => readonly GeneratePart[];
  /** What was held back, once nothing more comes. @throws AppError 502 for pieces of a call that was never named */
  readonly rest: () => readonly GeneratePart[];
  readonly count: () => number;
};

type Call = {
  readonly id: string | null;
  readonly name: string;
  said: string;
  sent: number;
  hasBegun: boolean;
};
type WireCall = NonNullable<WireMessage['tool_calls']>[number];

const mostCalls = 1024;
/** How often it is looked whether a call is whole while the next one waits for it. */
const mostLooks = 64;

/**
 * Upstreams number their calls, or give all of them the number 0, or none: a new id or, without one, a new name is a
 * new call. The first that is not whole passes as it comes; pieces of later ones wait for its end, since readers of other
 * dialects know only one open call at a time.
 */
export function createCallOrder(upstream: string): CallOrder {
  const calls: Call[] = [];
  const byIndex = new Map<number, Call>();
  /** Arguments that came before the name of their call. */
  const early = new Map<number, string>();
  let open = 0;
  let looks = 0;

  function note(wire: WireCall, index: number): void {
    const name = wire.function?.name || null;
    const id = wire.id || null;
    const given = argumentsOf(wire.function?.arguments);
    const known = byIndex.get(index);
    if (name !== null && (known === undefined || (id !== null && id !== known.id))) {
      if (calls.length >= mostCalls) throw mixed(upstream);
      const call = { id, name, said: (early.get(index) ?? '') + given, sent: 0, hasBegun: false };
      early.delete(index);
      byIndex.set(index, call);
      calls.push(call);
    } else if (known === undefined) {
      if (given === '') return;
      if (early.size >= mostCalls) throw mixed(upstream);
      early.set(index, (early.get(index) ?? '') + given);
    } else {
      if (given.trim() !== '' && calls.indexOf(known) < open) throw mixed(upstream);
      known.said += given;
    }
  }

  function* ready(isEnd: boolean): Generator<GeneratePart> {
    for (let call = calls[open]; call !== undefined; call = calls[open]) {
      yield* piecesOf(call, open);
      if (open + 1 >= calls.length || !(isEnd || isWhole(call))) return;
      open += 1;
    }
  }

  function isWhole({ said }: Call): boolean {
    if (!said.trimEnd().endsWith('}') || looks >= mostLooks) return false;
    looks += 1;
    return isObject(said);
  }

  return {
    take(spoken) {
      const wires = spoken?.tool_calls ?? [];
      if (wires.length === 0) return [];
      for (const [at, wire] of wires.entries()) note(wire, wire.index ?? (wires.length === 1 ? 0 : at));
      return [...ready(false)];
    },
    rest() {
      if (early.size > 0) throw mixed(upstream);
      return [...ready(true)];
    },
    count: () => calls.length,
  };
}

function* piecesOf(call: Call, index: number): Generator<GeneratePart> {
  if (!call.hasBegun) {
    const id = call.id ?? `call_${randomBytes(12).toString('hex')}`;
    yield { type: 'tool-call-start', index, id, name: call.name.slice(0, 1000), tokens: 1 };
    call.hasBegun = true;
  }
  const piece = call.said.slice(call.sent);
  if (piece === '') return;
  call.sent = call.said.length;
  yield { type: 'tool-call-delta', index, arguments: piece, tokens: tokensIn(piece.length) };
}

/** An object is wrong, but what it means is clear. */
function argumentsOf(given: string | Record<string, unknown> | null | undefined): string {
  if (given === null || given === undefined) return '';
  return typeof given === 'string' ? given : JSON.stringify(given);
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}

function mixed(upstream: string): Error {
  return broken(
    upstream,
    'upstream_not_json',
    'mixes the pieces of its tool calls so that none can be trusted',
  );
}
