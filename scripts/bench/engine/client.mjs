// One client for our server and for rivals: streamed chat completions, timed piece by piece.
import { Agent, request } from 'undici';

/** @typedef {{ url: string, key: string, model: string }} Target */

const agent = new Agent({ connections: 64, headersTimeout: 300_000, bodyTimeout: 300_000 });

/**
 * @param {Target} target
 * @param {string} text
 * @param {import('./arms.mjs').AskOptions} options
 * @returns {Promise<import('./measures.mjs').Stream>}
 */
export async function streamChat({ url, key, model }, text, { maxTokens, signal, onPiece }) {
  const askedMs = performance.now();
  const { statusCode, body } = await request(`${url}/chat/completions`, {
    method: 'POST',
    dispatcher: agent,
    ...(signal === undefined ? {} : { signal }),
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model,
      messages: [{ role: 'user', content: text }],
      max_tokens: maxTokens,
      temperature: 0.8,
      stream: true,
      stream_options: { include_usage: true },
      ignore_eos: true,
    }),
  });
  if (statusCode !== 200) throw new Error(`${url}: ${statusCode} ${(await body.text()).slice(0, 500)}`);
  /** @type {import('./measures.mjs').Piece[]} */
  const pieces = [];
  let completionTokens = 0;
  let rest = '';
  body.setEncoding('utf8');
  for await (const chunk of body) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.startsWith('data: {')) continue;
      const frame = JSON.parse(line.slice(6));
      completionTokens = frame.usage?.completion_tokens ?? completionTokens;
      const delta = frame.choices?.[0]?.delta;
      if (!delta?.content && !delta?.reasoning_content) continue;
      pieces.push({ atMs: performance.now(), tokens: 1 });
      onPiece?.();
    }
  }
  // A frame may hold several tokens; how many there were in all is told at the end.
  const each = completionTokens > 0 && pieces.length > 0 ? completionTokens / pieces.length : 1;
  return { askedMs, pieces: pieces.map(({ atMs }) => ({ atMs, tokens: each })) };
}
