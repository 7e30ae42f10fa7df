import { join } from 'node:path';
import { systemClock, type Clock } from '../../server/core/clock.ts';
import { splitTimes, type LogRow } from '../../server/core/log-row.ts';
import { createKey } from '../../server/store/keys.ts';
import { closeStore, openStore, type Store } from '../../server/store/open.ts';
import { insertRequest } from '../../server/store/requests.ts';
import type { KeyRecord } from '../../server/wire/admin.ts';

/** An office that has worked for a month, up to an invented afternoon; the same in every run. */

const nowMs = Date.parse('2026-11-19T13:32:10Z');
const startedMs = Date.now();
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** The server's, from that afternoon on. */
export const monthClock: Clock = { ...systemClock, nowMs: () => nowMs + Date.now() - startedMs };

/** The browser's, beside it. */
export const monthClockScript = `{
  const Real = Date;
  const shift = ${nowMs} - ${startedMs};
  globalThis.Date = class extends Real {
    constructor(...parts) {
      if (parts.length === 0) super(Real.now() + shift);
      else super(...parts);
    }
    static now() {
      return Real.now() + shift;
    }
  };
}`;

const devices = [
  { name: 'Anna’s computer', person: 'Anna Berger', team: 'Design' },
  { name: 'Jonas, design room', person: 'Jonas Weber', team: 'Design' },
  { name: 'Mira’s computer', person: 'Mira Vogt', team: 'Support' },
  { name: 'Nightly report', person: null, team: null },
] as const;
const models = ['qwen3-8b-instruct', 'mistral-small-24b', 'nomic-embed-text'] as const;

export type MonthSums = {
  requests: number;
  ok: number;
  promptTokens: number;
  completionTokens: number;
  /** Answered from the response cache, and their tokens in and out. */
  hits: number;
  hitTokens: number;
};

/** Fills the data folder before the server starts on it. Gives the sums of everything that was written. */
export function seedMonth(dataDir: string, days = 30): MonthSums {
  const store = openStore(join(dataDir, 'inglenook.db'));
  const sums: MonthSums = {
    requests: 0,
    ok: 0,
    promptTokens: 0,
    completionTokens: 0,
    hits: 0,
    hitTokens: 0,
  };
  try {
    const keys = devices.map((device) => createKey(store, { ...device }, nowMs - (days + 2) * dayMs).record);
    const random = mulberry32(20_261_119);
    for (let day = days - 1; day >= 0; day -= 1) seedDay(store, { keys, day, random, sums });
  } finally {
    closeStore(store);
  }
  return sums;
}

type DayInput = {
  readonly keys: readonly KeyRecord[];
  readonly day: number;
  readonly random: () => number;
  readonly sums: MonthSums;
};

function seedDay(store: Store, { keys, day, random, sums }: DayInput): void {
  const weekday = new Date(nowMs - day * dayMs).getUTCDay();
  const count = weekday === 0 || weekday === 6 ? 4 : 24 + Math.round(random() * 26);
  for (let number = 0; number < count; number += 1) {
    // Office hours, up to now.
    const atMs = nowMs - day * dayMs - Math.floor(random() * 6.5 * 60) * minuteMs - number * 100;
    const key = keys[Math.floor(random() ** 1.6 * keys.length)];
    const model = models[Math.floor(random() ** 2 * models.length)];
    if (key === undefined || model === undefined) continue;
    const made = rowOf({ id: `req_month${day}x${number}`, atMs, key, model, random });
    const isHit = made.status === 'ok' && number % 13 === 5;
    const row: LogRow = { ...made, cache: isHit ? 'hit' : null };
    insertRequest(store, row);
    sums.hits += isHit ? 1 : 0;
    sums.hitTokens += isHit ? row.promptTokens + row.completionTokens : 0;
    sums.requests += 1;
    sums.ok += row.status === 'ok' ? 1 : 0;
    sums.promptTokens += row.promptTokens;
    sums.completionTokens += row.completionTokens;
  }
}

type RowInput = {
  readonly id: string;
  readonly atMs: number;
  readonly key: KeyRecord;
  readonly model: string;
  readonly random: () => number;
};

function rowOf({ id, atMs, key, model, random }: RowInput): LogRow {
  const promptTokens = 300 + Math.round(random() ** 2 * 9_000);
  const completionTokens = 40 + Math.round(random() * 620);
  const queueMs = random() < 0.15 ? 640 : 3;
  const firstTokenMs = queueMs + 180 + Math.round(promptTokens * 0.12);
  const fate = random();
  const status: LogRow['status'] =
    fate < 0.02 ? 'error' : fate < 0.05 ? 'cancelled' : fate < 0.07 ? 'refused' : 'ok';
  const isAnswered = status === 'ok' || status === 'cancelled';
  const times = isAnswered
    ? { queueMs, loadMs: 0, firstTokenMs, totalMs: firstTokenMs + completionTokens * 21 }
    : { queueMs: 0, loadMs: 0, firstTokenMs: null, totalMs: 12 };
  return {
    id,
    time: new Date(atMs).toISOString(),
    key: key.name,
    keyId: key.id,
    person: key.person,
    team: key.team,
    endUser: null,
    device: key.device,
    model,
    servedModel: isAnswered ? model : null,
    engine: isAnswered ? 'builtin' : null,
    route: '/v1/chat/completions',
    status,
    httpStatus: status === 'error' ? 503 : status === 'refused' ? 429 : 200,
    finishReason: status === 'ok' ? 'stop' : null,
    error: status === 'error' ? 'engine_stopped: The engine has stopped.' : null,
    promptTokens: isAnswered ? promptTokens : 0,
    cachedTokens: isAnswered ? Math.round(promptTokens * 0.4) : 0,
    completionTokens: isAnswered ? completionTokens : 0,
    ...times,
    ...splitTimes(times),
    costNanos: null,
    atOnce: 1 + Math.floor(random() ** 3 * 6),
    labels: {},
    tried: isAnswered ? [model] : [],
    dropped: [],
    clientRequestId: null,
    leftOffice: null,
    cache: null,
    client: 'Continue/1.3',
    ip: '192.168.1.34',
  };
}

/** A small, well-known generator; all that matters here is that it gives the same numbers in every run. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
