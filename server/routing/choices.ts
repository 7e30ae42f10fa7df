import type { ChoicePart, GeneratePart, GenerateRequest } from '../core/generate.ts';
import type { Route, Way } from '../core/route.ts';
import type { Candidate } from './resolve.ts';
import type { Candidates, Router } from './run.ts';

/** So many choices of one request hold a slot at the same time; the others follow. */
const mostAtOnce = 4;

/** Ends the other choices when one has failed; never told to anybody. */
const otherFailed = Symbol('another choice of this request has failed');

/**
 * Answers several requests as the choices of one, mixed as they come. The others begin when the first does, with the
 * model that serves it, so that one answer never comes from two models. A prompt that was already counted counts 0
 * tokens, so that sums are right. When one choice fails, all end.
 */
export function runChoices(
  router: Pick<Router, 'run' | 'runOnly'>,
  candidates: Candidates,
  requests: readonly [GenerateRequest, ...GenerateRequest[]],
  way: Way,
): AsyncGenerator<ChoicePart> {
  if (requests.length === 1) return router.runOnly(candidates, requests[0], way);
  return runSeveral(router, candidates, requests, way);
}

async function* runSeveral(
  router: Pick<Router, 'run'>,
  candidates: Candidates,
  requests: readonly [GenerateRequest, ...GenerateRequest[]],
  way: Way,
): AsyncGenerator<ChoicePart> {
  const [first, ...others] = requests;
  const { route, signal } = way;
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const serving = (): Candidate =>
    candidates.find(({ engine, modelId }) => engine.id === route.engine && modelId === route.servedModel) ??
    candidates[0];
  const streams = [
    () => router.run(candidates, first, { ...way, signal: either }),
    ...others.map(
      (request) => () => router.run([serving()], request, { ...way, route: newRoute(), signal: either }),
    ),
  ];
  const isCounted = requests.map((request, index) =>
    requests
      .slice(0, index)
      .some((earlier) => earlier.messages === request.messages && earlier.raw === request.raw),
  );
  for await (const { choice, part } of merge(streams, () => failed.abort(otherFailed))) {
    yield { choice, part: isCounted[choice] === true ? withoutPrompt(part) : part };
  }
}

/** Only the first choice's way is logged. */
function newRoute(): Route {
  return { servedModel: null, engine: null, tried: [], queueMs: 0, loadMs: 0 };
}

function withoutPrompt(part: GeneratePart): GeneratePart {
  switch (part.type) {
    case 'start':
      return { ...part, promptTokens: 0, cachedTokens: 0 };
    case 'finish':
      return { ...part, usage: { ...part.usage, promptTokens: 0, cachedTokens: 0 } };
    default:
      return part;
  }
}

type Arrival = { readonly choice: number; readonly result: IteratorResult<GeneratePart> };

/** `endAll` makes every stream that waits for its next part stop waiting. */
async function* merge(
  sources: readonly (() => AsyncGenerator<GeneratePart>)[],
  endAll: () => void,
): AsyncGenerator<ChoicePart> {
  const streams: AsyncGenerator<GeneratePart>[] = [];
  const pending = new Map<number, Promise<Arrival>>();
  const advance = (choice: number, stream: AsyncGenerator<GeneratePart>): void => {
    const next = stream.next().then((result) => ({ choice, result }));
    next.catch(() => {});
    pending.set(choice, next);
  };
  let hasBegun = false;
  try {
    for (;;) {
      while (streams.length < sources.length && pending.size < (hasBegun ? mostAtOnce : 1)) {
        const stream = sources[streams.length]?.();
        if (stream === undefined) break;
        streams.push(stream);
        advance(streams.length - 1, stream);
      }
      if (pending.size === 0) return;
      const { choice, result } = await Promise.race(pending.values());
      pending.delete(choice);
      hasBegun = true;
      const stream = streams[choice];
      if (result.done === true || stream === undefined) continue;
      advance(choice, stream);
      yield { choice, part: result.value };
    }
  } finally {
    endAll();
    await Promise.allSettled(streams.map((stream) => stream.return(undefined)));
  }
}
