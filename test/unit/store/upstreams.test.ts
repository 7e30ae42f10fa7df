import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closeStore, openStore, type Store } from '../../../server/store/open.ts';
import { ensureServerSecret } from '../../../server/store/server-secret.ts';
import {
  addUpstream,
  findUpstream,
  getDiscovered,
  getUpstreamKey,
  hasUpstreamKey,
  keepDiscovered,
  listUpstreams,
  removeUpstream,
  setUpstreamKey,
  updateUpstream,
  type UpstreamWish,
} from '../../../server/store/upstreams.ts';

let store: Store;
beforeEach(() => {
  store = openStore(':memory:');
});
afterEach(() => closeStore(store));

const wish: UpstreamWish = {
  name: 'box',
  kind: 'vllm',
  url: 'http://box:8000/v1',
  mayLeave: false,
  slots: null,
  routingHeader: undefined,
  contextTokens: null,
};

describe('upstreams', () => {
  it('are kept as they were wished, found by name and id, and changed', () => {
    const added = addUpstream(store, wish, 5);
    expect(listUpstreams(store)).toEqual([added]);
    expect([findUpstream(store, 'box'), findUpstream(store, added.id), findUpstream(store, 'x')]).toEqual([
      added,
      added,
      null,
    ]);
    for (const routingHeader of [null, 'x-session', undefined]) {
      const changed = { ...added, routingHeader, slots: 4, mayLeave: true };
      updateUpstream(store, changed);
      expect(findUpstream(store, 'box')).toEqual(changed);
    }
    removeUpstream(store, added.id);
    expect(listUpstreams(store)).toEqual([]);
  });

  it('have names of their own', () => {
    addUpstream(store, wish, 5);
    const other = addUpstream(store, { ...wish, name: 'other' }, 6);
    expect(() => addUpstream(store, wish, 7)).toThrow(/“box” already/);
    expect(() => updateUpstream(store, { ...other, name: 'box' })).toThrow(/“box” already/);
  });

  it('forget what they told with their address', () => {
    const added = addUpstream(store, wish, 5);
    keepDiscovered(store, added.id, { models: [], slots: 1 });
    updateUpstream(store, { ...added, slots: 3 });
    expect(getDiscovered(store, added.id)).toEqual({ models: [], slots: 1 });
    updateUpstream(store, { ...added, url: 'http://elsewhere/v1' });
    expect(getDiscovered(store, added.id)).toBeNull();
  });
});

describe('keys of upstreams', () => {
  it('are sealed, open with the server’s secret only, and not for another upstream', () => {
    const { id } = addUpstream(store, wish, 5);
    const other = addUpstream(store, { ...wish, name: 'other' }, 6);
    setUpstreamKey(store, id, 'sk-canary', 'secret');
    expect([hasUpstreamKey(store, id), hasUpstreamKey(store, other.id)]).toEqual([true, false]);
    expect(getUpstreamKey(store, id, 'secret')).toEqual({ key: 'sk-canary', isLost: false });
    expect(getUpstreamKey(store, id, 'another')).toEqual({ key: null, isLost: true });
    store.db.exec(
      'UPDATE upstreams SET sealed_key = (SELECT sealed_key FROM upstreams WHERE sealed_key IS NOT NULL)',
    );
    expect(getUpstreamKey(store, other.id, 'secret')).toEqual({ key: null, isLost: true });
    expect(store.db.serialize().includes('canary')).toBe(false);
    setUpstreamKey(store, id, null, 'secret');
    expect(getUpstreamKey(store, id, 'secret')).toEqual({ key: null, isLost: false });
  });
});

it('the server’s secret is made once, for its owner’s eyes alone, and again where it is damaged', () => {
  const dir = mkdtempSync(join(tmpdir(), 'inglenook-secret-'));
  try {
    const secret = ensureServerSecret(dir);
    expect(ensureServerSecret(dir)).toBe(secret);
    expect(statSync(join(dir, 'server.key')).mode & 0o777).toBe(0o600);
    writeFileSync(join(dir, 'server.key'), 'x');
    expect(ensureServerSecret(dir)).not.toBe(secret);
    expect(readFileSync(join(dir, 'server.key'), 'utf8')).toMatch(/^ink-secret_/);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
