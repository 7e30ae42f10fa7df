import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { basisOf } from '../../../server/check/basis.ts';
import { verdictSentence } from '../../../server/check/sentences.ts';
import type { EngineHooks, FileEngine } from '../../../server/compose-foundation.ts';
import type { GenerateRequest } from '../../../server/core/generate.ts';
import { splitTimes, type LogRow } from '../../../server/core/log-row.ts';
import type { ModelDescription } from '../../../server/core/model.ts';
import { openAccount, spend } from '../../../server/gate/account.ts';
import { keyAccount } from '../../../server/gate/shares.ts';
import { setAlias } from '../../../server/store/aliases.ts';
import { setOfficeContact } from '../../../server/store/contact.ts';
import { downloadStore, setDownloadSettings } from '../../../server/store/downloads.ts';
import { createKey, revokeKey, touchKey } from '../../../server/store/keys.ts';
import { saveModelCheck, type StoredCheck } from '../../../server/store/model-checks.ts';
import { addModelFile } from '../../../server/store/model-files.ts';
import { closeStore, openStore, write, type Store } from '../../../server/store/open.ts';
import { insertRequest, listRequests } from '../../../server/store/requests.ts';
import { saveSpending } from '../../../server/store/spending.ts';
import type { CreateKeyRequest, KeyRecord } from '../../../server/wire/admin.ts';
import { checkPoint, type CheckVerdict } from '../../../server/wire/checks.ts';
import { describeModel } from '../../fakes/fake-engine.ts';
import { createPlayedEngine } from '../played-engine.ts';
import { seedDownloads } from './half-way.ts';

/** An invented office on an invented Thursday: the same in every run. No name and no key in it is real. */

/** What the server is started as. */
export const pictured = { version: '0.1.0', engineVersion: '3.21.1' } as const;
export const picturedZone = 'Europe/Berlin';
export const picturedNowMs = Date.parse('2026-11-19T13:32:10Z');

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const officeModel = 'qwen3-8b-instruct';
const starterModel = 'smollm2-135m-instruct';
/** As the server calls them together: with another the checks would be stale. */
const checkedVersion = `Inglenook ${pictured.version}, node-llama-cpp ${pictured.engineVersion}`;
/** Longest conversation. */
const servedTokens = 16_384;
const modelFile = '/srv/models/Mistral-Small-24B.gguf';

const devices = [
  {
    name: 'Anna’s laptop',
    person: 'Anna Berger',
    preset: 'teammate',
    client: 'Continue/1.3',
    ip: '192.168.1.34',
  },
  {
    name: 'Jonas, design room',
    person: 'Jonas Weber',
    preset: 'teammate',
    client: 'OpenAI/JS 6.49.0',
    ip: '192.168.1.41',
  },
  {
    name: 'Nightly report',
    person: null,
    preset: 'script',
    client: 'OpenAI/Python 2.9.0',
    ip: '192.168.1.10',
  },
  {
    name: 'Meeting room tablet',
    person: null,
    preset: 'teammate',
    client: 'Open WebUI',
    ip: '192.168.1.77',
  },
] as const;

/**
 * Fills the data folder through the store's own functions, before the server starts on it; gives a key that works.
 * @param source where downloads come from
 */
export function seedOffice(dataDir: string, source: string): { readonly key: string } {
  const store = openStore(join(dataDir, 'inglenook.db'));
  try {
    addModelFile(store, modelFile, picturedNowMs - 20 * dayMs);
    setDownloadSettings(store, { hubAddress: source });
    seedDownloads(downloadStore(store), { dataDir, source, nowMs: picturedNowMs });
    for (const name of ['office', 'office-code']) setAlias(store, { name, model: officeModel }, []);
    setOfficeContact(store, 'Eva, room 12, extension 40');
    for (const model of [officeModelOnDisk, starterModelOnDisk]) saveModelCheck(store, checkOf(model));
    const made = devices.map(({ name, person, preset, ip }, index) => {
      const models = index === 3 ? ['office'] : null;
      const origin = { preset, pairedFrom: ip };
      return createKey(
        store,
        { name, person, models, ...limitsOf(index) },
        picturedNowMs - (20 - index) * dayMs,
        origin,
      );
    });
    seedEndedKeys(store);
    seedRequests(
      store,
      made.map(({ record }) => record),
    );
    const [first] = made;
    if (first === undefined) throw new Error('The office has no devices.');
    seedSpending(store, first.record.id);
    return { key: first.key };
  } finally {
    closeStore(store);
  }
}

/** The first one's page shows what is left of them. */
function limitsOf(index: number): Pick<CreateKeyRequest, 'limits'> {
  if (index !== 0) return {};
  return {
    limits: { requestsPerMinute: 30, budgets: [{ unit: 'tokens', amount: 5_000_000, period: 'month' }] },
  };
}

