import { chat, type ChatEnd, type ChatMessage } from './chat.ts';

/** A question, and what came of it. */
export type Turn = {
  readonly question: string;
  answer: string;
  /** From asking to the first word; null until then. */
  firstMs: number | null;
  /** Null while it is being answered. */
  end: ChatEnd | null;
};

/** A small conversation, in this page's memory alone; outlives a change of the language. */
export type Talk = {
  readonly turns: readonly Turn[];
  model: string | null;
  /** What is being written. */
  draft: string;
  readonly isRunning: () => boolean;
  readonly ask: (model: string, question: string) => void;
  /** Ends the answer; what has come stays. */
  readonly stop: () => void;
  readonly clear: () => void;
  /** Who shows it: told of a new turn, of each piece of the last one's answer, and of its end. */
  watch: (change: 'turns' | 'text' | 'end') => void;
};

/** So many turns are told to the model again; a test needs no longer memory. */
const mostTurns = 8;

/** @param onTurn told when a question goes out, and when its answer has ended */
export function createTalk(key: string, onTurn: () => void): Talk {
  const turns: Turn[] = [];
  let abort: AbortController | null = null;

  async function answer(turn: Turn, model: string, messages: readonly ChatMessage[]): Promise<void> {
    const mine = new AbortController();
    abort = mine;
    const askedMs = performance.now();
    const end = await chat({
      key,
      model,
      messages,
      signal: mine.signal,
      onText(text) {
        if (abort !== mine) return;
        turn.firstMs ??= performance.now() - askedMs;
        turn.answer += text;
        talk.watch('text');
      },
    });
    turn.end = end;
    // Begun anew meanwhile: there is no such turn any more.
    if (abort !== mine) return;
    abort = null;
    talk.watch('end');
    onTurn();
  }

  const talk: Talk = {
    turns,
    model: null,
    draft: '',
    isRunning: () => abort !== null,
    ask(model, question) {
      if (abort !== null) return;
      const said = turns
        .filter((turn) => turn.answer !== '')
        .slice(-mostTurns)
        .flatMap((turn): ChatMessage[] => [
          { role: 'user', content: turn.question },
          { role: 'assistant', content: turn.answer },
        ]);
      const turn: Turn = { question, answer: '', firstMs: null, end: null };
      turns.push(turn);
      void answer(turn, model, [...said, { role: 'user', content: question }]);
      talk.watch('turns');
      onTurn();
    },
    stop: () => abort?.abort(),
    clear() {
      abort?.abort();
      abort = null;
      turns.length = 0;
      talk.watch('turns');
    },
    watch() {},
  };
  return talk;
}
