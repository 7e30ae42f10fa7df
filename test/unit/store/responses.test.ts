import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepResponsesPruned } from '../../../server/record/prune-responses.ts';
import { createKey } from '../../../server/store/keys.ts';
import { closeStore, openStore, type Store } from '../../../server/store/open.ts';
import {
  deleteResponse,
  findResponse,
  forgetResponses,
  pruneResponses,
  saveResponse,
  setResponseHours,
  sumResponses,
  type ResponseOwner,
} from '../../../server/store/responses.ts';
import { seal, unseal } from '../../../server/store/seal.ts';
import { createManualTime } from '../../fakes/manual-time.ts';

const hourMs = 3_600_000;
const nowMs = Date.parse('2026-11-23T12:00:00Z');
const megabyte = 'x'.repeat(1_000_000);

let store: Store;
beforeEach(() => {
  store = openStore(':memory:');
});
afterEach(() => closeStore(store));

function owner(name: string): ResponseOwner {
  const { key, record } = createKey(store, { name }, nowMs);
  return { keyId: record.id, secret: key };
}

const keep = (
  of: ResponseOwner,
  id: string,
  value: unknown = { text: 'Bratkartoffeln' },
  atMs = nowMs,
): boolean => saveResponse(store, of, { id, value, nowMs: atMs });

describe('stored responses', () => {
  it('are read by their key only', () => {
    const anna = owner('anna');
    const ben = owner('ben');
    keep(anna, 'resp_1');
    expect(findResponse(store, anna, 'resp_1', nowMs)).toEqual({ text: 'Bratkartoffeln' });
    expect(findResponse(store, ben, 'resp_1', nowMs)).toBeUndefined();
    // Whoever can write to the database, but has another key, can still not read it.
    expect(findResponse(store, { ...ben, keyId: anna.keyId }, 'resp_1', nowMs)).toBeUndefined();
    expect(deleteResponse(store, ben.keyId, 'resp_1')).toBe(false);
    expect(deleteResponse(store, anna.keyId, 'resp_1')).toBe(true);
    expect(findResponse(store, anna, 'resp_1', nowMs)).toBeUndefined();
  });

  it('lie in the database without a readable word, and without what opens them', () => {
    const anna = owner('anna');
    keep(anna, 'resp_1');
    const file = store.db.serialize();
    expect(file.includes('Bratkartoffeln')).toBe(false);
    expect(file.includes(anna.secret)).toBe(false);
  });

  it('cannot be passed off as one another', () => {
    const anna = owner('anna');
    keep(anna, 'resp_1');
    store.db.exec("UPDATE responses SET id = 'resp_2'");
    expect(findResponse(store, anna, 'resp_2', nowMs)).toBeUndefined();
  });

  it('are gone after a day, whether they are asked for or deleted first', () => {
    const anna = owner('anna');
    keep(anna, 'resp_1');
    expect(findResponse(store, anna, 'resp_1', nowMs + 24 * hourMs - 1)).toBeDefined();
    expect(findResponse(store, anna, 'resp_1', nowMs + 24 * hourMs)).toBeUndefined();
    expect(pruneResponses(store, nowMs + 24 * hourMs - 1)).toBe(0);
    expect(pruneResponses(store, nowMs + 24 * hourMs)).toBe(1);
  });

  it('live as long as the owner says, those kept already too', () => {
    const anna = owner('anna');
    keep(anna, 'resp_1');
    keep(anna, 'resp_2', {}, nowMs + 2 * hourMs);
    setResponseHours(store, 1, nowMs + 2 * hourMs);
    expect(sumResponses(store)).toMatchObject([{ count: 1, oldestMs: nowMs + 2 * hourMs }]);
    setResponseHours(store, 0, nowMs + 2 * hourMs);
    expect(sumResponses(store)).toEqual([]);
  });

  it('are deleted while nobody asks', () => {
    const time = createManualTime(nowMs);
    const log = { info() {}, warn() {}, error() {}, debug() {} };
    keep(owner('anna'), 'resp_1');
    const stop = keepResponsesPruned({ store, clock: time.clock, timers: time.timers, log });
    time.advance(23 * hourMs);
    expect(sumResponses(store)).toHaveLength(1);
    time.advance(2 * hourMs);
    expect(sumResponses(store)).toEqual([]);
    stop();
    expect(time.waiting()).toEqual([]);
  });

  it('are forgotten by key and all together', () => {
    const [anna, ben] = [owner('anna'), owner('ben')];
    keep(anna, 'resp_1');
    keep(anna, 'resp_2');
    keep(ben, 'resp_3');
    expect(
      sumResponses(store)
        .map(({ count }) => count)
        .toSorted((one, other) => one - other),
    ).toEqual([1, 2]);
    expect(forgetResponses(store, anna.keyId)).toBe(2);
    expect(findResponse(store, ben, 'resp_3', nowMs)).toBeDefined();
    expect(forgetResponses(store, null)).toBe(1);
  });

  it('are bounded: each, and those of a key, of which the oldest go', () => {
    const [anna, ben] = [owner('anna'), owner('ben')];
    expect(keep(anna, 'resp_large', megabyte.repeat(5))).toBe(false);
    // Fewer characters than bytes.
    expect(keep(anna, 'resp_wide', 'ü'.repeat(3_000_000))).toBe(false);
    keep(ben, 'resp_ben');
    for (let index = 0; index < 18; index += 1)
      keep(anna, `resp_${index}`, megabyte.repeat(4), nowMs + index);
    const kept = sumResponses(store).find(({ keyId }) => keyId === anna.keyId);
    expect(kept).toMatchObject({ count: 16, oldestMs: nowMs + 2 });
    expect(findResponse(store, ben, 'resp_ben', nowMs)).toBeDefined();
  });
});

describe('a sealed text', () => {
  const context = { secret: 'sk-ink_one', purpose: 'thought' };

  it('opens with its secret and purpose alone, and unchanged', () => {
    const sealed = seal('Grüße', context);
    expect(unseal(sealed, context)).toBe('Grüße');
    expect(unseal(sealed, { ...context, secret: 'sk-ink_two' })).toBeNull();
    expect(unseal(sealed, { ...context, purpose: 'response' })).toBeNull();
    for (const index of [0, 20, 30, sealed.length - 1]) {
      const changed = Buffer.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(unseal(changed, context)).toBeNull();
    }
    expect(unseal(sealed.subarray(0, 40), context)).toBeNull();
  });

  it('is never the same twice', () => {
    expect(seal('a', context).equals(seal('a', context))).toBe(false);
  });
});
