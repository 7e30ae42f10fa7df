import type { BadgeReason, CheckPoint, VerdictCode } from '../wire/checks.ts';

/** What is said of a check, in English. The console says the same in other languages, by code and values. */

type Values = Readonly<Record<string, string | number>>;

const pointTitles: Readonly<Record<CheckPoint, string>> = {
  text: 'streamed text',
  tools: 'tools',
  'tools-stream': 'tools, streamed',
  'tools-parallel': 'several tools at once',
  'json-schema': 'JSON by a schema',
  responses: 'Responses API',
  'responses-tools': 'tools by the Responses API',
  messages: 'Messages API',
  'messages-tools': 'tools by the Messages API',
  embeddings: 'embeddings',
  'fill-middle': 'filling in the middle',
  'long-context': 'the whole context',
};

const verdicts: Readonly<Record<VerdictCode, string>> = {
  ok: 'Answered as tools expect it.',
  'context-held':
    'A prompt of {tokens} tokens arrived whole, of {context} that are served, and a longer one was not cut.',
  malformed: 'The answer does not have the form that tools need: {detail}.',
  refused: 'This is not done here: {message}',
  error: 'It failed with status {status}: {message}',
  broken: 'The connection broke before the answer was complete.',
  timeout: 'There was no whole answer within {seconds} seconds.',
  'no-call': 'It answered without calling the tool, although it had to.',
  'one-call': 'It calls one tool at a time: asked for two at once, it called one.',
  'made-for-embed': 'This model makes embeddings and writes no text.',
  'made-for-rerank': 'This model ranks documents and does nothing else.',
  'second-copy':
    'It would need a second copy of the model in memory. An embedding model does this better, in less of it.',
  busy: 'Other requests kept the model busy; people go first. Check again when it is quieter.',
  later: 'It could not be tried now: {message}',
  'context-unknown': 'The server behind this model does not tell how long a conversation may be.',
  'context-paid': 'Not tried: reading so much costs money where this model runs.',
  'context-slow': 'Not tried: reading {tokens} tokens would take about {minutes} min here.',
  'context-cut': 'Prompts are cut in silence: of {sent} tokens, {arrived} arrived.',
  'context-refused': 'A prompt of {tokens} tokens was refused, although {context} are served: {message}',
};

export function verdictSentence(code: VerdictCode, values: Values): string {
  return fill(verdicts[code], values);
}

const reasons: Readonly<Record<BadgeReason['code'], string>> = {
  context: 'needs {needs} context, has {has}',
  'point-failed': '{point} failed',
  'point-not-supported': '{point}: not possible with this model',
  'point-untested': '{point}: not tested yet',
  'context-untested': 'its whole context was not tried',
  'context-unknown': 'needs {needs} context; how much there is, is not known',
  slots: 'works best with {needs} requests at once, has {has}',
  'test-model': 'answers in the right form, but is a test model, not for work',
  'own-cloud': 'calls from its own cloud, so it also needs a public https name',
};

export function reasonSentence(code: BadgeReason['code'], values: Values): string {
  const { point } = values;
  const named = typeof point === 'string' && point in pointTitles;
  return fill(reasons[code], named ? { ...values, point: pointTitles[point as CheckPoint] } : values);
}

/** As people say it: 8192 and 8000 are both 8k. */
export function inThousands(tokens: number): string {
  if (tokens < 1000) return String(tokens);
  return `${Math.floor(tokens % 1024 === 0 ? tokens / 1024 : tokens / 1000)}k`;
}

function fill(pattern: string, values: Values): string {
  return pattern.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
