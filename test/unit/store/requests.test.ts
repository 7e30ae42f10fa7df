import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogRow } from '../../../server/core/log-row.ts';
import { logQuery, logRow as wireRow } from '../../../server/wire/admin.ts';
import { createKey, revokeKey } from '../../../server/store/keys.ts';
import { closeStore, openStore, type Store } from '../../../server/store/open.ts';
import { summariseSince } from '../../../server/store/ledger/summary.ts';
import { insertRequest, listRequests } from '../../../server/store/requests.ts';
import { logRow } from '../admin/admin-server.ts';

let store: Store;
beforeEach(() => {
  store = openStore(':memory:');
});
afterEach(() => closeStore(store));

const nowMs = Date.parse('2026-11-22T12:00:00Z');
const at = (offsetMs: number): string => new Date(nowMs + offsetMs).toISOString();
const query = (filters: Record<string, unknown> = {}) => logQuery.parse(filters);
const ids = (filters?: Record<string, unknown>): string[] =>
  listRequests(store, query(filters)).map(({ id }) => id);

describe('the record of requests', () => {
  it('gives back every field as it was written, in the contract’s names', () => {
    const full: LogRow = {
      id: 'req_full',
      time: at(0),
      key: 'Anna’s “key”',
      keyId: 'key_1',
      person: 'Anna',
      team: 'T',
      endUser: 'u',
      device: 'd',
      model: 'office',
      servedModel: 'm',
      engine: 'builtin',
      route: '/v1/chat/completions',
      status: 'cancelled',
      httpStatus: 499,
      finishReason: 'length',
      error: 'client_gone: left',
      promptTokens: 1,
      cachedTokens: 2,
      completionTokens: 3,
      labels: { project: 'website' },
      costNanos: 1_234_567,
      atOnce: 3,
      prefillMs: 0.3,
      decodeMs: 9_999_997.9,
      queueMs: 0.3,
      loadMs: 1.5,
      firstTokenMs: 2.1,
      totalMs: 1e7,
      tried: ['x', 'm'],
      dropped: ['tools.0'],
      clientRequestId: 'abc',
      client: 'OpenAI/JS',
      ip: '::1',
      leftOffice: 'cloud',
      cache: 'hit',
    };
    const empty = logRow({
      id: 'req_empty',
      model: null,
      servedModel: null,
      engine: null,
      firstTokenMs: null,
      tried: [],
      dropped: [],
      clientRequestId: null,
      client: null,
      finishReason: null,
    });
    insertRequest(store, full);
    insertRequest(store, empty);
    const [second, first] = listRequests(store, query());
    expect([first, second]).toEqual([full, empty]);
    expect(Object.keys(first ?? {}).sort()).toEqual(Object.keys(wireRow.shape).sort());
  });

  it('has one row for each request: the same id twice is an error', () => {
    insertRequest(store, logRow({ id: 'req_1' }));
    expect(() => insertRequest(store, logRow({ id: 'req_1' }))).toThrow(/UNIQUE/);
    expect(ids()).toEqual(['req_1']);
  });

  it('is newest first by arrival, not by end', () => {
    insertRequest(store, logRow({ id: 'quick', time: at(10) }));
    insertRequest(store, logRow({ id: 'long', time: at(0) }));
    insertRequest(store, logRow({ id: 'same', time: at(10) }));
    expect(ids()).toEqual(['same', 'quick', 'long']);
  });

  it('filters by key name or id, also after renaming and reuse of the name', () => {
    const old = createKey(store, { name: 'a' }, nowMs).record;
    insertRequest(store, logRow({ id: 'by-old', key: 'a', keyId: old.id, time: at(0) }));
    revokeKey(store, old.id, nowMs);
    const young = createKey(store, { name: 'a' }, nowMs).record;
    insertRequest(store, logRow({ id: 'by-young', key: 'a', keyId: young.id, time: at(1) }));
    insertRequest(store, logRow({ id: 'by-nobody', time: at(2) }));
    expect([ids({ key: 'a' }), ids({ key: old.id }), ids({ key: "' OR 1=1--" })]).toEqual([
      ['by-young', 'by-old'],
      ['by-old'],
      [],
    ]);
  });

  it('filters by status, since and model, asked for or served, all at once', () => {
    insertRequest(store, logRow({ id: '1', time: at(1), status: 'refused', model: 'x', servedModel: null }));
    insertRequest(store, logRow({ id: '2', time: at(2), status: 'ok', model: 'y', servedModel: 'x' }));
    insertRequest(store, logRow({ id: '3', time: at(3), status: 'ok', model: 'y', servedModel: 'z' }));
    expect(ids({ model: 'x' })).toEqual(['2', '1']);
    expect(ids({ status: 'ok' })).toEqual(['3', '2']);
    expect(ids({ since: at(2) })).toEqual(['3', '2']);
    expect(ids({ since: at(2), status: 'ok', model: 'x' })).toEqual(['2']);
  });

  it('pages without a gap or a double, whatever the times and the size of the page', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 7 }),
        (times, limit) => {
          store.db.exec('DELETE FROM requests');
          times.forEach((offset, index) =>
            insertRequest(store, logRow({ id: `req_${index}`, time: at(offset) })),
          );
          const paged: string[] = [];
          for (let page = ids({ limit }); page.length > 0; page = ids({ limit, before: page.at(-1) }))
            paged.push(...page);
          expect(paged).toEqual(ids({ limit: 100_000 }));
          expect(paged).toHaveLength(times.length);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('refuses a page after a row that is not there', () => {
    expect(() => ids({ before: 'req_none' })).toThrow('Begin again without it');
  });

  it('reads pages and filters through an index, never by sorting the whole table', () => {
    const plansOf = (filters: Record<string, unknown>): string => {
      store.statements.clear();
      ids(filters);
      const bound = {
        limit: 1,
        sinceMs: 1,
        model: 1,
        status: 'ok',
        group: 1,
        groups: '[]',
        timeMs: 1,
        seq: 1,
        leastMs: 1,
        leastSeq: 1,
      };
      return [...store.statements.keys()]
        .filter((sql) => sql.includes('ORDER BY time_ms') || sql.includes('ORDER BY r.time_ms'))
        .map((sql) => JSON.stringify(store.db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(bound)))
        .join();
    };
    insertRequest(store, logRow({ id: 'req_1' }));
    for (const filters of [{}, { since: at(0) }, { before: 'req_1' }]) {
      expect(plansOf(filters)).toContain('requests_time');
      expect(plansOf(filters)).not.toContain('TEMP B-TREE');
    }
    for (const filters of [{ model: 'office' }, { model: 'fake-model' }, { status: 'ok' }]) {
      expect(plansOf(filters)).toContain('requests_group');
      expect(plansOf(filters)).not.toContain('TEMP B-TREE');
    }
  });

  it('sums what arrived since a time', () => {
    insertRequest(store, logRow({ id: '1', time: at(-1) }));
    insertRequest(
      store,
      logRow({ id: '2', time: at(0), status: 'error', promptTokens: 7, completionTokens: 0 }),
    );
    insertRequest(
      store,
      logRow({ id: '3', time: at(1), status: 'refused', promptTokens: 0, completionTokens: 0 }),
    );
    expect(summariseSince(store, nowMs)).toEqual({
      devices: 0,
      requests: 3 - 1,
      errors: 1,
      promptTokens: 7,
      completionTokens: 0,
    });
    expect(summariseSince(store, nowMs + 99)).toEqual({
      devices: 0,
      requests: 0,
      errors: 0,
      promptTokens: 0,
      completionTokens: 0,
    });
  });

  it('counts the devices that were here since a time, and neither the console nor our own checks, which are no requests either', () => {
    for (const [index, keyId] of ['key_1', 'key_2', 'key_1', 'playground', 'check', null].entries()) {
      insertRequest(store, logRow({ id: String(index), time: at(index), keyId, key: keyId }));
    }
    insertRequest(store, logRow({ id: 'before', time: at(-1), keyId: 'key_3', key: 'key_3' }));
    expect(summariseSince(store, nowMs)).toMatchObject({ devices: 2, requests: 5 });
  });
});
