import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spanIds } from '../../../server/out/otlp/span.ts';
import { Undelivered } from '../../../server/out/receiver.ts';
import { ok, startCollector } from './collector.ts';
import { readProtobuf, throughProtobuf, type DecodedSpan } from './otlp-protobuf.ts';
import { never, receiver, sent } from './otlp-receiver.ts';
import { freshRow, fullRow } from './rows.ts';

describe('a request as a span', () => {
  it('arrives in protobuf’s world with the conventions’ names and types', async () => {
    const row = fullRow();
    const { spans, resource, scope } = await sent([row]);
    expect([resource, scope]).toEqual([
      { 'service.name': 'inglenook', 'service.version': '0.1.0', 'host.name': expect.any(String) },
      'inglenook',
    ]);
    const startNs = BigInt(Date.parse(row.time)) * 1_000_000n;
    expect(spans).toEqual([
      {
        traceId: row.id.slice(4),
        spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
        name: 'chat office',
        kind: 3,
        startTimeUnixNano: String(startNs),
        endTimeUnixNano: String(startNs + 80_300_000n),
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.provider.name': 'fake',
          'gen_ai.request.model': 'office',
          'gen_ai.response.model': 'fake-model',
          'gen_ai.response.id': row.id,
          'gen_ai.response.finish_reasons': ['stop'],
          'gen_ai.usage.input_tokens': '120n',
          'gen_ai.usage.output_tokens': '40n',
          'gen_ai.usage.cache_read.input_tokens': '100n',
          'http.route': '/v1/chat/completions',
          'http.response.status_code': '200n',
          'user_agent.original': 'OpenAI/JS 7',
          'client.address': '192.168.0.7',
          'user.id': 'visitor-7',
          'server.address': expect.any(String),
          'server.port': '11500n',
          'inglenook.status': 'ok',
          'inglenook.key': 'Anna’s laptop',
          'inglenook.team': 'Web',
          'inglenook.device': 'laptop',
          'inglenook.engine': 'fake',
          'inglenook.tried': ['other', 'fake-model'],
          'inglenook.left_office': 'cloud',
          'inglenook.queue_ms': 1.5,
          'inglenook.load_ms': 2.5,
          'inglenook.prefill_ms': 8.5,
          'inglenook.decode_ms': 67.8,
          'inglenook.first_token_ms': 12.5,
          'inglenook.cost': 0.001234567,
          'inglenook.client_request_id': 'mine-1',
          'inglenook.label.project': 'site',
        },
        events: [{ name: 'first token', timeUnixNano: String(startNs + 12_500_000n) }],
        status: { code: 0, message: '' },
      },
    ]);
  });

  it('is what OpenTelemetry’s own library writes of the same span, in JSON and in protobuf', async () => {
    const { spans } = await sent([
      fullRow({ status: 'error', httpStatus: 502, error: 'upstream_gone: It has gone.' }),
    ]);
    const [span] = spans;
    if (span === undefined) throw new Error('no span');
    const theirs = [asTheirs(span)] as unknown as Parameters<
      typeof ProtobufTraceSerializer.serializeRequest
    >[0];
    const bytes = ProtobufTraceSerializer.serializeRequest(theirs) ?? new Uint8Array();
    expect(readProtobuf(bytes)[0]?.spans).toEqual([span]);
    const json = JSON.parse(Buffer.from(JsonTraceSerializer.serializeRequest(theirs) ?? []).toString()) as {
      resourceSpans: { scopeSpans: { spans: object[] }[] }[];
    };
    const collector = await startCollector();
    await receiver(`${collector.url}/v1/traces`).send([fullRow()], never);
    const ours = JSON.parse(collector.received[0]?.body ?? '') as typeof json;
    const known = Object.keys(json.resourceSpans[0]?.scopeSpans[0]?.spans[0] ?? {});
    expect(known).toEqual(
      expect.arrayContaining(Object.keys(ours.resourceSpans[0]?.scopeSpans[0]?.spans[0] ?? {})),
    );
  });

  it.each([
    ['error', 'engine_crashed: It has crashed.', 500, { code: 2, type: 'engine_crashed' }],
    ['refused', 'insufficient_quota: The budget is spent.', 429, { code: 2, type: 'insufficient_quota' }],
    ['error', null, 500, { code: 2, type: '500' }],
    ['cancelled', null, 499, { code: 0, type: 'cancelled' }],
    ['ok', null, 200, { code: 0, type: undefined }],
  ] as const)('%s (%s) tells its kind of error', async (status, error, httpStatus, { code, type }) => {
    const { spans } = await sent([freshRow({ status, error, httpStatus, firstTokenMs: null })]);
    expect([spans[0]?.status.code, spans[0]?.attributes['error.type'], spans[0]?.events]).toEqual([
      code,
      type,
      [],
    ]);
  });

  it('tells nobody’s name where people are left out', async () => {
    const { spans } = await sent([fullRow()], { people: false });
    expect(JSON.stringify(spans)).not.toMatch(/Anna|visitor-7|laptop|192\.168|OpenAI|mine-1|site/);
    expect(spans[0]?.attributes['inglenook.team']).toBe('Web');
  });

  it('survives every text a client can send', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 }).map((wild) => `${wild}\ud800\0`);
    await fc.assert(
      fc.asyncProperty(text, fc.nat(), async (wild, tokens) => {
        const row = fullRow({
          model: wild,
          client: wild,
          error: wild,
          promptTokens: tokens,
          labels: { [wild]: wild },
        });
        const { spans } = await sent([row]);
        expect(spans[0]?.attributes['gen_ai.request.model']).toBe(wild.toWellFormed());
      }),
      { numRuns: 15 },
    );
  });

  it('has the same ids whenever it is sent, and no other has them', () => {
    const ids = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.stringMatching(/^req_[0-9a-f]{32}$/),
      fc.constant(`req_${'0'.repeat(32)}`),
    );
    fc.assert(
      fc.property(ids, ids, (one, two) => {
        const { traceId, spanId } = spanIds(one);
        expect([traceId, spanId]).toEqual([
          expect.stringMatching(/^[0-9a-f]{32}$/),
          expect.stringMatching(/^[0-9a-f]{16}$/),
        ]);
        expect(traceId).not.toMatch(/^0+$/);
        expect(spanIds(one)).toEqual({ traceId, spanId });
        if (one !== two) expect(spanIds(two).spanId).not.toBe(spanId);
      }),
    );
  });
});

