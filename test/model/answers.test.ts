import OpenAI from 'openai';
import OpenAI6 from 'openai-6';
import { describe, expect, test } from 'vitest';
import { startServer } from './running-server.ts';

const model = 'smollm2-135m-instruct';
const command = ['node', 'server/main.ts'] as const;

async function startClients() {
  const server = await startServer({ command });
  const apiKey = await server.cli('key', 'create', '--name', 'laptop');
  const options = { baseURL: `${server.url}/v1`, apiKey, maxRetries: 0 };
  return { server, client: new OpenAI(options), client6: new OpenAI6(options) as unknown as OpenAI };
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, number, index) => sum + number * (b[index] ?? 0), 0);

describe('embeddings with the starter model', () => {
  test('what is alike lies close, through both SDKs, in both encodings', async () => {
    const { server, client, client6 } = await startClients();
    const input = [
      'The cat sits on the mat.',
      'A cat is sitting on a rug.',
      'Interest rates rose by two percent.',
    ];
    const answer = await client.embeddings.create({ model, input });
    const vectors = answer.data.map(({ embedding }) => embedding);
    const [cat = [], rug = [], money = []] = vectors;
    expect(answer.data.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(vectors.map((vector) => Math.hypot(...vector))).toEqual(
      [1, 1, 1].map((one) => expect.closeTo(one, 5) as unknown),
    );
    expect(dot(cat, rug)).toBeGreaterThan(dot(cat, money) + 0.02);
    expect(answer.usage.total_tokens).toBeGreaterThan(15);

    // The SDKs ask for base64 unless told otherwise, and decode it.
    const asFloat = await client6.embeddings.create({ model, input, encoding_format: 'float' });
    const asBase64 = await client6.embeddings.create({ model, input });
    expect(asBase64.data[0]?.embedding).toHaveLength(576);
    for (const [index, { embedding }] of asBase64.data.entries()) {
      expect(embedding).toEqual(asFloat.data[index]?.embedding);
      expect(embedding).toEqual(vectors[index]);
    }
    await expect(client.embeddings.create({ model, input: 'word '.repeat(5000) })).rejects.toMatchObject({
      status: 400,
      code: 'context_length_exceeded',
    });
    await expect(client.embeddings.create({ model, input: [200_000] })).rejects.toThrow(
      /check_embedding_ctx_length=False/,
    );
    const ranking = await fetch(`${server.url}/v1/rerank`, {
      method: 'POST',
      headers: { authorization: `Bearer ${client.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, query: 'cats', documents: input }),
    });
    expect(ranking.status).toBe(400);
    expect(await ranking.text()).toContain('made for ranking');
    await server.stop();
  });
});

describe('several answers, seeds and probabilities with the starter model', () => {
  test('n differ and repeat with the seed; probabilities are plausible and do not change the answer', async () => {
    const { server, client } = await startClients();
    const ask = {
      model,
      messages: [{ role: 'user' as const, content: 'Tell me a story.' }],
      max_tokens: 16,
      seed: 7,
    };
    const texts = (answer: OpenAI.ChatCompletion) => answer.choices.map(({ message }) => message.content);
    const first = await client.chat.completions.create({ ...ask, n: 2 });
    const again = await client.chat.completions.create({ ...ask, n: 2 });
    expect(texts(again)).toEqual(texts(first));
    expect(new Set(texts(first)).size).toBe(2);
    expect(first.usage?.completion_tokens).toBe(32);

    const told = await client.chat.completions.create({ ...ask, logprobs: true, top_logprobs: 20 });
    expect(texts(told)[0]).toBe(texts(first)[0]);
    const tokens = told.choices[0]?.logprobs?.content ?? [];
    expect(tokens.map(({ token }) => token).join('')).toBe(texts(told)[0]);
    expect(tokens).toHaveLength(16);
    for (const { token, logprob, top_logprobs: top } of tokens) {
      expect(top).toHaveLength(20);
      const sorted = top.map((other) => other.logprob);
      expect(sorted).toEqual(sorted.toSorted((a, b) => b - a));
      const sum = sorted.reduce((total, one) => total + Math.exp(one), 0);
      expect(sum).toBeGreaterThan(0.1);
      expect(sum).toBeLessThanOrEqual(1.0001);
      const own = top.find((other) => other.token === token);
      if (own !== undefined) expect(logprob).toBe(own.logprob);
    }

    const streamed = await client.chat.completions.create({ ...ask, logprobs: true, stream: true });
    const pieces: number[] = [];
    for await (const chunk of streamed) {
      pieces.push(...(chunk.choices[0]?.logprobs?.content ?? []).map(({ logprob }) => logprob));
    }
    expect(pieces).toEqual(tokens.map(({ logprob }) => expect.closeTo(logprob, 3) as unknown));
    await server.stop();
  });

  test('completions go on from the prompt, a bias decides, the end can be ignored, and a gap is refused', async () => {
    const { server, client } = await startClients();
    const ask = { model, prompt: 'The capital of France is', temperature: 0, max_tokens: 4 };
    const plain = await client.completions.create({ ...ask, logprobs: 3, echo: false });
    expect(plain.choices[0]?.text).toContain('Paris');
    expect(plain.choices[0]?.logprobs?.tokens?.join('')).toBe(plain.choices[0]?.text);
    const echoed = await client.completions.create({ ...ask, echo: true });
    expect(echoed.choices[0]?.text).toBe(`${ask.prompt}${plain.choices[0]?.text}`);
    const tokens = { ...ask, prompt: [504, 3575, 282, 4649] };
    const [unsaid, said] = [
      (await client.completions.create(tokens)).choices[0]?.text ?? '',
      (await client.completions.create({ ...tokens, echo: true })).choices[0]?.text ?? '',
    ];
    expect([said.endsWith(unsaid), /^\w/.test(said), said.length > unsaid.length]).toEqual([
      true,
      true,
      true,
    ]);
    const two = await client.completions.create({ ...ask, prompt: [ask.prompt, 'One, two,'] });
    expect(two.choices.map(({ text }) => text)).toEqual([
      plain.choices[0]?.text,
      expect.stringContaining('three'),
    ]);

    // ' Paris' is one token of this model.
    const without = await client.completions.create({ ...ask, logit_bias: { 7042: -100 } });
    expect(without.choices[0]?.text).not.toContain('Paris');

    const ending = {
      ...ask,
      prompt: '<|im_start|>user\nSay yes.<|im_end|>\n<|im_start|>assistant\n',
      max_tokens: 60,
    };
    const ended = await client.completions.create(ending);
    expect(ended.choices[0]?.finish_reason).toBe('stop');
    const goesOn = { ...ending, ignore_eos: true } as typeof ending;
    expect(await client.completions.create(goesOn)).toMatchObject({
      choices: [{ finish_reason: 'length' }],
      usage: { completion_tokens: 60 },
    });

    await expect(client.completions.create({ ...ask, suffix: '.' })).rejects.toMatchObject({
      status: 400,
      param: 'suffix',
    });
    await server.stop();
  });
});
