import { describe, expect, it } from 'vitest';
import {
  matches,
  readTime,
  readWho,
  requestsAddress,
  searchAt,
  searchOfPart,
  searchWith,
  withTime,
} from '../../renderer/request-filters.ts';
import { colorsOf } from '../../renderer/series-colors.ts';
import { requestCurl } from '../../renderer/request-curl.ts';
import { chartBySplit, chartOfFailures, pointsOf, type Chart } from '../../renderer/sections/usage-series.ts';
import { logRow } from '../unit/admin/admin-server.ts';
import type { UsageRow } from '../../server/wire/usage.ts';

const zone = 'Europe/Berlin';
const now = new Date('2026-11-23T12:00:00Z');
const search = (text: string): URLSearchParams => new URLSearchParams(text);

describe('filters in the address', () => {
  it('are read as far as they can be, and written with the time and the view', () => {
    expect(readWho(search('status=odd&failure=odd&person=Anna&client=curl&as=table'))).toEqual({
      person: 'Anna',
      client: 'curl',
    });
    const here = search('person=Anna&period=30d&as=table&id=req_1');
    expect(searchWith(here, { model: 'a' }).toString()).toBe('model=a&period=30d&as=table');
    expect(searchOfPart(here).toString()).toBe('person=Anna&period=30d&as=table');
    expect(searchAt(here, null).toString()).toBe('person=Anna&as=table');
  });

  it('name a time by days of the server’s zone, or from moment to moment', () => {
    expect(readTime(search('person=Anna'), zone, now)).toBe(null);
    expect(readTime(search('period=today'), zone, now)).toMatchObject({
      isExact: false,
      span: { from: '2026-11-22T23:00:00.000Z', to: '2026-11-23T23:00:00.000Z' },
    });
    const exact = readTime(
      search('period=30d&since=2026-11-20T10:00:00.000Z&until=2026-11-20T11:00:00.000Z'),
      zone,
      now,
    );
    expect(exact).toMatchObject({
      isExact: true,
      span: { from: '2026-11-20T10:00:00.000Z', to: '2026-11-20T11:00:00.000Z' },
      period: { first: '2026-11-20', last: '2026-11-20' },
    });
    expect(withTime({ person: 'Anna' }, exact)).toEqual({
      person: 'Anna',
      since: '2026-11-20T10:00:00.000Z',
      until: '2026-11-20T11:00:00.000Z',
    });
    // Open at an end, or the wrong way round: still a time, and never an error.
    for (const odd of [
      'since=2026-11-20T10:00:00.000Z',
      'until=2020-01-01T00:00:00.000Z',
      'since=2027-01-01T00:00:00.000Z',
    ]) {
      const time = readTime(search(odd), zone, now);
      expect(time?.isExact).toBe(true);
      expect((time?.period.first ?? '') <= (time?.period.last ?? '')).toBe(true);
    }
    expect(requestsAddress({ person: 'Anna & Co' }, 'req_1')).toBe('/log?person=Anna+%26+Co&id=req_1');
  });

  it('let through what the server’s would', () => {
    const made = logRow({
      id: 'req_1',
      status: 'error',
      error: 'engine_failed: It stopped.',
      httpStatus: 502,
      person: 'Anna',
      key: 'laptop',
      keyId: 'key_1',
      client: 'Continue/1.3',
      time: '2026-11-20T10:00:00.000Z',
    });
    const row = { ...made, tried: [...made.tried], dropped: [...made.dropped] };
    const fitting = [
      {},
      { status: 'error' },
      { failure: 'engine' },
      { key: 'key_1' },
      { person: 'Anna' },
      { model: 'office' },
      { model: 'fake-model' },
      { client: 'CONTINUE' },
      { since: '2026-11-20T10:00:00.000Z', until: '2026-11-20T10:00:00.001Z' },
    ] as const;
    expect(fitting.filter((filters) => !matches(row, filters))).toEqual([]);
    const other = [
      { status: 'ok' },
      { failure: 'busy' },
      { key: 'key_2' },
      { person: 'Jonas' },
      { model: 'other' },
      { client: 'curl' },
      { until: '2026-11-20T10:00:00.000Z' },
      { person: 'Anna', status: 'ok' },
    ] as const;
    expect(other.filter((filters) => matches(row, filters))).toEqual([]);
  });
});

