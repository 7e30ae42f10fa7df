import { expect, test } from 'vitest';
import { startServer } from './running-server.ts';

/** security.md #25–27: an answer or a 400, never a dead process. */

const model = 'smollm2-135m-instruct';
const user = (content: unknown) => ({ messages: [{ role: 'user', content }], max_tokens: 3 });
const hi = user('Hi');
const many = <Value>(count: number, make: (index: number) => Value): Value[] =>
  Array.from({ length: count }, (_, index) => make(index));
const emoji = '😀'.repeat(1_000_000);
const biases = (count: number, value: number) => Object.fromEntries(many(count, (id) => [id, value]));

type Case = readonly [
  name: string,
  path: string,
  body: Record<string, unknown> | string,
  allowed: readonly number[],
];

const chat = '/v1/chat/completions';
const refused = [400, 413];
const either = [200, 400, 413];

const cases: readonly Case[] = [
  ['a million answers', chat, { ...hi, n: 1e6 }, refused],
  ...[-1, 1e12, '5', 1.5].map((value): Case => [
    `max_tokens ${value}`,
    chat,
    { ...hi, max_tokens: value, stop: [' ', 'e', 'a'] },
    either,
  ]),
  ['a number beyond all numbers', chat, JSON.stringify({ model, ...hi }).replace('":3', '":1e400'), refused],
  ['a temperature that is no number', chat, `{"model":"${model}","messages":[],"temperature":NaN}`, refused],
  ['a field of somebody else', chat, { ...hi, n_discard: -5, n_keep: -1, cache_prompt: 3 }, either],
  ['a top_k beyond all tokens', chat, { ...hi, top_k: 2 ** 53 }, refused],
  ['the largest top_k', chat, { ...hi, top_k: 10_000, logprobs: true }, either],
  [
    'a hundred thousand messages',
    chat,
    { messages: many(100_000, () => ({ role: 'user', content: 'a' })) },
    refused,
  ],
  ['ten megabytes in one message', chat, user('word '.repeat(2_000_000)), refused],
  ['half a character', chat, user('a\ud800b\udfff'), either],
  ['NUL', chat, user('a\0b\0'), either],
  ['a million emoji', chat, user(emoji), refused],
  ['control tokens by name', chat, user('<|im_end|><|im_start|>system\n<|endoftext|>'.repeat(20)), either],
  ['ten thousand stops', chat, { ...hi, stop: many(10_000, String) }, refused],
  ['empty and odd stops', chat, { ...hi, stop: ['', '\0', '\ud800', '\uFFFD'] }, either],
  ['a million biases', chat, { ...hi, logit_bias: biases(1_000_000, 1) }, refused],
  ['a bias on a token that is not there', chat, { ...hi, logit_bias: { 49_152: 1 } }, refused],
  ['a bias on no number', chat, { ...hi, logit_bias: { a: 1 } }, refused],
  ['a thousand forbidden tokens', chat, { ...hi, logit_bias: biases(1024, -100) }, either],
  ['a thousand wished tokens', chat, { ...hi, logit_bias: biases(1024, 100), temperature: 0 }, either],
  ['extreme sampling', chat, { ...hi, temperature: 2, top_p: 0, min_p: 1, presence_penalty: -2 }, either],
  ['a schema that is a loop', chat, { ...hi, response_format: loopSchema() }, either],
  ['a schema with a huge pattern', chat, { ...hi, response_format: patternSchema() }, refused],
  ['no JSON', chat, '{', refused],
  ['deep JSON', chat, '['.repeat(200_000), refused],
  ['a prompt of tokens that are not there', '/v1/completions', { prompt: [49_152, 1e6] }, refused],
  [
    'a prompt of all control tokens',
    '/v1/completions',
    { prompt: many(17, (id) => id), max_tokens: 3 },
    either,
  ],
  ['a prompt of too many tokens', '/v1/completions', { prompt: many(10_000, () => 5) }, refused],
  ['an empty prompt', '/v1/completions', { prompt: '' }, either],
  ['a prompt of emoji', '/v1/completions', { prompt: emoji }, refused],
  ['a hundred thousand texts', '/v1/embeddings', { input: many(100_000, () => 'a') }, refused],
  ['a text of emoji', '/v1/embeddings', { input: emoji }, refused],
  ['half a character to embed', '/v1/embeddings', { input: ['\ud800', '\0', ' '] }, either],
  ['control tokens to embed', '/v1/embeddings', { input: [[0, 1, 2], [17]] }, either],
  ['lists of lists of lists', '/v1/embeddings', { input: [[[1]]] }, refused],
  ['tokens of another model', '/v1/embeddings', { input: [[200_000]] }, refused],
  ['vectors of a thousand million', '/v1/embeddings', { input: 'a', dimensions: 1e9 }, refused],
  ['documents without end', '/v1/rerank', { query: 'a', documents: many(100_000, () => 'a') }, refused],
];

test('every bad request is answered or refused, and the engine lives on', async () => {
  const server = await startServer({ command: ['node', 'server/main.ts'] });
  const key = await server.cli('key', 'create', '--name', 'laptop');
  const ask = async (path: string, body: Record<string, unknown> | string): Promise<Response> => {
    const response = await fetch(server.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify({ model, ...body }),
      signal: AbortSignal.timeout(30_000),
    });
    await response.arrayBuffer();
    return response;
  };
  const outcomes: string[] = [];
  for (const [name, path, body, allowed] of cases) {
    const outcome = await ask(path, body).then(
      ({ status }) => (allowed.includes(status) ? 'as it should be' : `${status}`),
      (error: unknown) => String(error),
    );
    outcomes.push(`${name}: ${outcome}`);
  }
  expect(outcomes).toEqual(cases.map(([name]) => `${name}: as it should be`));
  expect((await ask(chat, hi)).status).toBe(200);
  const models: { id: string; crashes: number }[] = JSON.parse(await server.cli('model', 'list', '--json'));
  expect(models.find(({ id }) => id === model)).toMatchObject({ crashes: 0 });
  await server.stop();
}, 180_000);

function loopSchema(): unknown {
  const schema = { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } };
  return { type: 'json_schema', json_schema: { name: 'loop', strict: true, schema } };
}

function patternSchema(): unknown {
  const schema = { type: 'string', pattern: `^(${'(a|b)*'.repeat(50_000)})+$` };
  return { type: 'json_schema', json_schema: { name: 'huge', strict: true, schema } };
}
