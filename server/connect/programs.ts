import { step, type Settings, type Template } from './context.ts';
import { literal, shellWord, testModelComment } from './quote.ts';
import { authorityFile } from './trust.ts';

/** What one writes oneself. */

const program: Pick<Template, 'availability' | 'roles' | 'needsTokens' | 'notes'> = {
  roles: ['chat'],
  availability: 'ready',
  needsTokens: null,
  notes: [],
};

/** What every snippet asks, so that the first answer comes soon. */
const question = 'Say hello in one sentence.';

export const curlTemplate: Template = {
  ...program,
  id: 'curl',
  title: 'curl',
  kind: 'terminal',
  tested: 'curl 7.88.1',
  steps: (settings) => [step('curl.run', { snippet: { language: 'sh', text: curlCommand(settings) } })],
};

function curlCommand({ apiUrl, keyText, roles, isTestModel, trust }: Settings): string {
  const body = JSON.stringify({ model: roles.chat, messages: [{ role: 'user', content: question }] });
  return [
    `${testModelComment(isTestModel, '#')}curl ${shellWord(`${apiUrl}/chat/completions`)}`,
    ...(trust === null ? [] : [`--cacert ${authorityFile}`]),
    `-H ${shellWord(`Authorization: Bearer ${keyText}`)}`,
    `-H ${shellWord('Content-Type: application/json')}`,
    `-d ${shellWord(body)}\n`,
  ].join(' \\\n  ');
}

export const pythonTemplate: Template = {
  ...program,
  id: 'python',
  title: 'Python',
  kind: 'library',
  tested: 'openai 3.54.0 (Python)',
  steps: (settings) => [
    step('python.install', { snippet: { language: 'sh', text: 'pip install openai\n' } }),
    step('python.run', { snippet: { language: 'python', text: pythonProgram(settings) } }),
  ],
};

function pythonProgram({ apiUrl, keyText, roles, isTestModel }: Settings): string {
  return `${testModelComment(isTestModel, '#')}from openai import OpenAI

client = OpenAI(base_url=${literal(apiUrl)}, api_key=${literal(keyText)})
answer = client.chat.completions.create(
    model=${literal(roles.chat)},
    messages=[{"role": "user", "content": ${literal(question)}}],
)
print(answer.choices[0].message.content)
`;
}

export const typescriptTemplate: Template = {
  ...program,
  id: 'typescript',
  title: 'TypeScript',
  kind: 'library',
  tested: 'openai 7.57.0 (npm)',
  steps: (settings) => [
    step('typescript.install', { snippet: { language: 'sh', text: 'npm install openai\n' } }),
    step('typescript.run', { snippet: { language: 'typescript', text: typescriptProgram(settings) } }),
  ],
};

function typescriptProgram({ apiUrl, keyText, roles, isTestModel }: Settings): string {
  return `${testModelComment(isTestModel, '//')}import OpenAI from "openai";

const client = new OpenAI({ baseURL: ${literal(apiUrl)}, apiKey: ${literal(keyText)} });
const answer = await client.chat.completions.create({
  model: ${literal(roles.chat)},
  messages: [{ role: "user", content: ${literal(question)} }],
});
console.log(answer.choices[0]?.message.content);
`;
}
