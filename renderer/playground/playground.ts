import { mostAnswerCharacters } from './clean.ts';
import { keep, readKept } from './kept.ts';
import {
  begun,
  isRunning,
  lanes,
  messagesFor,
  usualSettings,
  withAnswer,
  type Answer,
  type AnswerEnd,
  type Lane,
  type PlaygroundState,
  type Question,
  type TalkSettings,
  type Turn,
} from './talk.ts';

/** A conversation with one or two models. It goes on while other pages of the console are looked at. */
export type Playground = {
  readonly state: () => PlaygroundState;
  readonly subscribe: (listener: () => void) => () => void;
  readonly set: (change: Partial<TalkSettings>) => void;
  readonly write: (draft: string) => void;
  /** Asks what is written; nothing while something is being answered, or nothing is written. */
  readonly ask: (models: readonly [string, string]) => void;
  /** Asks the last question once more, of one of the two. */
  readonly askAgain: (lane: Lane, model: string) => void;
  /** Ends the answers; what has come stays. */
  readonly stop: () => void;
  /** Forgets the conversation, and how it was asked. */
  readonly clear: () => void;
  /** Everything so far, where it is kept: for a page that is being left. */
  readonly keepNow: () => void;
};

/** What is told of an answer while it comes. */
export type Hearer = {
  readonly onServed: (model: string) => void;
  readonly onText: (text: string) => void;
  readonly onThoughts: (text: string) => void;
  readonly onTokens: (tokens: number) => void;
};

type PlaygroundServices = {
  /** Never rejects. */
  readonly askModel: (question: Question, hearer: Hearer, signal: AbortSignal) => Promise<AnswerEnd>;
  readonly nowMs: () => number;
  readonly newId: () => string;
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null;
  /** Calls back once after so long; returns the way to stop that. */
  readonly after: (ms: number, work: () => void) => () => void;
};

/** Words come far oftener than anybody can read … */
const tellEveryMs = 60;
/** … and the browser writes what it keeps to its disk. */
const keepEveryMs = 700;

export function createPlayground({ askModel, nowMs, newId, storage, after }: PlaygroundServices): Playground {
  let state = readKept(storage);
  /** The newest of each running answer, until the page is told of it. */
  const coming = new Map<string, { readonly turnId: string; readonly lane: Lane; answer: Answer }>();
  let aborts: AbortController[] = [];
  let doNotTell: (() => void) | null = null;
  let doNotKeep: (() => void) | null = null;
  const listeners = new Set<() => void>();

  function become(next: PlaygroundState): void {
    state = next;
    doNotKeep ??= after(keepEveryMs, keepNow);
    for (const listener of listeners) listener();
  }
  function keepNow(): void {
    doNotKeep?.();
    doNotKeep = null;
    keep(storage, state);
  }
  function tellSoon(): void {
    doNotTell ??= after(tellEveryMs, tellNow);
  }
  function tellNow(): void {
    doNotTell?.();
    doNotTell = null;
    become({
      ...state,
      turns: state.turns.map((turn) =>
        lanes.reduce((changed, lane) => {
          const news = coming.get(nameOf(turn.id, lane));
          return news === undefined ? changed : withAnswer(changed, lane, news.answer);
        }, turn),
      ),
    });
  }

  async function answer(turn: Turn, lane: Lane, model: string): Promise<void> {
    const { settings, turns } = state;
    const before = turns.slice(
      0,
      turns.findIndex(({ id }) => id === turn.id),
    );
    const { as, mayLeave, temperature, maxTokens, system } = settings;
    const messages = messagesFor(before, { lane, question: turn.question, system });
    const abort = new AbortController();
    aborts.push(abort);
    const entry = { turnId: turn.id, lane, answer: begun(model) };
    coming.set(nameOf(turn.id, lane), entry);
    const askedMs = nowMs();
    let isTooLong = false;
    const take = (change: (answer: Answer) => Partial<Answer>): void => {
      entry.answer = { ...entry.answer, ...change(entry.answer) };
      const { text, thoughts } = entry.answer;
      if (text.length + thoughts.length > mostAnswerCharacters) {
        isTooLong = true;
        abort.abort();
      }
      tellSoon();
    };
    const times = ({ firstMs }: Answer) => {
      const lastMs = nowMs() - askedMs;
      return { firstMs: firstMs ?? lastMs, lastMs };
    };
    const hearer: Hearer = {
      onServed: (served) => take(() => ({ served })),
      onText: (text) => take((now) => ({ text: now.text + text, ...times(now) })),
      onThoughts: (text) => take((now) => ({ thoughts: now.thoughts + text, ...times(now) })),
      onTokens: (tokens) => take(() => ({ tokens })),
    };
    const end = await askModel(
      { model, messages, as, mayLeave, temperature, maxTokens },
      hearer,
      abort.signal,
    );
    aborts = aborts.filter((other) => other !== abort);
    entry.answer = { ...entry.answer, end: isTooLong ? { kind: 'too-long' } : end };
    tellNow();
    keepNow();
    // Asked once more meanwhile, that one is the newest.
    if (coming.get(nameOf(turn.id, lane)) === entry) coming.delete(nameOf(turn.id, lane));
  }

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    set: (change) => become({ ...state, settings: { ...state.settings, ...change } }),
    write: (draft) => become({ ...state, draft }),
    ask([first, second]) {
      const question = state.draft.trim();
      if (question === '' || isRunning(state.turns.at(-1))) return;
      const { isSideBySide } = state.settings;
      const answers = [begun(first), isSideBySide ? begun(second) : null] as const;
      const turn: Turn = { id: newId(), question, answers };
      become({ ...state, draft: '', turns: [...state.turns, turn] });
      void answer(turn, 0, first);
      if (isSideBySide) void answer(turn, 1, second);
    },
    askAgain(lane, model) {
      const turn = state.turns.at(-1);
      if (turn === undefined || isRunning(turn)) return;
      const again = withAnswer(turn, lane, begun(model));
      become({ ...state, turns: [...state.turns.slice(0, -1), again] });
      void answer(again, lane, model);
    },
    stop() {
      for (const abort of aborts) abort.abort();
    },
    clear() {
      for (const abort of aborts) abort.abort();
      aborts = [];
      coming.clear();
      become({ draft: '', settings: usualSettings, turns: [] });
      keepNow();
    },
    keepNow,
  };
}

function nameOf(turnId: string, lane: Lane): string {
  return `${turnId}/${lane}`;
}
