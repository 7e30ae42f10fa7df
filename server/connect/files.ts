import type { ConnectFileId, ConnectToolSettings } from '../wire/connect-tool.ts';
import {
  claudeCodeSettings,
  claudeCodeTemplate,
  codexConfig,
  codexKey,
  codexModelsPath,
  codexTemplate,
  openCodeConfig,
  openCodeTemplate,
} from './agents.ts';
import { settingsOf, type ConnectContext, type Settings, type Template } from './context.ts';
import { clineProviders, clineTemplate, continueConfig, continueTemplate } from './editors.ts';
import { trustWay } from './trust.ts';

/** A file as the templates write it, or where the server has its content. */
type File =
  | { readonly id: ConnectFileId; readonly text: (settings: Settings) => string }
  | { readonly id: ConnectFileId; readonly source: string };

/** The tools that are set up by files alone, so that a program can do it: the texts are those of the guides. */
const tools: readonly { readonly template: Template; readonly files: readonly File[] }[] = [
  { template: continueTemplate, files: [{ id: 'continue-config', text: continueConfig }] },
  { template: clineTemplate, files: [{ id: 'cline-providers', text: clineProviders }] },
  { template: claudeCodeTemplate, files: [{ id: 'claude-code-settings', text: claudeCodeSettings }] },
  {
    template: codexTemplate,
    files: [
      { id: 'codex-models', source: codexModelsPath },
      { id: 'codex-config', text: codexConfig },
      { id: 'codex-key', text: codexKey },
    ],
  },
  { template: openCodeTemplate, files: [{ id: 'opencode-config', text: openCodeConfig }] },
];

/** For `inglenook connect`. The key is never in it: `keyPlaceholder` stands for it. */
export function connectFiles(context: Omit<ConnectContext, 'key'>): ConnectToolSettings[] {
  const settings = settingsOf({ ...context, key: null });
  return tools.map(({ template: { id, title, needsTokens }, files }) => ({
    id,
    title,
    needsTokens,
    files: files.map((file) =>
      'text' in file
        ? { id: file.id, text: file.text(settings), source: null }
        : { id: file.id, text: null, source: file.source },
    ),
    trustLines: settings.trust === null ? [] : trustLinesOf(id),
  }));
}

function trustLinesOf(toolId: string): string[] {
  return (trustWay(toolId) ?? []).flatMap(({ snippet }) => (snippet === null ? [] : [snippet.text]));
}
