import { z } from 'zod';
import { storageKey } from './forget.ts';
import { usualSettings, type PlaygroundState } from './talk.ts';

/**
 * The conversation in the browser's tab, and nowhere else: it outlives a reload and is gone with the tab, by "Clear", and
 * when the owner signs out.
 */

/** Storage takes some five million characters of all pages of this address. */
const mostCharacters = 1_500_000;

const answer = z.object({
  model: z.string(),
  served: z.string().nullable(),
  text: z.string(),
  thoughts: z.string(),
  firstMs: z.number().nullable(),
  lastMs: z.number().nullable(),
  tokens: z.number().nullable(),
  end: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('done'), isCut: z.boolean() }),
      z.object({ kind: z.enum(['stopped', 'too-long', 'broken']) }),
      z.object({
        kind: z.literal('refused'),
        message: z.string(),
        code: z.string().nullable(),
        requestId: z.string().nullable(),
      }),
    ])
    // What was being written when the page was left does not go on.
    .nullable()
    .transform((end) => end ?? { kind: 'broken' as const }),
});

const kept = z.object({
  draft: z.string(),
  settings: z.object({
    models: z.tuple([z.string().nullable(), z.string().nullable()]),
    isSideBySide: z.boolean(),
    as: z.string().nullable(),
    mayLeave: z.boolean(),
    system: z.string(),
    temperature: z.number().nullable(),
    maxTokens: z.number().nullable(),
  }),
  turns: z.array(
    z.object({
      id: z.string(),
      question: z.string(),
      answers: z.tuple([answer.nullable(), answer.nullable()]),
    }),
  ),
});

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** What was kept; as at first where nothing was, or nothing that this version can read. */
export function readKept(store: Store | null): PlaygroundState {
  try {
    const state = kept.safeParse(JSON.parse(store?.getItem(storageKey) ?? 'null')).data;
    if (state !== undefined) return state;
  } catch {
    // Another program's, or half a text: nothing to go by.
  }
  return { draft: '', settings: usualSettings, turns: [] };
}

/** The newest turns are kept where there is not room for all; nothing where there is none at all. */
export function keep(store: Store | null, state: PlaygroundState): void {
  for (let { turns } = state; ; turns = turns.slice(Math.ceil(turns.length / 2))) {
    const text = JSON.stringify({ ...state, turns });
    if ((text.length <= mostCharacters || turns.length === 0) && isWritten(store, text)) return;
    if (turns.length === 0) return;
  }
}

function isWritten(store: Store | null, text: string): boolean {
  try {
    store?.setItem(storageKey, text);
    return true;
  } catch {
    return false;
  }
}
