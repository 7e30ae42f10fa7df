import { step, type Settings, type Template } from './context.ts';
import { authorityFile } from './trust.ts';
import { literal, shellWord, testModelComment } from './quote.ts';

const always: Pick<Template, 'availability' | 'needsTokens' | 'notes'> = {
  availability: 'ready',
  needsTokens: null,
  notes: [],
};

/** What every snippet asks, so that the first answer comes soon. */
const question = 'Say hello in one sentence.';

/** Open WebUI 0.12, Admin Panel → Settings → Connections; the variables count at its first start only. */
export const openWebUiTemplate: Template = {
  ...always,
  id: 'open-webui',
  title: 'Open WebUI',
  kind: 'chat',
  notes: ['note.openWebUiExtra'],
  steps: ({ apiUrl, keyText, roles, isTestModel }) => [
    step('openWebUi.url', { snippet: { language: 'text', text: apiUrl } }),
    step('openWebUi.key', { snippet: { language: 'text', text: keyText } }),
    step('openWebUi.ask', { values: { name: roles.chat } }),
    step('openWebUi.environment', {
      snippet: {
        language: 'sh',
        text:
          testModelComment(isTestModel, '#') +
          `export OPENAI_API_BASE_URL=${shellWord(apiUrl)}\n` +
          `export OPENAI_API_KEY=${shellWord(keyText)}\n` +
          'open-webui serve\n',
      },
    }),
  ],
};

export const curlTemplate: Template = {
  ...always,
  id: 'curl',
  title: 'curl',
  kind: 'terminal',
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
  ...always,
  id: 'python',
  title: 'Python',
  kind: 'library',
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
  ...always,
  id: 'typescript',
  title: 'TypeScript',
  kind: 'library',
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