describe('colours', () => {
  const order = Array.from({ length: 12 }, (_, index) => `person ${index}`);
  it('are the same for the same person in every chart, whoever else is in it', () => {
    const colors = colorsOf(order);
    const alone = colors(['person 3']).get('person 3');
    expect(colors(['person 9', null, 'person 3', 'somebody']).get('person 3')).toBe(alone);
    // Whoever comes later changes nobody's.
    expect(colorsOf([...order, 'late'])(['person 3']).get('person 3')).toBe(alone);
  });

  it('differ within a chart as long as there are enough', () => {
    for (const names of [order, ['somebody', null, 'gone', ...order.slice(0, 9)], ['x', 'y', 'z']]) {
      expect(new Set(colorsOf(order)(names).values()).size).toBe(names.length);
    }
  });
});

describe('stacked bars', () => {
  const rowOf = (day: string, changes: Partial<UsageRow>): UsageRow => ({
    day,
    start: `${day}T00:00:00.000Z`,
    requests: 0,
    ok: 0,
    errors: 0,
    cancelled: 0,
    refused: 0,
    promptTokens: 0,
    cachedTokens: 0,
    completionTokens: 0,
    cacheHits: 0,
    cacheHitTokens: 0,
    cost: 0,
    firstTokenMsP50: null,
    firstTokenMsP95: null,
    totalMsP50: null,
    totalMsP95: null,
    tokensPerSecondP50: null,
    tokensPerSecondP5: null,
    queueMs: 0,
    loadMs: 0,
    meanAtOnce: 0,
    mostAtOnce: 0,
    ...changes,
  });
  const points = pointsOf([rowOf('2026-11-20', {}), rowOf('2026-11-21', {})], 'day', now);
  const sumOf = ({ series }: Chart): number =>
    points.reduce((sum, point) => sum + series.reduce((all, { value }) => all + (value(point) ?? 0), 0), 0);

  it('have the most first, the others together, and lose nothing', () => {
    const people = Array.from({ length: 10 }, (_, index) => `person ${index}`);
    const rows = people.flatMap((person, index) => [
      rowOf('2026-11-20', { person, requests: index, ok: index }),
      rowOf('2026-11-21', { person, requests: 1, ok: 1 }),
    ]);
    rows.push(rowOf('2026-11-20', { person: null, requests: 100, ok: 100 }));
    const chart = chartBySplit('requests', 'person', { rows, step: 'day', colors: colorsOf(people) });
    expect(chart.series.map(({ name, filters }) => [name, filters])).toEqual([
      [{ nobodys: 'person' }, null],
      ...[9, 8, 7, 6, 5].map((index) => [{ name: `person ${index}` }, { person: `person ${index}` }]),
      [{ others: 5 }, null],
    ]);
    expect(sumOf(chart)).toBe(rows.reduce((sum, { requests }) => sum + requests, 0));
    expect(new Set(chart.series.map(({ color }) => color)).size).toBe(chart.series.length);
  });

  it('of failures count what was not answered, and what nobody knows the reason of', () => {
    const rows = [
      rowOf('2026-11-20', { failure: null, requests: 10, ok: 8, errors: 2 }),
      rowOf('2026-11-20', { failure: 'busy', requests: 5, refused: 5 }),
      rowOf('2026-11-21', { failure: null, requests: 4, ok: 4 }),
    ];
    const chart = chartOfFailures(rows, 'day', colorsOf([]));
    expect(chart.series.map(({ name, filters }) => [name, filters])).toEqual([
      [{ failure: 'busy' }, { failure: 'busy' }],
      [{ failure: null }, null],
    ]);
    expect(sumOf(chart)).toBe(7);
  });
});

describe('the command that asks the same again', () => {
  const address = 'http://192.168.1.2:11500';
  it('quotes whatever a model is called, and holds no key', () => {
    const command = requestCurl(
      { route: '/v1/responses', model: "it's $(odd)" },
      { address, said: 'Your prompt' },
    );
    expect(command).toContain(`curl ${address}/v1/responses`);
    expect(command).toContain(String.raw`"model": "it'\''s $(odd)"`);
    expect(command).toContain('$INGLENOOK_KEY');
  });

  it('is none where there was nothing to ask again', () => {
    expect(requestCurl({ route: '/v1/nowhere', model: 'a' }, { address, said: '' })).toBe(null);
    expect(requestCurl({ route: '/v1/messages', model: null }, { address, said: '' })).toBe(null);
  });
});
