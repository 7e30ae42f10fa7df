import { describe, expect, it } from 'vitest';
import {
  hasEndedLongAgo,
  readView,
  shownDevices,
  writeView,
  type DeviceView,
} from '../../renderer/people-list.ts';
import { groupByPerson } from '../../renderer/sections/people-groups.ts';
import { keyRecord, type KeyRecord } from '../../server/wire/admin.ts';

const now = new Date('2026-11-23T12:00:00Z');
const known = { spending: undefined, hasPrices: true, now };
const usual: DeviceView = { words: '', state: null, order: 'person', isWithOld: false };

const noLimits = {
  requestsPerMinute: null,
  burst: null,
  tokensPerMinute: null,
  maxParallel: null,
  budgets: [],
};

const keyOf = (name: string, changes: Partial<KeyRecord> = {}): KeyRecord =>
  keyRecord.parse({
    id: `key_${name}`,
    name,
    person: null,
    team: null,
    device: null,
    models: null,
    role: 'inference',
    hint: 'sk-ink_…abcd',
    createdAt: '2026-11-01T00:00:00Z',
    expiresAt: null,
    revokedAt: null,
    lastUsedAt: null,
    lastIp: null,
    lastHost: null,
    lastClient: null,
    plain: null,
    preset: null,
    pairedFrom: null,
    pausedAt: null,
    replacedAt: null,
    formerKeys: [],
    labels: {},
    ips: null,
    priority: 'normal',
    trace: false,
    traceUntil: null,
    mayLeave: false,
    outside: false,
    speaksForOthers: false,
    cache: true,
    limits: noLimits,
    modelLimits: {},
    status: 'active',
    ...changes,
  });

const keys = [
  keyOf('laptop', { person: 'Anna Berger', team: 'Design', lastUsedAt: '2026-11-20T00:00:00Z' }),
  keyOf('phone', {
    person: 'Anna Berger',
    lastUsedAt: '2026-11-22T00:00:00Z',
    plain: true,
    lastHost: '192.168.1.2',
  }),
  keyOf('build', { createdAt: '2026-09-01T00:00:00Z', expiresAt: '2026-12-24T00:00:00Z' }),
  keyOf('desk', {
    person: 'Jonas',
    status: 'paused',
    pausedAt: '2026-11-01T00:00:00Z',
    lastUsedAt: '2026-11-21T00:00:00Z',
  }),
];
const namesOf = (view: Partial<DeviceView>): string[] =>
  shownDevices(keys, { ...usual, ...view }, known).map(({ name }) => name);

describe('devices', () => {
  it('are found by words of anything in their row, all of which must be there', () => {
    expect(namesOf({ words: 'anna' })).toEqual(['laptop', 'phone']);
    expect(namesOf({ words: 'DESIGN  anna' })).toEqual(['laptop']);
    expect(namesOf({ words: 'anna jonas' })).toEqual([]);
  });

  it('are told by what is to be done about them', () => {
    expect(namesOf({ state: 'paused' })).toEqual(['desk']);
    expect(namesOf({ state: 'plain' })).toEqual(['phone']);
    // Never used counts from the day it was made.
    expect(namesOf({ state: 'unused' })).toEqual(['build']);
    // Nothing is known of budgets yet, so none is said to be used up.
    expect(namesOf({ state: 'atLimit' })).toEqual([]);
  });

  it('come in the order that was chosen, people staying together', () => {
    expect(namesOf({ order: 'used' })).toEqual(['phone', 'desk', 'laptop', 'build']);
    expect(namesOf({ order: 'expiry' })[0]).toBe('build');
    const sorted = shownDevices(keys, { ...usual, order: 'used' }, known);
    const people = (order: DeviceView['order']) =>
      groupByPerson(sorted, { language: 'en', order }).map(({ person }) => person);
    expect(people('used')).toEqual(['Anna Berger', 'Jonas', null]);
    expect(people('person')).toEqual(['Anna Berger', 'Jonas', null]);
  });

  it('that are at their limit are those whose own or whose team’s budget is used up', () => {
    const zero = { tokens: 0, money: 0, until: null };
    const account = (tokens: number) => ({
      model: null,
      limits: {
        requestsPerMinute: null,
        tokensPerMinute: null,
        maxParallel: null,
        budgets: [{ unit: 'tokens' as const, amount: 100, period: 'total' as const }],
      },
      spent: { day: zero, week: zero, month: zero, total: { tokens, money: 0, until: null } },
      reserved: { tokens: 0, money: 0 },
    });
    const spending = {
      currency: 'EUR',
      keys: [
        { id: 'key_phone', accounts: [account(99)] },
        { id: 'key_desk', accounts: [account(100)] },
      ],
      teams: [{ name: 'Design', accounts: [account(150)] }],
    } as unknown as NonNullable<Parameters<typeof shownDevices>[2]['spending']>;
    const names = (view: Partial<DeviceView>): string[] =>
      shownDevices(keys, { ...usual, ...view }, { ...known, spending }).map(({ name }) => name);
    expect(names({ state: 'atLimit' })).toEqual(['laptop', 'desk']);
    expect(names({ order: 'budget' })).toEqual(['laptop', 'desk', 'phone', 'build']);
  });

  it('that ended stay listed for 90 days', () => {
    const revoked = (at: string) => keyOf('gone', { status: 'revoked', revokedAt: at });
    expect(hasEndedLongAgo(revoked('2026-08-26T12:00:00Z'), now)).toBe(false);
    expect(hasEndedLongAgo(revoked('2026-08-24T12:00:00Z'), now)).toBe(true);
    const expired = keyOf('old', { status: 'expired', expiresAt: '2026-01-01T00:00:00Z' });
    expect(hasEndedLongAgo(expired, now)).toBe(true);
    expect(hasEndedLongAgo({ ...expired, status: 'active' }, now)).toBe(false);
  });

  it('are shown as the address says, and what it says wrongly is left out', () => {
    const view: DeviceView = { words: 'anna laptop', state: 'paused', order: 'used', isWithOld: true };
    expect(readView(writeView(view))).toEqual(view);
    expect(writeView(usual).toString()).toBe('');
    expect(readView(new URLSearchParams('state=odd&sort=odd&ended=odd'))).toEqual(usual);
  });
});
