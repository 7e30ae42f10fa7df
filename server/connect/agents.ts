import { connectFilePaths } from '../wire/connect-tool.ts';
import { answerTokens, step, type Settings, type Template } from './context.ts';
import { jsonText, shellExports, shellWord, testModelComment, tomlText, yamlText } from './quote.ts';
import { authorityFile } from './trust.ts';

/** Coding agents of the terminal. */

const agent: Pick<Template, 'kind' | 'availability' | 'roles' | 'notes'> = {
  kind: 'agent',
  roles: ['code'],
  availability: 'ready',
  notes: [],
};

/** What holds the key where a settings file had better not. */
const keyVariable = 'INGLENOOK_KEY';

/** It speaks Anthropic's Messages API alone; the address is without `/v1` (LLM gateway configuration). */
export const claudeCodeTemplate: Template = {
  ...agent,
  id: 'claude-code',
  title: 'Claude Code',
  needsTokens: 32_000,
  tested: 'Claude Code 2.1.330',
  steps: (settings) => [
    step('claudeCode.file', {
      paths: connectFilePaths['claude-code-settings'],
      snippet: { language: 'json', text: claudeCodeSettings(settings) },
    }),
    step('claudeCode.start'),
  ],
};

export function claudeCodeSettings({ rootUrl, keyText, roles, contextTokens }: Settings): string {
  const env = {
    ANTHROPIC_BASE_URL: rootUrl,
    ANTHROPIC_AUTH_TOKEN: keyText,
    // Were one set elsewhere, it would win over the token.
    ANTHROPIC_API_KEY: '',
    ANTHROPIC_MODEL: roles.code,
    ANTHROPIC_DEFAULT_OPUS_MODEL: roles.code,
    ANTHROPIC_DEFAULT_SONNET_MODEL: roles.code,
    ANTHROPIC_DEFAULT_HAIKU_MODEL: roles.code,
    CLAUDE_CODE_SUBAGENT_MODEL: roles.code,
    ...(contextTokens === null ? {} : claudeCodeSizes(contextTokens)),
    // Both change the prompt with every request, so that nothing of it could be reused.
    CLAUDE_CODE_ATTRIBUTION_HEADER: '0',
    CLAUDE_CODE_TOTAL_TOKENS_REMINDER: 'off',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  };
  return `${jsonText({ env })}\n`;
}

/** A smaller size it passes over, with a warning. */
const leastCompactTokens = 100_000;
/** What it asks for itself, where it is not told otherwise. */
const usualAnswerTokens = 32_000;

/** Of a name that it does not know it thinks that a million tokens fit. What an answer may have is kept free of them. */
function claudeCodeSizes(contextTokens: number): Readonly<Record<string, string>> {
  const answer = Math.max(1, Math.min(usualAnswerTokens, Math.floor(contextTokens / 4)));
  return {
    CLAUDE_CODE_MAX_CONTEXT_TOKENS: String(contextTokens),
    CLAUDE_CODE_MAX_OUTPUT_TOKENS: String(answer),
    ...(contextTokens < leastCompactTokens ? {} : { CLAUDE_CODE_AUTO_COMPACT_WINDOW: String(contextTokens) }),
  };
}

/** codex-rs, `model-provider-info` and `config`: Responses alone, and a catalogue without which it guesses at models. */
export const codexTemplate: Template = {
  ...agent,
  id: 'codex',
  title: 'Codex',
  needsTokens: 32_000,
  tested: 'Codex 0.169.0',
  steps: (settings) => [
    step('codex.catalogue', { snippet: { language: 'sh', text: codexCatalogue(settings) } }),
    step('codex.file', {
      paths: connectFilePaths['codex-config'],
      snippet: { language: 'toml', text: codexConfig(settings) },
    }),
    step('codex.key', {
      snippet: { language: 'sh', text: shellExports({ [keyVariable]: settings.keyText }) },
    }),
    step('codex.start'),
  ],
};

const catalogueName = 'inglenook-models.json';

/** The list of models with what Codex wants to know of each; any `client_version` asks for it. */
export const codexModelsPath = '/v1/models?client_version=0';

/** Read by Codex from beside its settings before it starts; `env_key` then finds it. */
export function codexKey({ keyText }: Settings): string {
  return `${keyVariable}=${keyText}\n`;
}

function codexCatalogue({ rootUrl, keyText, trust }: Settings): string {
  return [
    'mkdir -p ~/.codex',
    [
      `curl -fsS ${shellWord(`${rootUrl}${codexModelsPath}`)}`,
      ...(trust === null ? [] : [`--cacert ${authorityFile}`]),
      `-H ${shellWord(`Authorization: Bearer ${keyText}`)}`,
      `-o ~/.codex/${catalogueName}\n`,
    ].join(' \\\n  '),
  ].join('\n');
}