/** What its budget has paid for this month: the rows that were put in past it. */
function seedSpending(store: Store, keyId: string): void {
  const from = iso(Date.parse('2026-11-01T00:00:00+01:00'));
  const rows = listRequests(store, { key: keyId, since: from, limit: 100_000 });
  const tokens = rows.reduce((sum, row) => sum + row.promptTokens + row.completionTokens, 0);
  const calendar = { nowMs: picturedNowMs, timeZone: picturedZone };
  const account = openAccount(keyAccount(keyId), null, calendar);
  write(store, () => saveSpending(store, spend(account, { tokens, nanos: 0 }, calendar)));
}

/** Good at everything but embeddings; what is left to be said is the length of a conversation. */
function checkOf(model: ModelDescription): StoredCheck {
  const verdicts = checkPoint.options.map((point): CheckVerdict => {
    const isOk = point !== 'embeddings';
    const code = isOk ? 'ok' : 'second-copy';
    const sentence = verdictSentence(code, {});
    return { point, state: isOk ? 'ok' : 'skipped', code, values: {}, sentence, tookMs: 800 };
  });
  return {
    engine: model.engine,
    model: model.id,
    engineVersion: checkedVersion,
    basis: basisOf(model, checkedVersion),
    contextTokens: servedTokens,
    slots: 8,
    verdicts,
    checkedMs: picturedNowMs - 2 * dayMs,
    tookMs: 41_000,
  };
}

function seedEndedKeys(store: Store): void {
  const created = picturedNowMs - 18 * dayMs;
  createKey(store, { name: 'Guest, autumn fair', expiresAt: iso(picturedNowMs - 3 * dayMs) }, created);
  const { record } = createKey(store, { name: 'Old laptop', person: 'Anna Berger' }, created);
  revokeKey(store, record.id, picturedNowMs - 9 * dayMs);
}

function seedRequests(store: Store, keys: readonly KeyRecord[]): void {
  const random = mulberry32(20_261_119);
  let atMs = picturedNowMs - 12_000;
  for (let number = 0; number < 140; number += 1) {
    const index = Math.floor(random() ** 1.6 * keys.length);
    const key = keys[index];
    const device = devices[index];
    if (key === undefined || device === undefined) continue;
    insertRequest(store, rowOf({ number, atMs, key, device, random }));
    const use = { atMs, ip: device.ip, host: '192.168.1.20', client: device.client, plain: true };
    touchKey(store, key.id, use);
    atMs -= Math.round((0.4 + random() * 5) * minuteMs);
  }
  seedEarlierDays(store, { keys, random });
}

const earlierDays = 29;

/** For the charts: weeks with quiet weekends, up to the day before. */
function seedEarlierDays(
  store: Store,
  { keys, random }: { readonly keys: readonly KeyRecord[]; readonly random: () => number },
): void {
  let number = 1_000;
  for (let day = 1; day <= earlierDays; day += 1) {
    const dayStartMs = picturedNowMs - day * dayMs;
    const weekday = new Date(dayStartMs).getUTCDay();
    const count = weekday === 0 || weekday === 6 ? 5 : 60 + Math.round(random() * 70);
    for (let made = 0; made < count; made += 1) {
      number += 1;
      const index = Math.floor(random() ** 1.6 * keys.length);
      const [key, device] = [keys[index], devices[index]];
      if (key === undefined || device === undefined) continue;
      const atMs = dayStartMs - Math.floor(random() * 360) * minuteMs;
      insertRequest(store, rowOf({ number, atMs, key, device, random }));
    }
  }
}

type RowInput = {
  readonly number: number;
  readonly atMs: number;
  readonly key: KeyRecord;
  readonly device: (typeof devices)[number];
  readonly random: () => number;
};

function rowOf({ number, atMs, key, device, random }: RowInput): LogRow {
  const promptTokens = 300 + Math.round(random() ** 2 * 9_000);
  const completionTokens = 40 + Math.round(random() * 620);
  const queueMs = number % 7 === 2 ? 640 : 3;
  const firstTokenMs = queueMs + 180 + Math.round(promptTokens * 0.12);
  const ended =
    { 5: 'cancelled', 17: 'error', 31: 'cancelled' }[number < 1_000 ? number : number % 60] ?? 'ok';
  const model = number % 9 === 4 ? 'mistral-small-24b' : officeModel;
  // The more at once, the slower each.
  const atOnce = number < 1_000 ? 1 : 1 + (number % 5);
  const msPerToken = 17 + atOnce * 2.5 + random() * 6;
  const totalMs = Math.round(firstTokenMs + completionTokens * msPerToken);
  const times = { queueMs, loadMs: 0, firstTokenMs, totalMs };
  return {
    id: `req_demo${String(number).padStart(4, '0')}`,
    time: iso(atMs),
    key: key.name,
    keyId: key.id,
    person: key.person,
    team: null,
    endUser: null,
    device: null,
    model,
    servedModel: model,
    engine: 'builtin',
    route: '/v1/chat/completions',
    status: ended as LogRow['status'],
    httpStatus: ended === 'error' ? 503 : 200,
    finishReason: ended === 'ok' ? 'stop' : null,
    error:
      ended === 'error' ? 'engine_stopped: The engine has stopped. The next request starts it again.' : null,
    promptTokens,
    cachedTokens: Math.round(promptTokens * 0.6),
    completionTokens,
    ...times,
    ...splitTimes(times),
    costNanos: null,
    atOnce,
    labels: {},
    tried: [model],
    dropped: [],
    clientRequestId: null,
    leftOffice: null,
    cache: null,
    client: device.client,
    ip: device.ip,
  };
}

