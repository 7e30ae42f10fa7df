import { describe, expect, it } from 'vitest';
import { appPlace, foundIn, places, type Command } from '../../../renderer/commands.ts';
import english from '../../../renderer/locales/settings.en.json' with { type: 'json' };
import { memoryShares } from '../../../renderer/memory-shares.ts';
import { strengthOf } from '../../../renderer/password-strength.ts';
import type { WireModel } from '../../../server/wire/admin.ts';

describe('how strong a password is', () => {
  it.each([
    ['passwordpassword', 'weak'],
    ['inglenook2026', 'weak'],
    ['aaaaaaaaaaaaaaaa', 'weak'],
    ['123456789012', 'weak'],
    ['summer holidays', 'weak'],
    ['warm place fire', 'fair'],
    ['a warm place by the fire', 'good'],
    ['xK9#qT2$mW7!', 'good'],
    ['a warm place by the fire, lantern lit', 'strong'],
    ['qX7!vB2#nR9$kT4&', 'strong'],
  ] as const)('“%s” is %s', (password, strength) => {
    expect(strengthOf(password)).toBe(strength);
  });

  it('never falls by one more word', () => {
    const order = ['weak', 'fair', 'good', 'strong'];
    const words = ['tree', 'lantern', 'copper', 'seven', 'window', 'river'];
    const ranks = words.map((_, index) => order.indexOf(strengthOf(words.slice(0, index + 1).join(' '))));
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
    expect(ranks.at(-1)).toBe(3);
  });
});

describe('the palette', () => {
  const command = (label: string): Command => ({ id: label, kind: 'page', label, run: () => undefined });
  const all = ['Home', 'Settings: backup', 'Log of requests', 'Requests of Ömer’s phone', 'Übersicht'].map(
    command,
  );
  const labels = (text: string): string[] => foundIn(all, text).map(({ label }) => label);

  it('finds by every word, in any order, without capitals and accents', () => {
    expect(labels('BACK sett')).toEqual(['Settings: backup']);
    expect(labels('omer')).toEqual(['Requests of Ömer’s phone']);
    expect(labels('uber')).toEqual(['Übersicht']);
    expect(labels('nothing like it')).toEqual([]);
  });

  it('puts first what begins with it, and keeps the order for nothing typed', () => {
    expect(labels('re')).toEqual(['Log of requests', 'Requests of Ömer’s phone']);
    expect(labels('o')).toEqual(['Log of requests', 'Requests of Ömer’s phone', 'Home']);
    expect(labels(' ')).toEqual(all.map(({ label }) => label));
  });
});

describe('the bars of memory', () => {
  const model = (id: string, measuredBytes: number, gpuShare: number | null): WireModel =>
    ({
      id,
      source: 'pulled',
      backend: gpuShare === null ? 'cpu' : 'cuda',
      memory: { estimatedBytes: null, measuredBytes },
      attempts: gpuShare === null ? [] : [{ gpuShare, reason: null }],
    }) as unknown as WireModel;
  const card = { totalBytes: 24e9, freeBytes: 10e9, isShared: false };

  it('show each model where it lies, and what others have', () => {
    const shares = memoryShares(
      [model('whole', 8e9, 1), model('half', 4e9, 0.5), model('small', 1e9, null)],
      {
        memory: { totalBytes: 32e9, freeBytes: 20e9 },
        gpu: card,
      },
    );
    expect(shares.gpu).toEqual({
      totalBytes: 24e9,
      freeBytes: 10e9,
      models: [
        { id: 'whole', bytes: 8e9 },
        { id: 'half', bytes: 2e9 },
      ],
      othersBytes: 4e9,
    });
    expect(shares.memory?.models).toEqual([
      { id: 'half', bytes: 2e9 },
      { id: 'small', bytes: 1e9 },
    ]);
    expect(shares.memory?.othersBytes).toBe(9e9);
  });

  it('are one where the graphics card has none of its own, and none where the whole is not known', () => {
    const one = memoryShares([model('a', 3e9, 1)], {
      memory: { totalBytes: 16e9, freeBytes: 9e9 },
      gpu: { ...card, isShared: true },
    });
    expect([one.gpu, one.memory?.models]).toEqual([null, [{ id: 'a', bytes: 3e9 }]]);
    const unknown = memoryShares([], {
      memory: { totalBytes: null, freeBytes: 9e9 },
      gpu: { ...card, totalBytes: null },
    });
    expect(unknown).toEqual({ gpu: null, memory: null });
  });

  it('never add up to more than there is', () => {
    const { memory } = memoryShares([model('mapped', 12e9, null)], {
      memory: { totalBytes: 16e9, freeBytes: 14e9 },
      gpu: null,
    });
    expect(memory).toEqual({
      totalBytes: 16e9,
      models: [{ id: 'mapped', bytes: 12e9 }],
      othersBytes: 0,
      freeBytes: 4e9,
    });
  });
});

it('the palette finds every part of the settings at its own address', () => {
  const own = [...places, appPlace].filter(({ path }) => path.startsWith('/settings'));
  const pathOf = (name: string): string => (name === 'general' ? '/settings' : `/settings/${name}`);
  const parts = Object.keys(english.settings.place);
  expect(Object.fromEntries(own.map(({ name, path }) => [name, path]))).toEqual(
    Object.fromEntries(parts.map((name) => [name, pathOf(name)])),
  );
});