describe('Langfuse', () => {
  it('is shown its pair of keys and told user, level and when the answer began', async () => {
    const collector = await startCollector();
    const row = fullRow({ status: 'error', error: 'upstream_gone: It has gone.' });
    await receiver(`${collector.url}/api/public/otel/v1/traces`, { kind: 'langfuse' }).send([row], never);
    const [call] = collector.received;
    expect([call?.path, call?.headers.authorization, call?.headers['x-token']]).toEqual([
      '/api/public/otel/v1/traces',
      `Basic ${Buffer.from('pk-lf-1:sk-lf-2').toString('base64')}`,
      undefined,
    ]);
    const [batch] = throughProtobuf(JSON.parse(call?.body ?? ''));
    expect(batch?.spans[0]?.attributes).toMatchObject({
      'langfuse.user.id': 'visitor-7',
      'langfuse.trace.name': '/v1/chat/completions',
      'langfuse.trace.tags': ['Web', 'laptop'],
      'langfuse.observation.type': 'generation',
      'langfuse.observation.level': 'ERROR',
      'langfuse.observation.status_message': 'upstream_gone: It has gone.',
      'langfuse.observation.usage_details': '{"input":20,"input_cached_tokens":100,"output":40}',
      'langfuse.observation.completion_start_time': JSON.stringify(
        new Date(Date.parse(row.time) + 12.5).toISOString(),
      ),
    });
  });
});