const officeModelOnDisk: ModelDescription = {
  ...describeModel(officeModel, 'fake'),
  source: 'added',
  path: '/srv/models/Qwen3-8B-Instruct.Q4_K_M.gguf',
  sizeBytes: 5_030_000_000,
};
const starterModelOnDisk: ModelDescription = {
  ...describeModel(starterModel, 'fake'),
  path: '/srv/models/SmolLM2-135M-Instruct.gguf',
  sizeBytes: 98_000_000,
};

/** What is asked on the Playground in the picture, and its answer. */
export const playedQuestion = 'How do I count the rows of a CSV file by customer in Python? Keep it short.';
const played = [
  ...'With the standard library alone, `csv` and `Counter` are enough:\n\n'.split(/(?<= )/),
  ...'```python\nimport csv\nfrom collections import Counter\n\n'.split(/(?<= )/),
  ...'with open("orders.csv", newline="") as file:\n'.split(/(?<= )/),
  ...'    counts = Counter(row["customer"] for row in csv.DictReader(file))\n\n'.split(/(?<= )/),
  ...'for customer, number in counts.most_common():\n    print(customer, number)\n```\n\n'.split(/(?<= )/),
  ...'- `DictReader` names the columns by the first line.\n'.split(/(?<= )/),
  ...'- `most_common()` lists the largest first.'.split(/(?<= )/),
];
const playedTokenMs = 20;

/** What is asked by the two whose answers do not end. */
const endless = 'Summarise the minutes of last week.';
const usual = 'Hello! I run on this computer, and nothing that you write leaves the office.'.split(/(?<= )/);

function says({ messages }: GenerateRequest, words: string): boolean {
  return JSON.stringify(messages).includes(words);
}

/** Three models: one that answers and never ends, one that loads, and the starter. */
export function createDemoEngine(hooks: EngineHooks): FileEngine {
  const engine = createPlayedEngine(hooks, {
    models: [officeModel, starterModel],
    contextTokens: servedTokens,
    machine: {
      freeBytes: 21e9,
      totalBytes: 64e9,
      gpuFreeBytes: 13.5e9,
      gpuTotalBytes: 24e9,
    },
    answer: (request) =>
      says(request, playedQuestion) ? { words: played, promptTokens: 31 } : { words: usual },
    beforePart: (index, request) => {
      if (says(request, playedQuestion)) return sleep(index === 0 ? 0 : playedTokenMs);
      return index === 2 && says(request, endless) ? new Promise(() => {}) : undefined;
    },
  });
  const { source, path, sizeBytes } = officeModelOnDisk;
  engine.show(officeModel, { source, path, sizeBytes, backend: 'cuda' });
  engine.show(officeModel, { decodes: 48_210, generatedTokens: 46_118 });
  engine.show(officeModel, { memory: { estimatedBytes: 9_400_000_000, measuredBytes: 9_100_000_000 } });
  const { path: starterPath, sizeBytes: starterBytes } = starterModelOnDisk;
  engine.show(starterModel, { path: starterPath, sizeBytes: starterBytes });
  engine.show('mistral-small-24b', {
    state: 'loading',
    progressPercent: 64,
    sizeBytes: 14_300_000_000,
    memory: { estimatedBytes: 19_700_000_000, measuredBytes: null },
  });
  return engine;
}

/** Two requests that are being answered while the pictures are taken, and as long as what this gives is held. */
export async function startTwoAnswers(address: string, key: string): Promise<readonly Response[]> {
  const request = { model: officeModel, stream: true, messages: [{ role: 'user', content: endless }] };
  const send = (): Promise<Response> =>
    fetch(`${address}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
  const answers = await Promise.all([send(), send()]);
  if (answers.some(({ ok }) => !ok)) throw new Error('The demonstration’s requests were refused.');
  return answers;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
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
