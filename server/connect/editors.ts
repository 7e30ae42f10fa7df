import { step, type Settings, type Template } from './context.ts';
import { authorityFile } from './trust.ts';
import { jsonText, testModelComment, yamlText } from './quote.ts';

/** Longest answer a tool asks for: a quarter of the conversation, as much as tools ask for elsewhere. */
const mostAnswerTokens = 4096;

/** https://docs.continue.dev/reference: `config.yaml`, schema v1. */
export const continueTemplate: Template = {
  id: 'continue',
  title: 'Continue',
  kind: 'editor',
  availability: 'ready',
  needsTokens: 8_000,
  notes: [],
  steps: (settings) => [
    step('continue.install'),
    step('continue.file', {
      paths: {
        linux: '~/.continue/config.yaml',
        mac: '~/.continue/config.yaml',
        windows: String.raw`%USERPROFILE%\.continue\config.yaml`,
      },
      snippet: { language: 'yaml', text: continueConfig(settings) },
    }),
    step('continue.ask', { values: { name: settings.roles.code } }),
  ],
};

function continueConfig(settings: Settings): string {
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
    ...(contextTokens === null ? {} : { defaultCompletionOptions: sizes(contextTokens) }),
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

function sizes(contextTokens: number): { contextLength: number; maxTokens: number } {
  return {
    contextLength: contextTokens,
    maxTokens: Math.max(1, Math.min(mostAnswerTokens, Math.floor(contextTokens / 4))),
  };
}

/** Cline's settings are a form, so each field is copied for itself. */
export const clineTemplate: Template = {
  id: 'cline',
  title: 'Cline',
  kind: 'editor',
  availability: 'ready',
  needsTokens: 16_000,
  notes: [],
  steps: ({ apiUrl, keyText, roles, contextTokens }) => [
    step('cline.provider'),
    step('cline.baseUrl', { snippet: { language: 'text', text: apiUrl } }),
    step('cline.key', { snippet: { language: 'text', text: keyText } }),
    step('cline.model', { snippet: { language: 'text', text: roles.code } }),
    contextTokens === null
      ? step('cline.contextUnknown')
      : step('cline.context', { snippet: { language: 'text', text: String(contextTokens) } }),
  ],
};

/** It speaks Anthropic's Messages API alone; the address is without `/v1` (LLM gateway configuration). */
export const claudeCodeTemplate: Template = {
  id: 'claude-code',
  title: 'Claude Code',
  kind: 'agent',
  availability: 'ready',
  needsTokens: 32_000,
  notes: [],
  steps: (settings) => [
    step('claudeCode.file', {
      paths: {
        linux: '~/.claude/settings.json',
        mac: '~/.claude/settings.json',
        windows: String.raw`%USERPROFILE%\.claude\settings.json`,
      },
      snippet: { language: 'json', text: claudeCodeSettings(settings) },
    }),
    step('claudeCode.start'),
  ],
};

function claudeCodeSettings({ rootUrl, keyText, roles, contextTokens }: Settings): string {
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
    ...(contextTokens === null ? {} : { CLAUDE_CODE_AUTO_COMPACT_WINDOW: String(contextTokens) }),
    // Both change the prompt with every request, so that nothing of it could be reused.
    CLAUDE_CODE_ATTRIBUTION_HEADER: '0',
    CLAUDE_CODE_TOTAL_TOKENS_REMINDER: 'off',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  };
  return `${jsonText({ env })}\n`;
}

/**
 * Cursor's own servers make the call, and they refuse private addresses (design decision 16): no address of the
 * office is ever shown here. Continue and Cline run inside Cursor and call from the desk.
 */
export const cursorTemplate: Template = {
  id: 'cursor',
  title: 'Cursor',
  kind: 'editor',
  availability: 'outside',
  needsTokens: null,
  notes: ['note.cursorCloud'],
  steps: () => [step('cursor.extension'), step('cursor.publicName')],
};
