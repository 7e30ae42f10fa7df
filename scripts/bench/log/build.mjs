// Fills a database with requests of an invented office, in bulk: the real tables, the real dictionary, and the sums made by
// the code that makes them anew after a migration.
import { randomBytes } from 'node:crypto';
import {
  askerNumber,
  encodeText,
  groupNumber,
  requireText,
} from '../../../server/store/ledger/dictionary.ts';
import { rebuildRollups } from '../../../server/store/ledger/rebuild.ts';
import { createKey } from '../../../server/store/keys.ts';
import { closeStore, openStore } from '../../../server/store/open.ts';

const dayMs = 86_400_000;
const people = 70;
const teams = 8;
const models = ['qwen3-8b-instruct', 'mistral-small-24b', 'gemma-3-12b-it', 'smollm2-135m-instruct'];
const clients = ['Continue/1.3', 'OpenAI/Python 2.9.0', 'OpenAI/JS 6.49.0', 'Open WebUI', 'claude-cli/2.1'];
const rowsAtOnce = 100_000;
/** How a request ends, and why it was not answered. */
const fates = /** @type {const} */ ([
  ['ok', ''],
  ['ok', ''],
  ['cancelled', 'cancelled'],
  ['error', 'engine'],
  ['refused', 'rate-limit'],
]);

/**
 * @param {string} path
 * @param {{ rows: number, days: number, endMs: number }} options `endMs`: when the last request came
 */
export function buildLog(path, { rows, days, endMs }) {
  const store = openStore(path);
  const { db } = store;
  db.pragma('synchronous = OFF');
  db.pragma('cache_size = -262144');
  const office = openOffice(store);
  db.exec('DROP INDEX requests_group; DROP INDEX requests_time');
  const insert = db.prepare(
    `INSERT INTO requests (time_ms, id, group_id, route, http_status, finish_reason, error, prompt_tokens, cached_tokens,
       completion_tokens, queue, load, first_token, total, at_once, client, ip)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const times = officeTimes(rows, days, endMs);
  const random = mulberry32(8);
  const addMany = db.transaction((/** @type {number} */ count) => {
    const tails = randomBytes(count * 10);
    for (let index = 0; index < count; index += 1) {
      const timeMs = times();
      insert.run(...rowOf(office, timeMs, tails.subarray(index * 10, index * 10 + 10), random));
    }
  });
  for (let done = 0; done < rows; done += rowsAtOnce) addMany(Math.min(rowsAtOnce, rows - done));
  db.exec(
    'CREATE INDEX requests_time ON requests (time_ms); CREATE INDEX requests_group ON requests (group_id, time_ms)',
  );
  rebuildRollups(db);
  db.exec('ANALYZE');
  db.pragma('wal_checkpoint(TRUNCATE)');
  closeStore(store);
}

/** @typedef {ReturnType<typeof openOffice>} Office */

/** @param {import('../../../server/store/open.ts').Store} store */
function openOffice(store) {
  const members = Array.from({ length: people }, (_, index) => {
    const { record } = createKey(
      store,
      { name: `Key of person ${index}`, person: `Person ${index}`, team: `Team ${index % teams}` },
      Date.now(),
    );
    const asker = askerNumber(store, /** @type {any} */ ({ ...record, keyId: record.id, key: record.name }));
    // Most people use one or two models.
    const used = [models[index % 2] ?? '', models[(index * 7) % models.length] ?? ''];
    const groups = used.map((model) =>
      fates.map(([status, failure]) =>
        groupNumber(store, {
          asker,
          asked: requireText(store, 'office'),
          model: requireText(store, model),
          engine: requireText(store, 'builtin'),
          leftOffice: 0,
          status,
          cacheHit: 0,
          failure,
        }),
      ),
    );
    return {
      groups,
      ip: encodeText(store, `192.168.1.${index + 10}`),
      client: encodeText(store, clients[index % clients.length] ?? ''),
    };
  });
  return {
    members,
    route: encodeText(store, '/v1/chat/completions'),
    stop: encodeText(store, 'stop'),
    error: encodeText(
      store,
      'engine_failed: The model stopped without finishing its answer. Please try again.',
    ),
    refused: encodeText(
      store,
      'rate_limit_exceeded: This key may send 60 requests per minute; try again in 4 s.',
    ),
  };
}

/**
 * @param {Office} office
 * @param {number} timeMs
 * @param {Buffer} tail
 * @param {() => number} random
 */
function rowOf(office, timeMs, tail, random) {
  const member = office.members[Math.floor(random() ** 2 * office.members.length)] ?? office.members[0];
  const groups = member?.groups[random() < 0.8 ? 0 : 1] ?? [];
  const fate = random();
  const kind = fate < 0.93 ? 0 : fate < 0.965 ? 2 : fate < 0.98 ? 3 : 4;
  const prompt = kind === 4 ? 0 : 80 + Math.floor(random() ** 3 * 12_000);
  const completion = kind === 4 || kind === 3 ? 0 : 5 + Math.floor(random() ** 2 * 900);
  const queue = random() < 0.7 ? 0 : Math.floor(random() ** 3 * 40_000);
  const first = kind >= 3 ? null : queue + 400 + Math.floor(prompt * (0.5 + random()));
  const total = kind === 4 ? 12 : (first ?? queue + 300) + completion * 210;
  return [
    timeMs,
    tail,
    groups[kind] ?? 1,
    office.route,
    [200, 200, 499, 502, 429][kind] ?? 200,
    kind === 0 ? office.stop : null,
    kind === 3 ? office.error : kind === 4 ? office.refused : null,
    prompt,
    Math.floor(prompt * 0.4),
    completion,
    queue,
    0,
    first,
    total,
    1 + Math.floor(random() * 12),
    member?.client ?? null,
    member?.ip ?? '',
  ];
}

/**
 * Moments in order, most of them from 7 to 19 o'clock on weekdays.
 * @param {number} rows
 * @param {number} days
 * @param {number} endMs
 */
function officeTimes(rows, days, endMs) {
  const startMs = endMs - days * dayMs;
  const hours = days * 24;
  const weights = Array.from({ length: hours }, (_, hour) => {
    const at = new Date(startMs + hour * 3_600_000);
    const isWork = at.getUTCDay() % 6 !== 0 && at.getUTCHours() >= 7 && at.getUTCHours() < 19;
    return isWork ? 1 : 0.02;
  });
  const sum = weights.reduce((a, b) => a + b, 0);
  let hour = 0;
  let inHour = 0;
  const countOf = (/** @type {number} */ of) => Math.max(1, Math.round(((weights[of] ?? 1) / sum) * rows));
  return () => {
    while (hour < hours - 1 && inHour >= countOf(hour)) {
      hour += 1;
      inHour = 0;
    }
    const share = Math.min(1, inHour / countOf(hour));
    inHour += 1;
    return Math.floor(startMs + (hour + share * 0.999) * 3_600_000);
  };
}

/** @param {number} seed */
function mulberry32(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