describe('what a receiver answers', () => {
  it('sends its headers and takes a partial success for what it is', async () => {
    const collector = await startCollector((response) => {
      response.end('{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}');
    });
    const receipt = await receiver(`${collector.url}/v1/traces`).send(
      [freshRow(), freshRow(), freshRow()],
      never,
    );
    expect([receipt, collector.received[0]?.headers['x-token']]).toEqual([
      { refused: 2, reason: 'too old' },
      'secret-1',
    ]);
  });

  it.each([
    [401, {}, { blame: 'way', retryAfterMs: null, message: /keys or headers/ }],
    [400, {}, { blame: 'rows', retryAfterMs: null, message: /does not take/ }],
    [413, {}, { blame: 'rows', retryAfterMs: null, message: /does not take/ }],
    [404, {}, { blame: 'way', retryAfterMs: null, message: /address right/ }],
    [
      307,
      { location: 'http://127.0.0.1:1/elsewhere' },
      { blame: 'way', retryAfterMs: null, message: /another address/ },
    ],
    [503, { 'retry-after': '30' }, { blame: 'way', retryAfterMs: 30_000, message: /just now/ }],
    [429, { 'retry-after': '999999' }, { blame: 'way', retryAfterMs: 3_600_000, message: /just now/ }],
  ] as const)('%s is told in words', async (status, headers, { blame, retryAfterMs, message }) => {
    const collector = await startCollector((response) => void response.writeHead(status, headers).end('no'));
    const failure = await receiver(`${collector.url}/v1/traces`)
      .send([freshRow()], never)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Undelivered);
    expect(failure).toMatchObject({ blame, retryAfterMs, message: expect.stringMatching(message) });
    expect(collector.received).toHaveLength(1);
  });

  it('that breaks off, is not there, or may not be reached is told, too', async () => {
    const breaking = await startCollector((response) => void response.destroy());
    const gone = await startCollector(ok);
    const failures = [
      receiver(`${breaking.url}/v1/traces`),
      receiver('http://127.0.0.1:1/v1/traces'),
      receiver('http://169.254.169.254/v1/traces'),
      receiver('http://192.0.2.1/v1/traces'),
    ].map(async (one) => await one.send([freshRow()], never).catch((error: unknown) => String(error)));
    expect(gone.received).toEqual([]);
    expect(await Promise.all(failures)).toEqual([
      expect.stringContaining('broke off'),
      expect.stringContaining('Nothing answers'),
      expect.stringContaining('may not be sent to'),
      expect.stringContaining('may not be sent to'),
    ]);
  });
});

/** The span as OpenTelemetry's SDK holds it: kinds begin at 0, times are pairs, integers are plain numbers. */
function asTheirs(span: DecodedSpan): object {
  const time = (nanos: string): [number, number] => [
    Number(BigInt(nanos) / 1_000_000_000n),
    Number(BigInt(nanos) % 1_000_000_000n),
  ];
  const plain = (value: unknown): unknown =>
    typeof value === 'string' && /^\d+n$/u.test(value) ? Number(value.slice(0, -1)) : value;
  return {
    name: span.name,
    kind: span.kind - 1,
    spanContext: () => ({ traceId: span.traceId, spanId: span.spanId, traceFlags: 1 }),
    startTime: time(span.startTimeUnixNano),
    endTime: time(span.endTimeUnixNano),
    attributes: Object.fromEntries(
      Object.entries(span.attributes).map(([key, value]) => [key, plain(value)]),
    ),
    events: span.events.map(({ name, timeUnixNano }) => ({ name, time: time(timeUnixNano) })),
    links: [],
    status: span.status,
    resource: { attributes: { 'service.name': 'inglenook' } },
    instrumentationScope: { name: 'inglenook' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}
