import { expect, it } from 'vitest';
import { createdPairing, redeemed } from '../../../server/wire/pairing.ts';
import { startComposed } from '../../fakes/composed.ts';

it('attack 50: the whole server pairs a device, streams to it, and ends the stream when its key is revoked', async () => {
  const held = Promise.withResolvers<void>();
  const server = await startComposed({
    engine: { beforePart: (index) => (index > 2 ? held.promise : undefined) },
  });
  const created = createdPairing.parse(
    await server.admin('POST', '/pairings', { person: 'Anna', autoApprove: true }),
  );
  // The office is not let in, and the link says so.
  expect([new URL(created.url).origin, created.warnings.length]).toEqual([server.address, 1]);

  const answer = await fetch(`${server.address}/pair/redeem`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ticket: created.ticket, device: 'laptop' }),
  });
  const joined = redeemed.parse(await answer.json());
  expect(joined.roles.chat).toBe('office');
  expect(joined.models).toContain('fake-model');

  const stream = await fetch(`${joined.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${joined.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'fake-model', stream: true, messages: [{ role: 'user', content: 'Hi' }] }),
  });
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = (await reader?.read())?.value ?? '';
  expect(stream.status).toBe(200);
  await server.admin('DELETE', `/keys/${encodeURIComponent('Anna’s laptop')}`);
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) text += part.value;
  expect(text).toContain('revoked');
  expect(text).not.toContain('[DONE]');
  held.resolve();
});
