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

describe('who waits in the queue', () => {
  it('is told place and time in comments, headers and to the owner', async () => {
    const held = gate();
    const time = createManualTime();
    const server = await startTestServer(
      {
        slots: 1,
        beforePart: (index, { model }) => (index === 1 && model === 'fake-model' ? held.opened : undefined),
      },
      time,
    );
    const first = server.chat({ stream: true });
    await vi.waitUntil(() => server.engine.seen.active === 1);
    const second = server.chat({ stream: true });
    await vi.waitUntil(() => server.router.waiting() === 1);
    expect(server.router.queues()).toEqual([
      {
        engine: 'fake',
        model: 'fake-model',
        task: 'generate',
        slots: 1,
        active: 1,
        waiting: [{ keyId: server.keyId, place: 1, of: 1, estimateMs: null, waitedMs: 0 }],
      },
    ]);
    time.advance(10_000);
    const response = await second;
    expect(response.headers.get('x-inglenook-queue-place')).toBe('1');
    expect(response.headers.get('x-inglenook-queue-estimate-ms')).toBeNull();
    held.open();
    expect(await response.text()).toContain(
      ': waiting for a free place at the model fake-model: number 1 of 1\n\n',
    );
    await (await first).text();
  });

  it.each([
    [1, ': number 2 of 3, about 1 s'],
    [61_000, ': number 2 of 3, about 61 s'],
    [90_000, ': number 2 of 3, about 2 min'],
    [null, ': number 2 of 3'],
  ])('%s ms are told as “%s”', (estimateMs, told) => {
    const route: Route = {
      servedModel: null,
      engine: null,
      tried: ['m'],
      queueMs: 0,
      loadMs: 0,
      waitsFor: 'place',
      standing: () => ({ place: 2, of: 3, estimateMs }),
    };
    expect(describeWaiting(route, [])).toBe(`waiting for a free place at the model m${told}`);
  });
});
