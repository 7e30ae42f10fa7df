import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { upstreamList } from '../../../server/wire/upstreams.ts';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import { startFakeUpstream } from '../../fakes/fake-upstream.ts';

async function upstreamsOf(server: ComposedServer) {
  return upstreamList.parse(await server.admin('GET', '/upstreams'));
}

it('an upstream whose models are known is changed, and known again after a restart', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'inglenook-kept-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const fake = await startFakeUpstream({ models: ['their-model'] });
  onTestFinished(async () => await fake.close());
  const first = await startComposed({ dataDir });
  await first.admin('POST', '/upstreams', { name: 'gpu-box', url: fake.url, kind: 'vllm' });
  await first.admin('PATCH', '/upstreams/gpu-box', { slots: 3 });
  const known = expect.objectContaining({
    name: 'gpu-box',
    slots: 3,
    models: ['their-model'],
    isAway: false,
  });
  expect(await upstreamsOf(first)).toEqual([known]);
  await first.stop(0);
  const second = await startComposed({ dataDir });
  expect(await upstreamsOf(second)).toEqual([known]);
});

it('tells until when a model that only fails is left alone', async () => {
  const fake = await startFakeUpstream({ models: ['their-model'], mode: 'busy' });
  onTestFinished(async () => await fake.close());
  const server = await startComposed();
  await server.admin('POST', '/upstreams', { name: 'gpu-box', url: fake.url });
  const { key } = (await server.admin('POST', '/keys', { name: 'laptop' })) as { key: string };
  const asked = await fetch(`${server.address}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'their-model', messages: [{ role: 'user', content: 'Hi' }] }),
  });
  expect(asked.ok).toBe(false);
  const [upstream] = await upstreamsOf(server);
  expect(upstream?.pauses.map(({ model }) => model)).toEqual(['their-model']);
  expect(Date.parse(upstream?.pauses[0]?.until ?? '')).toBeGreaterThan(Date.now());
});
