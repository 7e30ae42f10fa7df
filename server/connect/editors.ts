import { connectFilePaths } from '../wire/connect-tool.ts';
import { openCodeConfig } from './agents.ts';
import { answerTokens, step, type GuideStep, type Settings, type Template } from './context.ts';
import { jsonText, shellWord, testModelComment, yamlText } from './quote.ts';
import { authorityFile } from './trust.ts';

/** What editors are set up with. */

const editor: Pick<Template, 'kind' | 'availability' | 'roles' | 'notes' | 'tested'> = {
  kind: 'editor',
  roles: ['code'],
  availability: 'ready',
  notes: [],
  tested: null,
};

/** https://docs.continue.dev/reference: `config.yaml`, schema v1. */
export const continueTemplate: Template = {
  ...editor,
  id: 'continue',
  title: 'Continue',
  roles: ['code', 'autocomplete', 'embed'],
  needsTokens: 8_000,
  tested: 'Continue CLI 1.5.47',
  steps: (settings) => [
    step('continue.install'),
    step('continue.file', {
      paths: connectFilePaths['continue-config'],
      snippet: { language: 'yaml', text: continueConfig(settings) },
    }),
    step('continue.ask', { values: { name: settings.roles.code } }),
  ],
};

export function continueConfig(settings: Settings): string {
  const { roles, contextTokens } = settings;
  const entry = (model: string, rest: Record<string, unknown>): Record<string, unknown> => ({
    name: `${model} (Inglenook)`,
    provider: 'openai',
    model,
    apiBase: settings.apiUrl,
    apiKey: settings.keyText,
    ...(settings.trust === null ? {} : { requestOptions: { caBundlePath: authorityFile } }),
    ...rest,
  });
  const chat = entry(roles.code, {
    // Names that begin like OpenAI's would otherwise be asked for by the Responses API.
    useResponsesApi: false,
    roles: ['chat', 'edit', 'apply'],
    capabilities: ['tool_use'],
    ...(contextTokens === null
      ? {}
      : {
          defaultCompletionOptions: {
            contextLength: contextTokens,
            maxTokens: answerTokens(contextTokens),
          },
        }),
  });
  const autocomplete = entry(roles.autocomplete, {
    useLegacyCompletionsEndpoint: true,
    roles: ['autocomplete'],
  });
  const embed = entry(roles.embed, { roles: ['embed'] });
  const models = [chat, autocomplete, embed];
  const config = { name: 'Inglenook', version: '0.0.1', schema: 'v1', models };
  return testModelComment(settings.isTestModel, '#') + yamlText(config);
}

/** Settings that are a form: each field is copied for itself. */
function formSteps({ apiUrl, keyText, roles, contextTokens }: Settings): readonly GuideStep[] {
  return [
    step('form.baseUrl', { snippet: { language: 'text', text: apiUrl } }),
    step('form.key', { snippet: { language: 'text', text: keyText } }),
    step('form.model', { snippet: { language: 'text', text: roles.code } }),
    contextTokens === null
      ? step('form.contextUnknown')
      : step('form.context', { snippet: { language: 'text', text: String(contextTokens) } }),
  ];
}

/** The command line speaks the same way as the extension: both are built on Cline's SDK. */
export const clineTemplate: Template = {
  ...editor,
  id: 'cline',
  title: 'Cline',
  needsTokens: 16_000,
  tested: 'Cline CLI 3.0.65',
  steps: (settings) => [
    step('cline.provider'),
    ...formSteps(settings),
    step('cline.commandLine', { snippet: { language: 'sh', text: clineCommand(settings) } }),
  ],
};

function clineCommand({ apiUrl, keyText, roles, isTestModel }: Settings): string {
  const words = ['-b', apiUrl, '-k', keyText, '-m', roles.code].map((word, index) =>
    index % 2 === 0 ? word : shellWord(word),
  );
  return `${testModelComment(isTestModel, '#')}cline auth openai-compatible ${words.join(' ')}\n`;
}

/** What that command writes, without running it: `~/.cline/data/settings/providers.json` of Cline's SDK. */
export function clineProviders({ apiUrl, keyText, roles }: Settings): string {
  const provider = 'openai-compatible';
  const settings = { provider, apiKey: keyText, model: roles.code, baseUrl: apiUrl };
  return `${jsonText({
    version: 1,
    lastUsedProvider: provider,
    modes: {},
    // The tool that writes the file puts the time in; Cline does not read it without one.
    providers: { [provider]: { settings, updatedAt: '1970-01-01T00:00:00.000Z', tokenSource: 'manual' } },
  })}\n`;
}

