import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { closeStore, openStore, write, type Store } from '../../../server/store/open.ts';
import { setSetting, settingReader } from '../../../server/store/settings.ts';

const read = settingReader('hearth', (value) => (typeof value === 'string' ? value : 'cold'));

function open(): Store {
  const dir = mkdtempSync(join(tmpdir(), 'inglenook-settings-'));
  const store = openStore(join(dir, 'inglenook.db'));
  onTestFinished(() => {
    closeStore(store);
    rmSync(dir, { recursive: true, force: true });
  });
  return store;
}

test('what was read is kept until it is written, for each store by itself', () => {
  const [one, other] = [open(), open()];
  expect([read(one), read(other)]).toEqual(['cold', 'cold']);
  setSetting(one, 'hearth', 'warm');
  expect([read(one), read(other), read(one)]).toEqual(['warm', 'cold', 'warm']);
  setSetting(other, 'hearth', 'hot');
  expect([read(one), read(other)]).toEqual(['warm', 'hot']);
});

test('what was read of a transaction that came to nothing is not kept', () => {
  const store = open();
  setSetting(store, 'hearth', 'warm');
  expect(read(store)).toBe('warm');
  expect(() =>
    write(store, () => {
      setSetting(store, 'hearth', 'hot');
      expect(read(store)).toBe('hot');
      throw new Error('never mind');
    }),
  ).toThrow('never mind');
  expect(read(store)).toBe('warm');
});
