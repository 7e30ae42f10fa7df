// What came of a stream, looked at once it is over, so that looking costs nobody time.
import { createHash } from 'node:crypto';
import { answers, textOf } from './mock-answers.mjs';

/** @type {Map<string, string>} */
const hashes = new Map();

/**
 * How many frames bore text.
 * @param {readonly Buffer[]} chunks
 * @param {string} model
 * @throws Error where it is not, frame for frame and letter for letter, what the mock has said
 */
export function countFrames(chunks, model) {
  const said = answers[model];
  if (said === undefined) throw new Error(`The mock has no ${model}.`);
  const frames = Buffer.concat(chunks).toString('utf8').split('\n\n');
  const texts = frames.flatMap((frame) => textIn(frame));
  if (texts.length !== said.frames) throw new Error(`${texts.length} frames came of ${said.frames}.`);
  const hash = hashes.get(model) ?? sha256(textOf(said.frames));
  hashes.set(model, hash);
  if (sha256(texts.join('')) !== hash) throw new Error('The text is not what the mock has said.');
  if (frames.at(-2) !== 'data: [DONE]') throw new Error('A stream was cut short.');
  return texts.length;
}

/**
 * @param {string} frame
 * @returns {string[]}
 */
function textIn(frame) {
  if (!frame.startsWith('data: {')) return [];
  /** @type {{ choices: { delta?: { content?: string | null } }[] }} */
  const { choices } = JSON.parse(frame.slice('data: '.length));
  const text = choices[0]?.delta?.content ?? '';
  return text === '' ? [] : [text];
}

/** @param {string} text */
function sha256(text) {
  return createHash('sha256').update(text).digest('hex');
}