/** Read at its last public version: the fields are Cline's, of which it was a copy. */
export const rooTemplate: Template = {
  ...editor,
  id: 'roo-code',
  title: 'Roo Code',
  needsTokens: 16_000,
  steps: (settings) => [step('roo.provider'), ...formSteps(settings)],
};

/** Version 7 is built on OpenCode and reads a file like its; the ones before were copies of Cline. */
export const kiloTemplate: Template = {
  ...editor,
  id: 'kilo-code',
  title: 'Kilo Code',
  needsTokens: 32_000,
  tested: 'Kilo CLI 7.7.7',
  steps: (settings) => [
    step('kilo.file', {
      paths: {
        linux: '~/.config/kilo/kilo.json',
        mac: '~/.config/kilo/kilo.json',
        windows: String.raw`%USERPROFILE%\.config\kilo\kilo.json`,
      },
      snippet: { language: 'json', text: openCodeConfig(settings) },
    }),
    step('kilo.provider'),
    ...formSteps(settings),
  ],
};

/** https://zed.dev/docs/ai/use-api-access: the key is never in the file. Edit predictions need the model's own prompt format, so they are left alone. */
export const zedTemplate: Template = {
  ...editor,
  id: 'zed',
  title: 'Zed',
  needsTokens: 8_000,
  steps: (settings) => [
    step('zed.file', {
      paths: {
        linux: '~/.config/zed/settings.json',
        mac: '~/.config/zed/settings.json',
        windows: String.raw`%APPDATA%\Zed\settings.json`,
      },
      snippet: { language: 'json', text: zedSettings(settings) },
    }),
    step('zed.key', { snippet: { language: 'text', text: settings.keyText } }),
    step('zed.ask', { values: { name: settings.roles.code } }),
  ],
};

/** Where the size is not known, one that every model for work has; the tool does not do without. */
const carefulContextTokens = 8_192;

function zedSettings({ apiUrl, roles, contextTokens }: Settings): string {
  const most = contextTokens ?? carefulContextTokens;
  const model = {
    name: roles.code,
    display_name: `${roles.code} (Inglenook)`,
    max_tokens: most,
    max_output_tokens: answerTokens(most),
    // Left out, pictures and parallel calls would be taken for granted.
    capabilities: { tools: true, images: false, parallel_tool_calls: false, prompt_cache_key: false },
  };
  const provider = { api_url: apiUrl, available_models: [model] };
  return `${jsonText({
    language_models: { openai_compatible: { Inglenook: provider } },
    agent: { default_model: { provider: 'Inglenook', model: roles.code } },
  })}\n`;
}

/** VS Code from 1.122 on, with a key of one's own and without a Copilot subscription (microsoft/vscode #316916). */
export const vsCodeTemplate: Template = {
  ...editor,
  id: 'vs-code',
  title: 'VS Code (Copilot Chat)',
  needsTokens: 8_000,
  steps: (settings) => [
    step('vsCode.open'),
    step('vsCode.file', {
      paths: {
        linux: '~/.config/Code/User/chatLanguageModels.json',
        mac: '~/Library/Application Support/Code/User/chatLanguageModels.json',
        windows: String.raw`%APPDATA%\Code\User\chatLanguageModels.json`,
      },
      snippet: { language: 'json', text: vsCodeModels(settings) },
    }),
    step('vsCode.ask', { values: { name: settings.roles.code } }),
  ],
};

function vsCodeModels({ apiUrl, keyText, roles, contextTokens }: Settings): string {
  const most = contextTokens ?? carefulContextTokens;
  const maxOutputTokens = answerTokens(most);
  const model = {
    id: roles.code,
    name: `${roles.code} (Inglenook)`,
    url: `${apiUrl}/chat/completions`,
    // Without it the model is missing from agent mode.
    toolCalling: true,
    vision: false,
    maxInputTokens: most - maxOutputTokens,
    maxOutputTokens,
    streaming: true,
  };
  const provider = {
    name: 'Inglenook',
    vendor: 'customendpoint',
    apiKey: keyText,
    apiType: 'chat-completions',
    models: [model],
  };
  return `${jsonText([provider])}\n`;
}

/** JetBrains help, "Use third-party and local models". */
export const jetBrainsTemplate: Template = {
  ...editor,
  id: 'jetbrains',
  title: 'JetBrains AI Assistant',
  needsTokens: 8_000,
  steps: ({ apiUrl, keyText, roles }) => [
    step('jetbrains.provider'),
    step('form.url', { snippet: { language: 'text', text: apiUrl } }),
    step('form.key', { snippet: { language: 'text', text: keyText } }),
    step('jetbrains.tools'),
    step('jetbrains.ask', { values: { name: roles.code } }),
  ],
};
