import { describe, expect, it } from 'vitest';
import { createAnswerCache, type CacheBounds } from '../../../server/routing/answer-cache.ts';
import { createManualTime } from '../../fakes/manual-time.ts';

const minute = 60_000;

function open(bounds: Partial<CacheBounds> = {}) {
  const time = createManualTime();
  const now: CacheBounds = { maxBytes: 100_000, maxAgeMs: 10 * minute, ...bounds };
  const rules = { now };
  const cache = createAnswerCache({ ...time, bounds: () => rules.now });
  const keep = (key: string, bytes: number, keyId = 'key_1'): void =>
    cache.keep(key, {
      engine: 'e',
      servedModel: 'm',
      json: 'x'.repeat(bytes),
      keyId,
      since: cache.epoch(),
    });
  const has = (key: string): boolean => cache.find(key) !== null;
  return { time, rules, cache, keep, has };
}

describe('kept answers', () => {
  it('never take more memory than allowed: what was used longest ago goes first', () => {
    const { cache, keep, has } = open();
    for (const key of ['a', 'b', 'c', 'd']) keep(key, 20_000);
    expect(has('a')).toBe(true);
    keep('e', 20_000);
    expect(['a', 'b', 'c', 'd', 'e'].filter(has)).toEqual(['a', 'c', 'd', 'e']);
    for (let index = 0; index < 1000; index += 1) {
      keep(`small ${index}`, index % 700);
      expect(cache.tally().bytes).toBeLessThanOrEqual(100_000);
    }
    expect(cache.tally().answers).toBeGreaterThan(50);
  });

  it('count in bytes, not characters, and with what keeping them takes', () => {
    const { cache } = open();
    cache.keep('a', { engine: 'e', servedModel: 'm', json: '€€', keyId: 'k', since: 0 });
    expect(cache.tally().bytes).toBe(6 + 512);
    expect(cache.find('a')).toEqual({ engine: 'e', servedModel: 'm', json: '€€' });
  });

  it('are not pushed out by a single long one', () => {
    const { cache, keep, has } = open();
    keep('a', 10);
    keep('long', 25_000);
    expect([has('a'), has('long'), cache.mostBytesOfOne()]).toEqual([true, false, 25_000]);
    expect(open({ maxBytes: 4e9 }).cache.mostBytesOfOne()).toBe(8e6);
  });

  it('are given for as long as allowed, however often they are asked for', () => {
    const { time, keep, has } = open();
    keep('a', 10);
    time.advance(9 * minute);
    expect(has('a')).toBe(true);
    time.advance(minute - 1);
    expect(has('a')).toBe(true);
    time.advance(1);
    expect(has('a')).toBe(false);
  });

  it('leave memory when they are too old, although nobody asks; then no timer is left', () => {
    const { time, cache, keep } = open();
    keep('a', 10);
    time.advance(5 * minute);
    keep('b', 10);
    time.advance(5 * minute);
    expect(cache.tally().answers).toBe(1);
    time.advance(5 * minute);
    expect(cache.tally()).toMatchObject({ answers: 0, bytes: 0 });
    time.advance(minute);
    expect(time.waiting()).toEqual([]);
    keep('c', 10);
    expect(time.waiting()).toEqual([minute]);
    cache.forgetAll();
    expect(time.waiting()).toEqual([]);
  });

  it('follow bounds that are made tighter, at once', () => {
    const { time, rules, cache, keep } = open();
    keep('a', 20_000);
    time.advance(5 * minute);
    keep('b', 20_000);
    keep('c', 20_000);
    rules.now = { maxBytes: 30_000, maxAgeMs: 10 * minute };
    cache.trim();
    expect(cache.tally().answers).toBe(1);
    rules.now = { maxBytes: 0, maxAgeMs: 10 * minute };
    cache.trim();
    keep('d', 0);
    expect(cache.tally()).toMatchObject({ answers: 0, bytes: 0 });
  });

  it('of one key are forgotten alone; what is under way then is not kept', () => {
    const { cache, keep, has } = open();
    keep('a', 10, 'key_1');
    keep('b', 10, 'key_2');
    const since = cache.epoch();
    cache.forgetKey('key_1');
    cache.keep('late', { engine: 'e', servedModel: 'm', json: '1', keyId: 'key_1', since });
    expect(['a', 'b', 'late'].filter(has)).toEqual(['b']);
    cache.forgetAll();
    expect(cache.tally()).toMatchObject({ answers: 0, bytes: 0 });
  });

  it('are replaced, not kept twice', () => {
    const { cache, keep } = open();
    keep('a', 10);
    keep('a', 20);
    expect(cache.tally()).toEqual({ answers: 1, bytes: 532, hits: 0, misses: 0 });
    cache.find('a');
    cache.find('b');
    expect(cache.tally()).toMatchObject({ hits: 1, misses: 1 });
  });
});
