/**
 * Nearly all frames of a stream are the same but for one text. Once one of them was parsed, the others are recognised
 * by what stands before and after it, and pass without being parsed again (design decision 1).
 */
export type FrameTemplate = {
  /** What the frame says, or null where it is not like the one that was learnt. */
  readonly match: (payload: string) => PlainFrame | null;
  /** Looks at a frame whose only news is `text`; what is not understood is not learnt. */
  readonly learn: (payload: string, text: string) => void;
};

export type PlainFrame = {
  /** The text as it stands in JSON, without the quotes. */
  readonly escaped: string;
  /** The JSON of the first choice, as the upstream wrote it. */
  readonly choice: string;
};

type Shape = {
  readonly before: string;
  readonly after: string;
  readonly choiceFrom: number;
  /** Counted from the end. */
  readonly choiceTo: number;
};

/** The inside of a JSON string (RFC 8259 §7). */
// oxlint-disable-next-line no-control-regex
const jsonText = /^(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*$/u;

/** Some servers write the time, or noise, into every frame: those are not learnt anew for ever. */
const mostLessons = 64;

export function createFrameTemplate(): FrameTemplate {
  let shape: Shape | null = null;
  let lessons = 0;
  return {
    match(payload) {
      if (shape === null) return null;
      const { before, after } = shape;
      const textTo = payload.length - after.length;
      if (textTo < before.length) return null;
      // Compared as a whole: `startsWith` and `endsWith` look at one character after the other.
      if (payload.slice(0, before.length) !== before || payload.slice(textTo) !== after) return null;
      const escaped = payload.slice(before.length, textTo);
      if (!jsonText.test(escaped)) return null;
      return {
        escaped,
        choice: payload.slice(shape.choiceFrom, payload.length - shape.choiceTo),
      };
    },
    learn(payload, text) {
      if (lessons >= mostLessons) return;
      lessons += 1;
      shape = shapeOf(payload, text);
    },
  };
}

function shapeOf(payload: string, text: string): Shape | null {
  const list = /"choices"\s*:\s*\[\s*(?=\{)/u.exec(payload);
  if (list === null) return null;
  const choiceFrom = list.index + list[0].length;
  const choiceEnd = endOfObject(payload, choiceFrom);
  const content = /"content"\s*:\s*"/u.exec(payload.slice(choiceFrom, choiceEnd));
  if (content === null) return null;
  const textFrom = choiceFrom + content.index + content[0].length;
  const textEnd = endOfText(payload, textFrom);
  if (textEnd < 0 || !saysTheSame(payload, { choiceFrom, choiceEnd, textFrom, textEnd, text })) return null;
  return {
    before: payload.slice(0, textFrom),
    after: payload.slice(textEnd),
    choiceFrom,
    choiceTo: payload.length - choiceEnd,
  };
}

type Places = {
  readonly choiceFrom: number;
  readonly choiceEnd: number;
  readonly textFrom: number;
  readonly textEnd: number;
  readonly text: string;
};

/** Whether the places found are what a parser finds: names may stand in other objects as well. */
function saysTheSame(payload: string, { choiceFrom, choiceEnd, textFrom, textEnd, text }: Places): boolean {
  try {
    const whole = JSON.parse(payload) as { choices: unknown[] };
    const choice = payload.slice(choiceFrom, choiceEnd);
    const probe = `${payload.slice(choiceFrom, textFrom)}\\u0001${payload.slice(textEnd, choiceEnd)}`;
    const probed = JSON.parse(probe) as { delta: { content?: unknown } };
    return (
      whole.choices.length === 1 &&
      JSON.stringify(JSON.parse(choice)) === JSON.stringify(whole.choices[0]) &&
      probed.delta.content === '\u0001' &&
      JSON.parse(`"${payload.slice(textFrom, textEnd)}"`) === text
    );
  } catch {
    return false;
  }
}

/** Behind the brace that closes the object beginning at `from`; −1 where there is none. */
function endOfObject(payload: string, from: number): number {
  let depth = 0;
  for (let at = from; at < payload.length; at += 1) {
    const character = payload[at];
    if (character === '"') {
      at = endOfText(payload, at + 1);
      if (at < 0) return -1;
    } else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}

/** Where the quote stands that ends the text beginning at `from`; −1 where there is none. */
function endOfText(payload: string, from: number): number {
  for (let at = from; at < payload.length; at += 1) {
    if (payload[at] === '\\') at += 1;
    else if (payload[at] === '"') return at;
  }
  return -1;
}
