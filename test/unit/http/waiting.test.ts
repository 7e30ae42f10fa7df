import { describe, expect, it, vi } from 'vitest';
import type { ModelDescription } from '../../../server/core/model.ts';
import type { Route } from '../../../server/core/route.ts';
import { describeWaiting } from '../../../server/http/waiting.ts';
import { describeModel } from '../../fakes/fake-engine.ts';
import { createManualTime } from '../../fakes/manual-time.ts';
import { gate, startTestServer } from './harness.ts';

describe('why nothing comes yet', () => {
  const route = (waitsFor: Route['waitsFor']): Route => ({
    servedModel: null,
    engine: null,
    tried: ['first', 'second'],
    queueMs: 0,
    loadMs: 0,
    ...(waitsFor === undefined ? {} : { waitsFor }),
  });
  const engines = (change: Partial<ModelDescription>) => [
    { models: () => [describeModel('first', 'e'), { ...describeModel('second', 'e'), ...change }] },
  ];

  it.each([
    [{ state: 'loading', progressPercent: 40 }, 'the model second is being loaded (40 %)'],
    [
      { state: 'loading', waitingFor: 'turn' },
      'the model second is loaded as soon as another model has been loaded',
    ],
    [
      { state: 'loading', waitingFor: 'memory' },
      'the model second waits for memory that other models use just now',
    ],
    [{ state: 'loading', waitingFor: 'restart' }, 'the model second is started again after it has failed'],
    [{ state: 'ready' }, 'waiting for the model second'],
  ] as const)('%j', (change, sentence) => {
    expect(describeWaiting(route('model'), engines(change))).toBe(sentence);
  });

  it('a free place, and nothing once it is answered', () => {
    expect(describeWaiting(route('place'), [])).toBe('waiting for a free place at the model second');
    expect([describeWaiting(route(null), []), describeWaiting(route(undefined), [])]).toEqual([null, null]);
  });
});

describe('a stream that must wait', () => {
  it('is opened after ten seconds and told why, then answered as ever', async () => {
    const held = gate();
    const time = createManualTime();
    const server = await startTestServer({ beforeReady: () => held.opened }, time);
    const asked = server.chat({ stream: true });
    await vi.waitUntil(() => server.engine.seen.tasks.length === 1);
    time.advance(10_000);
    const response = await asked;
    expect(response.status).toBe(200);
    const waiting = ': waiting for the model fake-model\n\n';
    const [body, rest] = (response.body ?? expect.fail('no stream')).tee();
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toBe(waiting);
    time.advance(10_000);
    expect((await reader.read()).value).toBe(`${waiting}: keep-alive\n\n`);
    held.open();
    const text = await new Response(rest).text();
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  });
});
