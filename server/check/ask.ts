import { Fault, isObject } from './fault.ts';
import { readFrames, type Frame } from './frames.ts';

/** How a check asks: as any client does, over http, by the port that clients use. */
export type Ask = {
  /** The whole answer. @throws Refusal, Fault, Broken, or the signal's reason */
  readonly whole: (path: string, body: object) => Promise<unknown>;
  /** The events of a stream. @throws Refusal, Fault, Broken, or the signal's reason */
  readonly stream: (path: string, body: object) => Promise<readonly Frame[]>;
};

/** The server said no, in the words of its dialect. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly code: string | null;

  constructor(status: number, code: string | null, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The connection ended before the answer did. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

type AskOptions = {
  /** `http://127.0.0.1:11500` */
  readonly address: string;
  readonly key: string;
  readonly signal: AbortSignal;
};

/** Shown in the log as the client. */
const checkClient = 'inglenook-check';

export function createAsk({ address, key, signal }: AskOptions): Ask {
  async function post(path: string, body: object): Promise<Response> {
    try {
      const response = await fetch(address + path, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          'user-agent': checkClient,
          'anthropic-version': '2023-06-01',
        },
        body: JSON.stringify(body),
        signal,
      });
      if (!response.ok) throw refusalOf(response.status, await response.text());
      return response;
    } catch (error) {
      throw told(error);
    }
  }
  /** What is wrong with an answer says so itself; what is left is the connection's end. */
  function told(error: unknown): unknown {
    if (signal.aborted) return signal.reason;
    if (error instanceof Refusal || error instanceof Fault) return error;
    return new Broken('The connection broke before the answer was complete.', { cause: error });
  }
  return {
    async whole(path, body) {
      const response = await post(path, body);
      const text = await response.text().catch((error: unknown) => {
        throw told(error);
      });
      try {
        return JSON.parse(text) as unknown;
      } catch {
        throw new Fault('the answer is not JSON');
      }
    },
    async stream(path, body) {
      const response = await post(path, { ...body, stream: true });
      const type = response.headers.get('content-type') ?? '';
      if (!type.startsWith('text/event-stream')) {
        await response.body?.cancel();
        throw new Fault('the answer is not a stream of events');
      }
      if (response.body === null) return [];
      try {
        return await readFrames(response.body);
      } catch (error) {
        throw told(error);
      }
    },
  };
}

const longestMessage = 500;

function refusalOf(status: number, text: string): Refusal {
  let error: unknown = null;
  try {
    const body: unknown = JSON.parse(text);
    error = isObject(body) ? body['error'] : null;
  } catch {
    // Not in the words of a dialect; the status must do.
  }
  const { message, code } = isObject(error) ? error : {};
  return new Refusal(
    status,
    typeof code === 'string' ? code : null,
    typeof message === 'string' ? message.slice(0, longestMessage) : `status ${status}`,
  );
}
