import { bodyOf, type ChatMessage, type Question } from './talk.ts';

export const snippetLanguages = ['curl', 'python', 'typescript'] as const;
export type SnippetLanguage = (typeof snippetLanguages)[number];

type Request = Omit<Question, 'as' | 'mayLeave'>;

/**
 * The same request as a program, with the key in the environment (`INGLENOOK_KEY`), so that nobody pastes one into a file.
 * @param baseUrl with `/v1`
 */
export function snippet(language: SnippetLanguage, baseUrl: string, request: Request): string {
  switch (language) {
    case 'curl':
      return curl(baseUrl, request);
    case 'python':
      return python(baseUrl, request);
    case 'typescript':
      return typescript(baseUrl, request);
    default:
      return language satisfies never;
  }
}

function curl(baseUrl: string, request: Request): string {
  const body = JSON.stringify(bodyOf({ ...request, as: null, mayLeave: false }), null, 2);
  return [
    `curl ${baseUrl}/chat/completions \\`,
    `  -H "Authorization: Bearer $INGLENOOK_KEY" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d ${shellQuoted(body)}`,
  ].join('\n');
}

/** POSIX shells take everything between single quotes as it is, but for the quote itself. */
function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function python(baseUrl: string, { model, messages, temperature, maxTokens }: Request): string {
  return [
    'import os',
    '',
    'from openai import OpenAI',
    '',
    `client = OpenAI(base_url=${quoted(baseUrl)}, api_key=os.environ["INGLENOOK_KEY"])`,
    'answer = client.chat.completions.create(',
    `    model=${quoted(model)},`,
    '    messages=[',
    ...messages.map((message) => `        ${pythonMessage(message)},`),
    '    ],',
    ...(temperature === null ? [] : [`    temperature=${temperature},`]),
    ...(maxTokens === null ? [] : [`    max_tokens=${maxTokens},`]),
    ')',
    'print(answer.choices[0].message.content)',
  ].join('\n');
}

function pythonMessage({ role, content }: ChatMessage): string {
  return `{"role": ${quoted(role)}, "content": ${quoted(content)}}`;
}

function typescript(baseUrl: string, { model, messages, temperature, maxTokens }: Request): string {
  return [
    `import OpenAI from 'openai';`,
    '',
    `const client = new OpenAI({ baseURL: ${quoted(baseUrl)}, apiKey: process.env['INGLENOOK_KEY'] });`,
    'const answer = await client.chat.completions.create({',
    `  model: ${quoted(model)},`,
    '  messages: [',
    ...messages.map(({ role, content }) => `    { role: ${quoted(role)}, content: ${quoted(content)} },`),
    '  ],',
    ...(temperature === null ? [] : [`  temperature: ${temperature},`]),
    ...(maxTokens === null ? [] : [`  max_tokens: ${maxTokens},`]),
    '});',
    'console.log(answer.choices[0]?.message.content);',
  ].join('\n');
}

/** A string of JSON is one of JavaScript and of Python, too, as long as no character is written in halves. */
function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed());
}
