import fastCheck, { type Arbitrary } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostileValue, schemaArbitrary } from '../../fakes/schema-arbitrary.ts';
import { vendorErrors, vendorSchemas } from '../../fakes/vendor-schemas.ts';
import { startTestServer, type TestServer } from './harness.ts';

/**
 * Requests drawn from the vendor's own schemas, then bent: whatever comes, the answer is no 5xx and, where it is an
 * error, JSON of the right shape. The harness checks every good answer as well. fast-check prints seed and path of
 * what fails; put them into `settings` to see it again.
 */
const settings = { numRuns: 150, endOnFailure: true } as const;

const operations = [
  ['/v1/chat/completions', 'CreateChatCompletionRequest'],
  ['/v1/completions', 'CreateCompletionRequest'],
  ['/v1/embeddings', 'CreateEmbeddingRequest'],
  ['/v1/responses', 'CreateResponse'],
  ['/v1/responses/input_tokens', 'TokenCountsBody'],
] as const;

type Body = Readonly<Record<string, unknown>>;

/** As drawn; with our model, so that it goes further than "no such model"; and with something hostile put in. */
function bodies(schema: string): Arbitrary<unknown> {
  const drawn = schemaArbitrary({ $ref: `#/components/schemas/${schema}` }, vendorSchemas());
  const known = drawn.map((body) => ({ ...(body as Body), model: 'fake-model' }));
  const bent = fastCheck
    .tuple(known, fastCheck.nat(), hostileValue)
    .map(([body, place, value]) => bend(body, place, value));
  return fastCheck.oneof(
    { weight: 1, arbitrary: drawn },
    { weight: 4, arbitrary: known },
    { weight: 4, arbitrary: bent },
    { weight: 1, arbitrary: hostileValue },
  );
}

/** One of its fields, at any depth, becomes the value. */
function bend(body: Body, place: number, value: unknown): unknown {
  const places: (readonly [object, string])[] = [];
  const walk = (inside: unknown): void => {
    if (typeof inside !== 'object' || inside === null) return;
    for (const key of Object.keys(inside)) {
      places.push([inside, key]);
      walk((inside as Body)[key]);
    }
  };
  const copy = structuredClone(body);
  walk(copy);
  const [owner, key] = places[place % Math.max(places.length, 1)] ?? [copy, 'model'];
  Object.assign(owner, { [key]: value });
  return copy;
}

function judge(server: TestServer, path: string, body: unknown): Promise<void> {
  return judgeAnswer(server, path, { method: 'POST', body: JSON.stringify(body) });
}

async function judgeAnswer(server: TestServer, path: string, init: RequestInit): Promise<void> {
  const response = await fetch(server.url + path, {
    ...init,
    headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
    // What is never answered is a failure too, and says which request it was.
    signal: AbortSignal.timeout(5000),
  });
  const text = await response.text();
  expect(response.status, text).toBeLessThan(500);
  if (response.status < 400) return;
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  expect(vendorErrors('ErrorResponse', JSON.parse(text)), text).toEqual([]);
}

describe('any request', () => {
  test.each(operations)(
    'to %s is answered, or refused in JSON',
    async (path, schema) => {
      const server = await startTestServer();
      await fastCheck.assert(
        fastCheck.asyncProperty(bodies(schema), (body) => judge(server, path, body)),
        settings,
      );
    },
    20_000,
  );

  test.each([
    ['GET', '/v1/models/', ''],
    ['GET', '/v1/responses/', ''],
    ['GET', '/v1/responses/', '/input_items'],
    ['DELETE', '/v1/responses/', ''],
    ['POST', '/v1/responses/', '/cancel'],
  ])(
    'of %s %s…%s with any id and query is answered, or refused in JSON',
    async (method, before, after) => {
      const server = await startTestServer();
      const { id } = (await (
        await fetch(`${server.url}/v1/responses`, {
          method: 'POST',
          headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
          body: JSON.stringify({ model: 'fake-model', input: 'Hi' }),
        })
      ).json()) as { id: string };
      const word = fastCheck.oneof(fastCheck.string({ unit: 'binary' }), fastCheck.webQueryParameters());
      const ids = fastCheck.oneof(fastCheck.constant(id), fastCheck.constant('fake-model'), word);
      const names = fastCheck.constantFrom(
        'limit',
        'order',
        'after',
        'include[]',
        'stream',
        'starting_after',
      );
      const queries = fastCheck.array(fastCheck.tuple(names, word), { maxLength: 3 });
      await fastCheck.assert(
        fastCheck.asyncProperty(ids, queries, async (text, query) => {
          const search = new URLSearchParams(query);
          // A lone dot would climb in the address itself, before it is sent.
          const place = encodeURIComponent(text.toWellFormed()).replaceAll('.', '%2E');
          if (place === '') return;
          const path = `${before}${place}${after}?${search.toString()}`;
          await judgeAnswer(server, path, { method });
        }),
        settings,
      );
    },
    20_000,
  );

  test('of the schemas alone is mostly accepted, so the others are no accident', async () => {
    const server = await startTestServer();
    const body = fastCheck.sample(
      schemaArbitrary({ $ref: '#/components/schemas/CreateEmbeddingRequest' }, vendorSchemas()),
      { numRuns: 20, seed: 1 },
    );
    for (const one of body) expect(vendorErrors('CreateEmbeddingRequest', one)).toEqual([]);
    await judge(server, '/v1/embeddings', body[0]);
  });
});

const user = (content: unknown) => ({ model: 'fake-model', messages: [{ role: 'user', content }] });

describe('what is odd is the client’s mistake', () => {
  test.each<[string, string, unknown]>([
    ['a model without a name', '/v1/chat/completions', { ...user('Hi'), model: '' }],
    ['a model that climbs', '/v1/chat/completions', { ...user('Hi'), model: '../../etc/passwd' }],
    ['a model of an object', '/v1/embeddings', { model: { $ne: null }, input: 'a' }],
    ['a model of a prototype', '/v1/completions', { model: '__proto__', prompt: 'a' }],
    ['a model with a null in it', '/v1/completions', { model: 'a\u0000b', prompt: 'a' }],
    ['half a character', '/v1/chat/completions', { ...user('Hi'), model: '\uD800' }],
    ['no messages', '/v1/chat/completions', { model: 'fake-model', messages: [] }],
    ['an empty input', '/v1/embeddings', { model: 'fake-model', input: '' }],
    ['an empty list', '/v1/embeddings', { model: 'fake-model', input: [] }],
    ['a list of an empty one', '/v1/embeddings', { model: 'fake-model', input: [[]] }],
    ['an empty prompt list', '/v1/completions', { model: 'fake-model', prompt: [] }],
    ['an input that is nothing', '/v1/responses', { model: 'fake-model', input: [] }],
    ['too many answers', '/v1/chat/completions', { ...user('Hi'), n: 1000 }],
    [
      'a picture from this computer',
      '/v1/chat/completions',
      user([{ type: 'image_url', image_url: { url: 'file:///etc/passwd' } }]),
    ],
    [
      'a picture that is none',
      '/v1/chat/completions',
      user([{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }]),
    ],
    ['sound without sound', '/v1/chat/completions', user([{ type: 'input_audio' }])],
  ])('%s', async (_name, path, body) => {
    const server = await startTestServer();
    const response = await fetch(server.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    expect(vendorErrors('ErrorResponse', await response.json())).toEqual([]);
    expect(server.engine.seen.requests).toEqual([]);
  });
});
