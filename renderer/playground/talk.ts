/** What is asked in the playground, and what has come: plain data and what follows from it. */

export type ChatMessage = { readonly role: 'system' | 'user' | 'assistant'; readonly content: string };

export type AnswerEnd =
  /** `isCut`: by the most tokens that were asked for, or that were left. */
  | { readonly kind: 'done'; readonly isCut: boolean }
  | { readonly kind: 'stopped' }
  /** Longer than this page shows. */
  | { readonly kind: 'too-long' }
  /** The line broke before the end. */
  | { readonly kind: 'broken' }
  /** `message`: the server's own words. */
  | {
      readonly kind: 'refused';
      readonly message: string;
      readonly code: string | null;
      readonly requestId: string | null;
    };

/** What one model has said to one question. */
export type Answer = {
  /** The name that was asked for. */
  readonly model: string;
  /** What has answered; null until that is known. */
  readonly served: string | null;
  readonly text: string;
  readonly thoughts: string;
  /** From asking until the first word, and until the last, in milliseconds. */
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  readonly tokens: number | null;
  /** Null while it is being written. */
  readonly end: AnswerEnd | null;
};

/** One model alone, or two side by side. */
export type Lane = 0 | 1;
export const lanes = [0, 1] as const satisfies readonly Lane[];

export type Turn = {
  readonly id: string;
  readonly question: string;
  readonly answers: readonly [Answer | null, Answer | null];
};

/** How it is asked; null and the empty text leave it to the model. */
export type TalkSettings = {
  readonly models: readonly [string | null, string | null];
  readonly isSideBySide: boolean;
  /** Id of the key by whose limits it is asked; null for nobody's. */
  readonly as: string | null;
  readonly mayLeave: boolean;
  readonly system: string;
  readonly temperature: number | null;
  readonly maxTokens: number | null;
};

export const usualSettings: TalkSettings = {
  models: [null, null],
  isSideBySide: false,
  as: null,
  mayLeave: false,
  system: '',
  temperature: null,
  maxTokens: null,
};

/** Everything on the page that is not the server's. */
export type PlaygroundState = {
  /** What is being written. */
  readonly draft: string;
  readonly settings: TalkSettings;
  readonly turns: readonly Turn[];
};

/** What goes out to one model. */
export type Question = Pick<TalkSettings, 'as' | 'mayLeave' | 'temperature' | 'maxTokens'> & {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
};

/** So many turns are told to the model again. */
const mostTurns = 20;

/** The conversation with one of the two, up to this question. What was refused, or is the other's, is left out. */
export function messagesFor(
  turns: readonly Turn[],
  { lane, question, system }: { readonly lane: Lane; readonly question: string; readonly system: string },
): ChatMessage[] {
  const before = turns.flatMap(({ question: asked, answers }): ChatMessage[][] => {
    const answer = answers[lane];
    if (answer === null || answer.text === '') return [];
    return [
      [
        { role: 'user', content: asked },
        { role: 'assistant', content: answer.text },
      ],
    ];
  });
  return [
    ...(system.trim() === '' ? [] : [{ role: 'system' as const, content: system }]),
    ...before.slice(-mostTurns).flat(),
    { role: 'user', content: question },
  ];
}

/** The body of the request, as any client would send it. */
export function bodyOf({ model, messages, temperature, maxTokens }: Question): Record<string, unknown> {
  return {
    model,
    messages,
    ...(temperature === null ? {} : { temperature }),
    ...(maxTokens === null ? {} : { max_tokens: maxTokens }),
  };
}

/** Less cannot be told from what comes in one piece. */
const leastMeasuredMs = 20;

/** How fast the words came once the first one was there; null where there is nothing to measure. */
export function tokensPerSecond({ tokens, firstMs, lastMs }: Answer): number | null {
  if (tokens === null || tokens < 2 || firstMs === null || lastMs === null) return null;
  const tookMs = lastMs - firstMs;
  return tookMs < leastMeasuredMs ? null : ((tokens - 1) / tookMs) * 1000;
}

export function begun(model: string): Answer {
  return {
    model,
    served: null,
    text: '',
    thoughts: '',
    firstMs: null,
    lastMs: null,
    tokens: null,
    end: null,
  };
}

export function isRunning(turn: Turn | undefined): boolean {
  return turn?.answers.some((answer) => answer !== null && answer.end === null) ?? false;
}

/** The turn with another answer of one of the two. */
export function withAnswer(turn: Turn, lane: Lane, answer: Answer): Turn {
  const [first, second] = turn.answers;
  return { ...turn, answers: lane === 0 ? [answer, second] : [first, answer] };
}
