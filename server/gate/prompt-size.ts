import type { GenerateRequest } from '../core/generate.ts';

/**
 * How many tokens a prompt may have, before any model has seen it: no token is less than a byte of its text, and usual
 * text has four bytes or more to a token.
 */
export type PromptSize = { readonly likely: number; readonly most: number };

export const noPrompt: PromptSize = { likely: 0, most: 0 };

/** What a model's template adds around each message, and once, at most; texts of its own included. */
const mostAround = { each: 16, once: 128 };
/** What models make of one image, roughly the most of those in use. */
const tokensOfMedia = 1_600;
const bytesOfToken = 4;

export function promptSize({ messages, raw, chat }: GenerateRequest): PromptSize {
  if (raw !== undefined) {
    return around([sizeOf(raw.prompt), sizeOf(raw.suffix ?? '')], 1);
  }
  const sizes: PromptSize[] = [];
  for (const { content, toolCalls, reasoning } of messages) {
    for (const part of content) sizes.push(part.type === 'text' ? sizeOf(part.text) : media);
    if (toolCalls !== undefined) for (const call of toolCalls) sizes.push(sizeOf(call.name + call.arguments));
    if (reasoning !== undefined) sizes.push(sizeOf(reasoning));
  }
  if (chat !== undefined && chat.tools.length > 0) sizes.push(sizeOf(JSON.stringify(chat.tools)));
  return around(sizes, messages.length);
}

/** Of a question's body: every text in it, and tokens given as numbers. A ranking reads its query with each document. */
export function questionSize(body: unknown): PromptSize {
  const texts = textsOf(body).map(sizeOf);
  const { query, documents }: { readonly query?: unknown; readonly documents?: unknown } = Object(body);
  const asked = sumSizes(textsOf(query).map(sizeOf));
  const times = Array.isArray(documents) ? documents.length : 0;
  const readAgain = { likely: asked.likely * times, most: asked.most * times };
  return around([...texts, readAgain], texts.length);
}

/** Of several prompts in one request. */
export function sumSizes(sizes: readonly PromptSize[]): PromptSize {
  const sum = { likely: 0, most: 0 };
  for (const { likely, most } of sizes) {
    sum.likely += likely;
    sum.most += most;
  }
  return sum;
}

function textsOf(value: unknown): (string | readonly number[])[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) {
    if (value.every((one) => typeof one === 'number')) return [value];
    return value.flatMap(textsOf);
  }
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

const media: PromptSize = { likely: tokensOfMedia, most: tokensOfMedia };

function sizeOf(text: string | readonly number[]): PromptSize {
  if (typeof text !== 'string') return { likely: text.length, most: text.length };
  const bytes = Buffer.byteLength(text);
  return { likely: Math.ceil(bytes / bytesOfToken), most: bytes };
}

function around(sizes: readonly PromptSize[], messages: number): PromptSize {
  const { likely, most } = sumSizes(sizes);
  return { likely, most: most + mostAround.once + mostAround.each * messages };
}