export function codexConfig({ apiUrl, roles, isTestModel }: Settings): string {
  const config = {
    model: roles.code,
    model_provider: 'inglenook',
    // Beside this file: Codex reads a path without a folder from there.
    model_catalog_json: catalogueName,
    web_search: 'disabled',
    model_providers: {
      inglenook: {
        name: 'Inglenook',
        base_url: apiUrl,
        env_key: keyVariable,
        wire_api: 'responses',
        // A full queue or a long prompt may keep it waiting.
        stream_idle_timeout_ms: 600_000,
      },
    },
    features: { image_generation: false },
  };
  return testModelComment(isTestModel, '#') + tomlText(config);
}

/** https://opencode.ai/docs/providers; without `limit` it never shortens a conversation. */
export const openCodeTemplate: Template = {
  ...agent,
  id: 'opencode',
  title: 'OpenCode',
  needsTokens: 32_000,
  tested: 'OpenCode 1.18.33',
  steps: (settings) => [
    step('opencode.file', {
      paths: connectFilePaths['opencode-config'],
      snippet: { language: 'json', text: openCodeConfig(settings) },
    }),
    step('opencode.start'),
  ],
};

export function openCodeConfig({ apiUrl, keyText, roles, contextTokens }: Settings): string {
  const limit =
    contextTokens === null ? {} : { limit: { context: contextTokens, output: answerTokens(contextTokens) } };
  const provider = {
    npm: '@ai-sdk/openai-compatible',
    name: 'Inglenook',
    options: { baseURL: apiUrl, apiKey: keyText },
    models: { [roles.code]: { name: `${roles.code} (Inglenook)`, ...limit } },
  };
  return `${jsonText({
    $schema: 'https://opencode.ai/config.json',
    model: `inglenook/${roles.code}`,
    provider: { inglenook: provider },
  })}\n`;
}

/** https://aider.chat/docs/config: both files are read from the home folder, or that of the project. */
export const aiderTemplate: Template = {
  ...agent,
  id: 'aider',
  title: 'Aider',
  needsTokens: 8_000,
  tested: 'Aider 0.86.2',
  steps: (settings) => [
    step('aider.file', {
      paths: {
        linux: '~/.aider.conf.yml',
        mac: '~/.aider.conf.yml',
        windows: String.raw`%USERPROFILE%\.aider.conf.yml`,
      },
      snippet: { language: 'yaml', text: aiderConfig(settings) },
    }),
    ...(settings.contextTokens === null
      ? []
      : [
          step('aider.sizes', {
            paths: {
              linux: '~/.aider.model.metadata.json',
              mac: '~/.aider.model.metadata.json',
              windows: String.raw`%USERPROFILE%\.aider.model.metadata.json`,
            },
            snippet: { language: 'json', text: aiderSizes(settings.roles.code, settings.contextTokens) },
          }),
        ]),
    step('aider.start'),
  ],
};

function aiderConfig({ apiUrl, keyText, roles, isTestModel }: Settings): string {
  const config = {
    model: `openai/${roles.code}`,
    'openai-api-base': apiUrl,
    'openai-api-key': keyText,
  };
  return testModelComment(isTestModel, '#') + yamlText(config);
}

/** LiteLLM's way of describing a model; what it costs is counted by us. */
function aiderSizes(model: string, contextTokens: number): string {
  return `${jsonText({
    [`openai/${model}`]: {
      max_input_tokens: contextTokens,
      max_output_tokens: answerTokens(contextTokens),
      input_cost_per_token: 0,
      output_cost_per_token: 0,
      litellm_provider: 'openai',
      mode: 'chat',
    },
  })}\n`;
}

/** Its host is without `/v1`: with it, Goose would ask for `/v1/v1/…`. Keys in its own file are passed over. */
export const gooseTemplate: Template = {
  ...agent,
  id: 'goose',
  title: 'Goose',
  needsTokens: 8_000,
  tested: 'Goose 1.52.0',
  steps: (settings) => [
    step('goose.environment', { snippet: { language: 'sh', text: gooseEnvironment(settings) } }),
    step('goose.start'),
  ],
};

function gooseEnvironment({ rootUrl, keyText, roles, contextTokens, isTestModel }: Settings): string {
  return (
    testModelComment(isTestModel, '#') +
    shellExports({
      GOOSE_PROVIDER: 'openai',
      GOOSE_MODEL: roles.code,
      OPENAI_HOST: rootUrl,
      OPENAI_BASE_PATH: 'v1/chat/completions',
      OPENAI_API_KEY: keyText,
      ...(contextTokens === null ? {} : { GOOSE_CONTEXT_LIMIT: String(contextTokens) }),
    })
  );
}
