import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { newEntry, type Entry } from '../../../server/record/entry.ts';
import { createLedger, type Ledger } from '../../../server/record/settle.ts';
import { openJournal } from '../../../server/store/journal.ts';
import { closeStore, openStore, type Store } from '../../../server/store/open.ts';
import { listRequests } from '../../../server/store/requests.ts';
import { findSpending } from '../../../server/store/spending.ts';
import { createManualTime } from '../../fakes/manual-time.ts';

type Desk = {
  readonly ledger: Ledger;
  readonly store: Store;
  readonly journal: string;
  readonly advance: (ms: number) => void;
  readonly told: string[];
  readonly ids: () => string[];
};

/** As after a start; what was there before is there again. */
function open(dir: string, running = 1): Desk {
  const store = openStore(join(dir, 'inglenook.db'));
  const { clock, timers, advance } = createManualTime();
  const told: string[] = [];
  const journal = join(dir, 'requests.journal');
  const log = { info() {}, warn() {}, error() {}, debug() {}, close: async () => {} };
  const publish = (packet: { readonly type: string }): void => void told.push(packet.type);
  const ledger = createLedger({
    store,
    clock,
    timers,
    log,
    publish,
    journalFile: journal,
    running: () => running,
  });
  onTestFinished(() => closeStore(store));
  const ids = (): string[] => listRequests(store, { limit: 1000 }).map(({ id }) => id);
  return { ledger, store, journal, advance, told, ids };
}

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'inglenook-journal-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function entry(number: number): Entry {
  return newEntry({
    id: `req_${String(number).padStart(32, '0')}`,
    arrivedAtMs: Date.parse('2026-11-22T12:00:00Z') + number,
    arrivedMs: 0,
    routeName: '/v1/chat/completions',
    ip: '127.0.0.1',
    host: 'localhost',
    plain: true,
    client: null,
    clientRequestId: null,
    atOnce: 1,
  });
}

/** A request of an account that had spent `tokens` when it ended. */
function spent(number: number, tokens: number): Entry {
  const period = { tokens, nanos: 0, endMs: Date.parse('2026-12-01T00:00:00Z') };
  const account = { account: 'key:1', spent: { day: period, week: period, month: period, total: period } };
  const reservation = {
    use: () => true,
    settle: () => ({ spendings: [account], costNanos: null }),
  };
  return Object.assign(entry(number), { reservation });
}

const ok = { status: 'ok', httpStatus: 200, error: null } as const;

test('rows are in the file at once and in the database a moment later, together, and then they are told', () => {
  const { ledger, journal, advance, told, ids } = open(folder());
  ledger.settle(entry(1), ok);
  ledger.settle(entry(2), ok);
  expect(readFileSync(journal, 'utf8').split('\n')).toHaveLength(3);
  expect([ids(), told]).toEqual([[], []]);
  advance(50);
  expect(ids()).toEqual([entry(2).id, entry(1).id]);
  expect(told).toEqual(['request-finished', 'request-finished']);
  expect(statSync(journal).size).toBe(0);
  expect(statSync(journal).mode & 0o777).toBe(0o600);
});

test('what ends in one turn of a busy server is kept with one write', async () => {
  const { ledger, journal } = open(folder(), 100);
  const both = [ledger.settleSoon(entry(1), ok), ledger.settleSoon(entry(2), ok)];
  expect(statSync(journal).size).toBe(0);
  await both[0];
  expect(readFileSync(journal, 'utf8').split('\n')).toHaveLength(3);
  await both[1];
});

test('an answer of a quiet server waits for nothing', async () => {
  const { ledger, journal } = open(folder(), 1);
  const settled = ledger.settleSoon(entry(1), ok);
  expect(readFileSync(journal, 'utf8').split('\n')).toHaveLength(2);
  await settled;
});

test('whoever is about to read brings them there first; so does the sixty-fourth', () => {
  const { ledger, ids } = open(folder());
  ledger.settle(entry(1), ok);
  ledger.catchUp();
  expect(ids()).toHaveLength(1);
  for (let number = 2; number <= 65; number += 1) ledger.settle(entry(number), ok);
  expect(ids()).toHaveLength(65);
});

test('an end of the process loses nothing, doubles nothing, and keeps what was spent', () => {
  const dir = folder();
  const before = open(dir);
  before.ledger.settle(spent(1, 10), ok);
  before.ledger.catchUp();
  before.ledger.settle(spent(2, 25), ok);
  const line = readFileSync(before.journal, 'utf8');
  // The one that was brought in already is in the file too, as when the end comes before it is emptied.
  const after = open(dir);
  expect(after.ids()).toEqual([entry(2).id, entry(1).id]);
  expect(findSpending(after.store, 'key:1')?.spent.total.tokens).toBe(25);
  appendFileSync(after.journal, line);
  expect(open(dir).ids()).toHaveLength(2);
});

test('a line that was cut off belongs to an answer that was never sent', () => {
  const dir = folder();
  const before = open(dir);
  before.ledger.settle(entry(1), ok);
  appendFileSync(before.journal, '{"row":{"id":"req_');
  const after = open(dir);
  expect(after.ids()).toEqual([entry(1).id]);
  expect(statSync(after.journal).size).toBe(0);
});

test('nothing is joined to a line that was cut off', () => {
  const dir = folder();
  const before = open(dir);
  before.ledger.settle(entry(1), ok);
  appendFileSync(before.journal, '{"row":{"id":"req_');
  const { journal } = openJournal(before.journal);
  journal.append([JSON.stringify('whole')]);
  const lines = readFileSync(before.journal, 'utf8').split('\n');
  expect([lines.length, lines[1]]).toEqual([3, '"whole"']);
});

test('a line of nothing, as a power cut may leave, keeps no other line out and no server from starting', () => {
  const dir = folder();
  const before = open(dir);
  before.ledger.settle(entry(1), ok);
  appendFileSync(before.journal, `${'\0'.repeat(700)}\n{"row":{}}\n`);
  before.ledger.settle(entry(2), ok);
  expect(open(dir).ids()).toEqual([entry(2).id, entry(1).id]);
});

test('a row that the database refuses for itself keeps no other row back', () => {
  const { ledger, ids } = open(folder());
  ledger.settle(entry(1), ok);
  ledger.settle({ ...entry(2), promptTokens: 1.5 }, ok);
  ledger.settle(entry(3), ok);
  ledger.catchUp();
  expect(ids()).toEqual([entry(1).id]);
  for (let time = 2; time <= 20; time += 1) ledger.catchUp();
  expect(ids()).toEqual([entry(3).id, entry(1).id]);
  expect(ledger.unwritten()).toBe(0);
});

test('where the database takes nothing, the rows stay in the file, and come in when it does', () => {
  const dir = folder();
  const { ledger, store, advance, ids, journal } = open(dir);
  // Pages that the migrations have left empty would take some rows.
  store.db.exec('VACUUM');
  const pages = Number(store.db.pragma('page_count', { simple: true }));
  store.db.pragma(`max_page_count = ${pages}`);
  for (let number = 1; number <= 200; number += 1) ledger.settle(entry(number), ok);
  advance(50);
  expect(ledger.unwritten()).toBeGreaterThan(0);
  expect(readFileSync(journal, 'utf8').split('\n')).toHaveLength(201);
  const killed = folder();
  cpSync(dir, killed, { recursive: true });
  expect(open(killed).ledger.unwritten()).toBe(0);
  store.db.pragma('max_page_count = 1073741823');
  ledger.catchUp();
  expect(ledger.unwritten()).toBe(0);
  expect(ids()).toHaveLength(200);
});
