import type { CheckBadge, CheckPoint } from '../wire/checks.ts';

/** What a tool needs of a model; the facts are those of clients.md §3 and §6. */
export type Requirement = {
  /** As the Connect page calls the tool. */
  readonly client: string;
  readonly title: string;
  readonly part: CheckBadge['part'];
  /** Without one of these the tool cannot be used. */
  readonly needs: readonly CheckPoint[];
  /** Without these it can, with less. */
  readonly wants: readonly CheckPoint[];
  /** With fewer tokens the tool itself fails; null where it does not matter. */
  readonly contextTokens: number | null;
  /** How many requests it makes at once, where that is more than one. */
  readonly slots: number;
  /** Whether it calls from its maker's servers. */
  readonly isOwnCloud: boolean;
};

/** In the order of the Connect page. */
export const requirements: readonly Requirement[] = [
  tool('continue', 'Continue', { needs: ['text'], wants: ['tools-stream'], contextTokens: 8_000 }),
  tool('continue', 'Continue', { part: 'autocomplete', needs: ['fill-middle'] }),
  tool('continue', 'Continue', { part: 'embeddings', needs: ['embeddings'] }),
  // Agents fill the context themselves and shorten it by its size: one that is cut in silence breaks them.
  tool('cline', 'Cline', { needs: ['text', 'tools-stream', 'long-context'], contextTokens: 16_000 }),
  tool('roo-code', 'Roo Code', {
    needs: ['text', 'tools-stream', 'long-context'],
    wants: ['tools-parallel'],
    contextTokens: 16_000,
  }),
  tool('kilo-code', 'Kilo Code', { needs: ['text', 'tools-stream', 'long-context'], contextTokens: 32_000 }),
  tool('zed', 'Zed', { needs: ['text'], wants: ['tools-stream', 'long-context'], contextTokens: 8_000 }),
  tool('vs-code', 'VS Code', {
    needs: ['text'],
    wants: ['tools-stream', 'long-context'],
    contextTokens: 8_000,
  }),
  tool('jetbrains', 'JetBrains', { needs: ['text'], wants: ['tools-stream'], contextTokens: 8_000 }),
  tool('claude-code', 'Claude Code', {
    needs: ['messages', 'messages-tools', 'long-context'],
    contextTokens: 32_000,
  }),
  tool('codex', 'Codex', { needs: ['responses', 'responses-tools', 'long-context'], contextTokens: 32_000 }),
  // A request for the title goes out beside each turn.
  tool('opencode', 'OpenCode', {
    needs: ['text', 'tools-stream', 'long-context'],
    contextTokens: 32_000,
    slots: 2,
  }),
  tool('aider', 'Aider', { needs: ['text'], wants: ['long-context'], contextTokens: 8_000 }),
  tool('goose', 'Goose', { needs: ['text', 'tools-stream'], wants: ['long-context'], contextTokens: 8_000 }),
  tool('open-webui', 'Open WebUI', { needs: ['text'], wants: ['long-context'] }),
  tool('librechat', 'LibreChat', { needs: ['text'], wants: ['long-context'] }),
  // Its chat model asks by the Responses API unless that is switched off.
  tool('n8n', 'n8n', { needs: ['responses'], wants: ['responses-tools'] }),
  tool('obsidian', 'Obsidian', { needs: ['text'], contextTokens: 8_000 }),
  tool('home-assistant', 'Home Assistant', {
    needs: ['responses'],
    wants: ['responses-tools'],
    contextTokens: 8_000,
  }),
  tool('cursor', 'Cursor', { needs: ['text', 'tools-stream'], contextTokens: 16_000, isOwnCloud: true }),
  tool('python', 'Python', { needs: ['text'], wants: ['tools', 'json-schema'] }),
  tool('typescript', 'TypeScript', { needs: ['text'], wants: ['tools', 'json-schema'] }),
  tool('curl', 'curl', { needs: ['text'] }),
];

function tool(
  client: string,
  title: string,
  { needs, ...rest }: Pick<Requirement, 'needs'> & Partial<Requirement>,
): Requirement {
  return {
    client,
    title,
    needs,
    part: null,
    wants: [],
    contextTokens: null,
    slots: 1,
    isOwnCloud: false,
    ...rest,
  };
}
