import { expect } from 'vitest';

/** The text of a streamed answer by the starter model. */
export async function firstAnswer(url: string, key: string): Promise<string> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'smollm2-135m-instruct',
      messages: [{ role: 'user', content: 'Say hello.' }],
      max_tokens: 8,
      stream: true,
    }),
  });
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    expect.stringContaining('text/event-stream'),
  ]);
  const frames = (await response.text()).split('\n').filter((line) => line.startsWith('data: {'));
  return frames
    .map((line) => JSON.parse(line.slice('data: '.length)) as Chunk)
    .map(({ choices }) => choices[0]?.delta.content ?? '')
    .join('');
}

type Chunk = { readonly choices: readonly { readonly delta: { readonly content?: string | null } }[] };
