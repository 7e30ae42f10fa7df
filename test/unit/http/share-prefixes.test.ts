import { expect, it } from 'vitest';
import { createKey } from '../../../server/store/keys.ts';
import { setSharesPrefixes } from '../../../server/store/share-prefixes.ts';
import { startTestServer } from './harness.ts';

it('attack 62: computed beginnings are each key’s own, and everybody’s only when the owner says so', async () => {
  const server = await startTestServer();
  const { key: other } = createKey(server.store, { name: 'other', role: 'inference' }, Date.now());
  const asOther = { headers: { authorization: `Bearer ${other}`, 'content-type': 'application/json' } };
  await (await server.chat()).text();
  await (await server.chat({}, asOther)).text();
  setSharesPrefixes(server.store, true);
  await (await server.chat()).text();
  await (await server.chat({}, asOther)).text();
  const scopes = server.engine.seen.requests.map(({ cacheScope }) => cacheScope);
  expect(scopes[0]).toBe(server.keyId);
  expect(new Set(scopes.slice(0, 2)).size).toBe(2);
  expect(scopes.slice(2)).toEqual(['shared', 'shared']);
});
