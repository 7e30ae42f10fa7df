import { expect, it } from 'vitest';
import { parseMetrics } from './metrics-text.ts';
import { throughProtobuf } from './otlp-protobuf.ts';

/** A batch with one span that has these fields. */
function batch(span: object): object {
  return { resourceSpans: [{ resource: {}, scopeSpans: [{ scope: { name: 'a' }, spans: [span] }] }] };
}

const good = {
  traceId: 'ab',
  spanId: 'cd',
  name: 'n',
  kind: 3,
  startTimeUnixNano: '1',
  endTimeUnixNano: '2',
};

it('the judge of OTLP takes a good span', () => {
  expect(throughProtobuf(batch(good))[0]?.spans[0]).toMatchObject({ traceId: 'ab', startTimeUnixNano: '1' });
});

it.each([
  ['an unknown field', { ...good, parent: 'x' }],
  ['a field in protobuf’s own spelling', { ...good, trace_id: 'ab' }],
  ['an id in base64', { ...good, traceId: 'q80=' }],
  ['a time as a number', { ...good, startTimeUnixNano: 1 }],
  ['an integer as a number', { ...good, attributes: [{ key: 'a', value: { intValue: 1 } }] }],
  ['a kind by name', { ...good, kind: 'SPAN_KIND_CLIENT' }],
  [
    'an attribute twice',
    {
      ...good,
      attributes: [
        { key: 'a', value: {} },
        { key: 'a', value: {} },
      ],
    },
  ],
  [
    'a value of two kinds',
    { ...good, attributes: [{ key: 'a', value: { stringValue: 'x', boolValue: true } }] },
  ],
  ['one thing in place of a list', { ...good, attributes: { key: 'a', value: {} } }],
])('the judge of OTLP refuses %s', (_what, span) => {
  expect(() => throughProtobuf(batch(span))).toThrow();
});

const head = '# HELP a_total What it is.\n# TYPE a_total counter\n';

it('the judge of metrics takes good text', () => {
  expect(parseMetrics(`${head}a_total{x="1\\n\\"",y="b"} 2\n`)).toEqual([
    { name: 'a_total', labels: { x: '1\n"', y: 'b' }, value: 2 },
  ]);
});

it.each([
  ['a last line without an end', `${head}a_total 1`],
  ['a sample without a type', 'a_total 1\n'],
  ['a sample twice', `${head}a_total 1\na_total 1\n`],
  ['the same labels in another order', `${head}a_total{x="1",y="2"} 1\na_total{y="2",x="1"} 1\n`],
  ['a label twice', `${head}a_total{x="1",x="2"} 1\n`],
  ['an unknown escape', `${head}a_total{x="\\t"} 1\n`],
  ['a value that is no number', `${head}a_total Nan\n`],
  ['a family in pieces', `${head}a_total 1\n# TYPE b gauge\nb 1\n# HELP a_total Again.\n`],
  [
    'buckets that fall',
    '# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
  ],
  ['buckets without an end', '# TYPE h histogram\nh_bucket{le="1"} 1\nh_sum 1\nh_count 1\n'],
  ['a count that is not the last bucket', '# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 2\n'],
])('the judge of metrics refuses %s', (_what, text) => {
  expect(() => parseMetrics(text)).toThrow();
});
