import type { LoadedModel, SlotSequence, TokenSampling } from '../../server/engines/builtin/loaded-model.ts';

/** One call of `llama_decode`: how many tokens of which sequences, in the order of the batch. */
export type FakeDecode = readonly { readonly sequence: number; readonly tokens: number }[];

export type FakeAddonOptions = {
  readonly slots?: number;
  readonly contextTokens?: number;
  readonly batchSize?: number;
  /** The whole answer to a prompt; it is given a character (one token) at a time. Default: 'abc…' without end. */
  readonly answer?: (prompt: string, sampling: TokenSampling) => string;
  /** Awaited in every decode; hold it to hold the engine, throw in it for a broken computation. */
  readonly onDecode?: (decode: FakeDecode, count: number) => void | Promise<void>;
  /** Tokens for filling a gap; default none. */
  readonly infill?: LoadedModel['tokenizer']['infill'];
  /** Its chat template; default a plain one without tools. */
  readonly template?: string;
  readonly threads?: { readonly least: number; readonly most: number };
  /** A model that goes back to checkpoints only. */
  readonly needsCheckpoints?: boolean;
};

export type FakeAddon = LoadedModel & {
  readonly decoded: FakeDecode[];
  /** Of every stream that has begun, and those it went over to. */
  readonly grammars: (string | null)[];
  /** Thread count of every decode. */
  readonly decodedWithThreads: number[];
  /** What had been truncated away and when (decodes so far), to see that it happened in a gap. */
  readonly checkpointed: { readonly sequence: number; readonly length: number }[];
  readonly truncated: { readonly sequence: number; readonly length: number; readonly atDecode: number }[];
};

type Queued = {
  readonly sequence: number;
  readonly tokens: readonly number[];
  readonly response: PromiseWithResolvers<void>;
};

const endlessToken = '.'.charCodeAt(0);

/** Control tokens are upper-case words between angle brackets, such as `<END>`; each is one token. */
const controlTexts = ['<BEGIN>', '<END>'];
const firstControlToken = 1_000_000;
const endToken = firstControlToken + 1;

/**
 * A model of plain arrays behind the same border as the real library: what is submitted in one turn is one decode,
 * every sequence holds its tokens, one token is one character. It computes nothing and takes no time.
 */
export function createFakeAddon(options: FakeAddonOptions = {}): FakeAddon {
  const decoded: FakeDecode[] = [];
  const decodedWithThreads: number[] = [];
  const checkpointed: { sequence: number; length: number }[] = [];
  const grammars: (string | null)[] = [];
  const truncated: { sequence: number; length: number; atDecode: number }[] = [];
  const threadRange = options.threads ?? { least: 1, most: 1 };
  let threads = threadRange.least;
  let queue: Queued[] = [];
  let isDecoding = false;

  function submit(sequence: number, tokens: readonly number[]): Promise<void> {
    if (isDecoding) throw new Error(`sequence ${sequence} was submitted while a decode was running`);
    if (queue.some((item) => item.sequence === sequence))
      throw new Error(`sequence ${sequence} is in the batch twice`);
    if (queue.length === 0) setImmediate(() => void decode());
    const response = Promise.withResolvers<void>();
    queue.push({ sequence, tokens, response });
    return response.promise;
  }

  async function decode(): Promise<void> {
    const batch = queue;
    queue = [];
    const record = batch.map(({ sequence, tokens }) => ({ sequence, tokens: tokens.length }));
    decoded.push(record);
    decodedWithThreads.push(threads);
    isDecoding = true;
    try {
      await options.onDecode?.(record, decoded.length);
      for (const { response } of batch) response.resolve();
    } catch (error) {
      for (const { response } of batch) response.reject(error);
    } finally {
      isDecoding = false;
    }
  }

  function createSequence(index: number): SlotSequence {
    let held: number[] = [];
    let places: number[] = [];
    return {
      tokens: () => held,
      keepable(length) {
        if (options.needsCheckpoints !== true || length >= held.length) return Math.min(length, held.length);
        return Math.max(0, ...places.filter((place) => place <= length));
      },
      async checkpoint() {
        if (isDecoding || queue.length > 0) throw new Error(`a checkpoint of ${index} during a tick`);
        checkpointed.push({ sequence: index, length: held.length });
        places.push(held.length);
      },
      async truncate(length) {
        if (isDecoding || queue.length > 0) throw new Error(`sequence ${index} was cut during a tick`);
        if (length < held.length) truncated.push({ sequence: index, length, atDecode: decoded.length });
        held = held.slice(0, length);
        places = places.filter((place) => place <= length);
      },
      async read(tokens) {
        await submit(index, tokens);
        held = [...held, ...tokens];
      },
      generate(tokens, sampling, { ignoreEos, withLikelihoods, grammar }) {
        grammars.push(grammar);
        let next = [...tokens];
        let answer: number[] | null = null;
        let last = 0;
        return {
          async next(instead) {
            if (instead !== undefined) next = [...instead];
            await submit(index, next);
            held = [...held, ...next];
            answer ??= fakeTokenize((options.answer ?? endless)(fakeText(held), sampling), true);
            const token = answer.shift() ?? (ignoreEos ? endlessToken : undefined);
            if (token === undefined) return null;
            last = token;
            next = [token];
            return token;
          },
          // Half of the probability for the token itself, a quarter for the next letter, and so on.
          likelihoods: () =>
            withLikelihoods
              ? Array.from({ length: 30 }, (_, index) => ({
                  token: last + index,
                  logprob: -Math.LN2 * (index + 1),
                }))
              : [],
          useGrammar: (source) => void grammars.push(source),
          async close() {
            answer = [];
          },
        };
      },
    };
  }

  return {
    sequences: Array.from({ length: options.slots ?? 4 }, (_, index) => createSequence(index)),
    contextTokens: options.contextTokens ?? 1024,
    batchSize: options.batchSize ?? 64,
    backend: 'cpu',
    threads: threadRange,
    setThreads: (count) => {
      threads = count;
    },
    tokenizer: {
      tokenize: fakeTokenize,
      detokenize: (tokens) => fakeText(tokens),
      controlTexts,
      infill: options.infill ?? null,
      bosToken: null,
      vocabularySize: 2_000_000,
    },
    chat: { template: options.template ?? fakeTemplate, bosText: '', eosText: '<END>' },
    gpuBytes: 0,
    checkpoints: options.needsCheckpoints === true ? { isTurnEnd: (token) => token === endToken } : null,
    decodes: () => decoded.length,
    decoded,
    checkpointed,
    decodedWithThreads,
    grammars,
    truncated,
  };
}

const fakeTemplate =
  '{% for message in messages %}<BEGIN>{{ message.role }}: {{ message.content }}<END>{% endfor %}{% if add_generation_prompt %}<BEGIN>assistant: {% endif %}';

export function fakeTokenize(text: string, special: boolean): number[] {
  if (!special) return Array.from(text, (character) => character.codePointAt(0) ?? 0);
  return text.split(/(<BEGIN>|<END>)/).flatMap((part) => {
    const control = controlTexts.indexOf(part);
    return control >= 0 ? [firstControlToken + control] : fakeTokenize(part, false);
  });
}

export function fakeText(tokens: readonly number[]): string {
  return tokens
    .map((token) => controlTexts[token - firstControlToken] ?? String.fromCodePoint(token))
    .join('');
}

function endless(): string {
  return 'abcdefghijklmnopqrstuvwxyz'.repeat(200);
}
