import { step, type Settings, type Template } from './context.ts';
import { shellExports, testModelComment, yamlText } from './quote.ts';

/** Chat pages, and programs in which words are one part among others. */

const chat: Omit<Template, 'id' | 'title' | 'steps'> = {
  kind: 'chat',
  roles: ['chat'],
  availability: 'ready',
  needsTokens: null,
  notes: [],
  tested: null,
};

/** Open WebUI 0.12, Admin Panel → Settings → Connections; the variables count at its first start only. */
export const openWebUiTemplate: Template = {
  ...chat,
  id: 'open-webui',
  title: 'Open WebUI',
  tested: 'Open WebUI 0.12.4',
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
          shellExports({ OPENAI_API_BASE_URL: apiUrl, OPENAI_API_KEY: keyText }) +
          'open-webui serve\n',
      },
    }),
  ],
};

/** LibreChat docs, "Custom Endpoint Object Structure". */
export const libreChatTemplate: Template = {
  ...chat,
  id: 'librechat',
  title: 'LibreChat',
  steps: (settings) => [
    step('librechat.file', {
      paths: { linux: 'librechat.yaml', mac: 'librechat.yaml', windows: 'librechat.yaml' },
      snippet: { language: 'yaml', text: libreChatConfig(settings) },
    }),
    step('librechat.restart', { values: { name: settings.roles.chat } }),
  ],
};

function libreChatConfig({ apiUrl, keyText, roles, isTestModel }: Settings): string {
  const endpoint = {
    name: 'Inglenook',
    apiKey: keyText,
    baseURL: apiUrl,
    models: { default: [roles.chat], fetch: true },
    titleConvo: true,
    // Left out, LibreChat would ask for OpenAI's own.
    titleModel: 'current_model',
    modelDisplayLabel: 'Inglenook',
  };
  const config = { version: '1.2.1', endpoints: { custom: [endpoint] } };
  return testModelComment(isTestModel, '#') + yamlText(config);
}

/** Plugin "Copilot" (logancyang/obsidian-copilot); its pages are among those that may ask from a browser (`cors.origins`). */
export const obsidianTemplate: Template = {
  ...chat,
  id: 'obsidian',
  title: 'Obsidian Copilot',
  needsTokens: 8_000,
  steps: ({ apiUrl, keyText, roles }) => [
    step('obsidian.install'),
    step('obsidian.provider'),
    step('form.model', { snippet: { language: 'text', text: roles.chat } }),
    step('form.baseUrl', { snippet: { language: 'text', text: apiUrl } }),
    step('form.key', { snippet: { language: 'text', text: keyText } }),
    step('obsidian.cors'),
  ],
};

/** The list's address is made by cutting at the last `/`, so the base address must not end in one. */
export const n8nTemplate: Template = {
  ...chat,
  kind: 'automation',
  id: 'n8n',
  title: 'n8n',
  steps: ({ apiUrl, keyText, roles }) => [
    step('n8n.credential'),
    step('form.key', { snippet: { language: 'text', text: keyText } }),
    step('form.baseUrl', { snippet: { language: 'text', text: apiUrl } }),
    step('n8n.ask', { values: { name: roles.chat } }),
  ],
};

/** Home Assistant's own OpenAI integration has no base address. */
export const homeAssistantTemplate: Template = {
  ...chat,
  kind: 'automation',
  id: 'home-assistant',
  title: 'Home Assistant',
  needsTokens: 8_000,
  steps: ({ apiUrl, keyText, roles, trust }) => [
    // What it trusts comes with it, and its updates replace it.
    ...(trust === null ? [] : [step('homeAssistant.noAuthority')]),
    step('homeAssistant.install'),
    step('form.key', { snippet: { language: 'text', text: keyText } }),
    step('form.baseUrl', { snippet: { language: 'text', text: apiUrl } }),
    step('homeAssistant.model', { snippet: { language: 'text', text: roles.chat } }),
    step('homeAssistant.ask'),
  ],
};
