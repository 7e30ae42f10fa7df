// A server that speaks OpenAI's language with fixed answers at once, after a time, or word by word; a process of its own.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answers, textOf, wordAt } from './mock-answers.mjs';
import { answerMeasures } from './measured.mjs';

/** Frames that are written together where nothing waits between them, as a fast engine's are on their way. */
const together = 32;

const usage = { prompt_tokens: 40, completion_tokens: 16, total_tokens: 56 };
const head = { id: 'chatcmpl-8a1f0c', created: 1_795_000_000, system_fingerprint: 'fp_44709d6fcb' };

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    const data = Object.keys(answers).map((id) => ({ id, object: 'model', created: head.created }));
    return sendJson(response, JSON.stringify({ object: 'list', data }));
  }
  /** @type {Buffer[]} */
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    answer(JSON.parse(Buffer.concat(chunks).toString()), response).catch(() => response.destroy());
  });
});
server.keepAliveTimeout = 60_000;
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', 4096, () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  answerMeasures(`http://127.0.0.1:${port}`, {
    stop: async () => server.closeAllConnections(),
  });
});

/** @type {Map<string, string>} */
const wholes = new Map();
/** @type {Map<string, Buffer[]>} By model: the opening frame and all words, in pieces of `together`. */
const pieces = new Map();

/**
 * @param {{ model: string, stream?: boolean, stream_options?: { include_usage?: boolean } }} body
 * @param {import('node:http').ServerResponse} response
 */
async function answer({ model, stream = false, stream_options: wishes }, response) {
  const said = answers[model];
  if (said === undefined) return sendJson(response, '{"error":{"message":"no such model"}}', 404);
  if (said.firstMs > 0) await sleep(said.firstMs);
  if (!stream) return sendJson(response, wholeOf(model, said.frames));
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  response.socket?.setNoDelay(true);
  const end = endFrames(model, wishes?.include_usage === true);
  if (said.everyMs > 0) await speakSlowly(response, model, said);
  else {
    const [first = Buffer.alloc(0), ...more] = piecesOf(model, said.frames);
    // A short answer leaves in one piece.
    if (more.length === 0) return void response.end(first.toString() + end);
    response.write(first);
    for (const piece of more) {
      if (!response.write(piece)) await once(response, 'drain');
      else await new Promise(setImmediate);
      if (response.destroyed) return;
    }
  }
  response.end(end);
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {string} model
 * @param {import('./mock-answers.mjs').Answer} said
 */
async function speakSlowly(response, model, { frames, everyMs }) {
  response.write(frame(model, { role: 'assistant', content: '' }));
  const beganMs = performance.now();
  for (let index = 0; index < frames && !response.destroyed; index += 1) {
    response.write(frame(model, { content: wordAt(index) }));
    // By the clock, so that late ones do not add up.
    await sleep(Math.max(0, beganMs + (index + 1) * everyMs - performance.now()));
  }
}

/**
 * @param {string} model
 * @param {number} frames
 */
function piecesOf(model, frames) {
  const known = pieces.get(model);
  if (known !== undefined) return known;
  /** @type {Buffer[]} */
  const made = [];
  for (let from = 0; from < frames; from += together) {
    let piece = from === 0 ? frame(model, { role: 'assistant', content: '' }) : '';
    for (let index = from; index < Math.min(frames, from + together); index += 1)
      piece += frame(model, { content: wordAt(index) });
    made.push(Buffer.from(piece));
  }
  pieces.set(model, made);
  return made;
}

/**
 * @param {string} model
 * @param {number} frames
 */
function wholeOf(model, frames) {
  const known = wholes.get(model);
  if (known !== undefined) return known;
  const message = { role: 'assistant', content: textOf(frames), refusal: null };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: 'stop' }];
  const whole = JSON.stringify({ ...head, object: 'chat.completion', model, choices, usage });
  wholes.set(model, whole);
  return whole;
}

/**
 * @param {string} model
 * @param {object} delta
 * @param {string | null} reason
 */
function frame(model, delta, reason = null) {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: reason }];
  return `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', model, choices })}\n\n`;
}

/**
 * @param {string} model
 * @param {boolean} withUsage
 */
function endFrames(model, withUsage) {
  const last = { ...head, object: 'chat.completion.chunk', model, choices: [], usage };
  return `${frame(model, {}, 'stop')}${withUsage ? `data: ${JSON.stringify(last)}\n\n` : ''}data: [DONE]\n\n`;
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {string} text
 */
function sendJson(response, text, status = 200) {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
