import { Counter, Histogram, type Registry } from 'prom-client';
import type { LogRow } from '../../core/log-row.ts';
import { errorTypeOf } from '../otlp/span.ts';
import { createBound } from './bound.ts';

/**
 * What is counted of finished requests: the very rows of the log, so that sums here and there are the same. Models are
 * those that answered or were tried, never what somebody has typed.
 */
export type RequestMetrics = (row: LogRow) => void;

const mostModels = 200;
const mostEngines = 100;
const mostRoutes = 40;
const mostKeys = 500;
const mostCodes = 100;

const waitBuckets = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const durationBuckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800];

export function createRequestMetrics(registry: Registry, perKey: () => boolean): RequestMetrics {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter<Label>({ name: `inglenook_${name}`, help, labelNames, registers });
  const histogram = (name: string, help: string, buckets: number[]) =>
    new Histogram({ name: `inglenook_${name}_seconds`, help, labelNames: served, buckets, registers });

  const requests = counter('requests_total', 'Finished requests, by how they ended.', [
    'route',
    ...served,
    'status',
    'code',
  ]);
  const tokens = {
    prompt: counter('prompt_tokens_total', 'Tokens of prompts, the cached ones among them.', served),
    cached: counter('cached_tokens_total', 'Tokens of prompts that had not to be read again.', served),
    completion: counter('completion_tokens_total', 'Tokens of answers.', served),
  };
  const cost = counter('cost_total', 'What it cost by the prices set, in the office’s currency.', served);
  const leftOffice = counter('left_office_requests_total', 'Requests that were sent outside the office.', [
    'engine',
  ]);
  const failures = counter('failures_total', 'Requests that went wrong or were refused, by reason.', [
    'status',
    'reason',
  ]);
  const budgetRefusals = counter('budget_refusals_total', 'Requests refused because a budget is spent.', []);
  const rateRefusals = counter(
    'rate_limit_refusals_total',
    'Requests refused by a limit per minute or at once.',
    [],
  );
  const cacheHits = {
    requests: counter('cache_hits_total', 'Requests answered from the response cache.', []),
    tokens: counter(
      'cache_hit_tokens_total',
      'Tokens of such prompts and answers; they count in no limit.',
      [],
    ),
  };
  const times = {
    queue: histogram('queue_wait', 'Waiting for a free place.', waitBuckets),
    load: histogram('load_wait', 'Waiting for the model to be loaded.', waitBuckets),
    firstToken: histogram('time_to_first_token', 'From arrival to the first token.', waitBuckets),
    total: histogram('request_duration', 'From arrival to the end.', durationBuckets),
  };
  const keys = {
    requests: counter('key_requests_total', 'Finished requests of a key.', ['key']),
    prompt: counter('key_prompt_tokens_total', 'Tokens of a key’s prompts.', ['key']),
    completion: counter('key_completion_tokens_total', 'Tokens of a key’s answers.', ['key']),
  };
  const bound = {
    model: createBound(mostModels),
    engine: createBound(mostEngines),
    route: createBound(mostRoutes),
    key: createBound(mostKeys),
    reason: createBound(mostCodes),
  };
  budgetRefusals.inc(0);
  rateRefusals.inc(0);
  cacheHits.requests.inc(0);
  cacheHits.tokens.inc(0);

  return (row) => {
    const labels = {
      model: bound.model(row.servedModel ?? row.tried.at(-1) ?? ''),
      engine: bound.engine(row.engine ?? ''),
    };
    const code = `${Math.floor(row.httpStatus / 100)}xx`;
    requests.inc({ ...labels, route: bound.route(row.route.toLowerCase()), status: row.status, code });
    tokens.prompt.inc(labels, row.promptTokens);
    tokens.cached.inc(labels, row.cachedTokens);
    tokens.completion.inc(labels, row.completionTokens);
    if (row.costNanos !== null) cost.inc(labels, row.costNanos / 1e9);
    if (row.leftOffice !== null) leftOffice.inc({ engine: bound.engine(row.leftOffice) });
    if (row.cache === 'hit') {
      cacheHits.requests.inc();
      cacheHits.tokens.inc(row.promptTokens + row.completionTokens);
    }
    countFailure(row);
    times.queue.observe(labels, row.queueMs / 1000);
    times.load.observe(labels, row.loadMs / 1000);
    if (row.firstTokenMs !== null) times.firstToken.observe(labels, row.firstTokenMs / 1000);
    times.total.observe(labels, row.totalMs / 1000);
    if (row.key === null || !perKey()) return;
    const key = bound.key(row.key);
    keys.requests.inc({ key });
    keys.prompt.inc({ key }, row.promptTokens);
    keys.completion.inc({ key }, row.completionTokens);
  };

  function countFailure(row: LogRow): void {
    if (row.status !== 'error' && row.status !== 'refused') return;
    const reason = errorTypeOf(row) ?? '';
    failures.inc({ status: row.status, reason: bound.reason(reason) });
    if (row.status !== 'refused') return;
    if (reason === 'insufficient_quota') budgetRefusals.inc();
    if (reason === 'rate_limit_exceeded') rateRefusals.inc();
  }
}

const served = ['model', 'engine'] as const;
