import type { ChoicePart, GenerateRequest } from '../core/generate.ts';
import type { Reservation, Used } from '../core/policy.ts';
import type { AskCall, Reply } from '../dialects/dialect.ts';
import type { KeptAnswer } from '../routing/answer-cache.ts';
import { answerKey, isRepeatable, questionKey, type AnswerPlace } from '../routing/answer-key.ts';
import { recorded, replay } from '../routing/replay.ts';
import type { Candidate } from '../routing/resolve.ts';
import { getCacheSettings } from '../store/cache-settings.ts';
import type { Exchange, ServeServices } from './exchange.ts';

/**
 * The response cache. Whoever comes here has passed the gate: the key holds, may use the model, and its limits have room.
 */

type Asked<What> = {
  readonly candidates: readonly [Candidate, ...Candidate[]];
  readonly what: What;
};

/** The answer of before where there is one; else the live one, which is kept on its way if it may be. */
export function partsThroughCache(
  exchange: Exchange,
  services: ServeServices,
  { candidates, what: requests }: Asked<readonly GenerateRequest[]>,
  live: () => AsyncGenerator<ChoicePart>,
): AsyncGenerator<ChoicePart> {
  const rule = ruleFor(exchange, services);
  if (rule === null || !requests.every((request) => mayBeKept(request, rule.anySampling))) return live();
  const key = answerKey({ scope: rule.scope, candidate: candidates[0] }, requests);
  const known = services.answers.find(key);
  if (known !== null) {
    noteHit(exchange, known);
    return replay(known.json, exchange.abort.signal);
  }
  const keep = keeper(exchange, services, { key, candidate: candidates[0] });
  return recorded(live(), { requests, mostBytes: services.answers.mostBytesOfOne(), keep });
}

/** The same for a question. Vectors and ranks do not hang on chance. */
export async function replyThroughCache(
  exchange: Exchange,
  services: ServeServices,
  { candidates, what: { id, asked } }: Asked<Pick<AskCall, 'asked'> & { readonly id: string }>,
  live: () => Promise<Reply>,
): Promise<Reply> {
  const rule = ruleFor(exchange, services);
  if (rule === null || asked === undefined) return await live();
  const key = questionKey({ scope: rule.scope, candidate: candidates[0] }, id, asked);
  const known = services.answers.find(key);
  if (known !== null) {
    noteHit(exchange, known);
    // We have written it ourselves, in this process.
    return JSON.parse(known.json) as Reply;
  }
  const keep = keeper(exchange, services, { key, candidate: candidates[0] });
  const reply = await live();
  keep(JSON.stringify(reply));
  return reply;
}

type Rule = Pick<AnswerPlace, 'scope'> & { readonly anySampling: boolean };

/** Null where the cache is off, for all or for this key. */
function ruleFor({ entry }: Exchange, { store }: ServeServices): Rule | null {
  const { principal } = entry;
  const { enabled, anySampling, shareAnswers } = getCacheSettings(store);
  if (!enabled || principal === null || !principal.cache) return null;
  entry.cache = 'miss';
  return { scope: shareAnswers ? null : principal.keyId, anySampling };
}

/**
 * Not what is asked for while somebody types: each is another text, and the newest ends the one before, which only the
 * router can do. Not what is asked for to measure how long it takes.
 */
function mayBeKept(request: GenerateRequest, anySampling: boolean): boolean {
  if (request.replaces !== undefined || request.ignoreEos === true) return false;
  return anySampling || isRepeatable(request);
}

/** Keeps the answer of who was asked first: when that one can answer again, a fallback's words are no longer wanted. */
function keeper(
  { entry }: Exchange,
  { answers }: ServeServices,
  { key, candidate }: { readonly key: string; readonly candidate: Candidate },
): (json: string) => void {
  const since = answers.epoch();
  return (json) => {
    const { engine, servedModel } = entry.route;
    const isFirst = engine === candidate.engine.id && servedModel === candidate.modelId;
    if (!isFirst || entry.principal === null) return;
    answers.keep(key, { engine, servedModel, json, keyId: entry.principal.keyId, since });
  };
}

/** Nothing is tried, nothing leaves the office, and what was put aside of the key's limits is given back whole. */
function noteHit({ entry }: Exchange, { engine, servedModel }: KeptAnswer): void {
  entry.cache = 'hit';
  entry.route.engine = engine;
  entry.route.servedModel = servedModel;
  if (entry.reservation !== null) entry.reservation = unspent(entry.reservation);
}

const nothing: Used = { promptTokens: 0, completionTokens: 0 };

function unspent(reservation: Reservation): Reservation {
  return { use: () => true, settle: (_told, servedModel) => reservation.settle(nothing, servedModel) };
}
