import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { connectFilePaths, type ConnectFileId } from '../wire/connect-tool.ts';
import { UsageError } from './failures.ts';
import type { World } from './world.ts';

/** A tool that can be set up by its files. */
export type Tool = {
  readonly id: string;
  readonly title: string;
  readonly files: readonly ConnectFileId[];
  /** Its own folder, in which its files lie; the tool has made it, or it is not there. */
  readonly folder: (world: World) => string;
  readonly programs: readonly string[];
  /** Beginnings of the folders of editors' extensions. */
  readonly extensions: readonly string[];
  /** What the person has to do afterwards. */
  readonly after: string;
};

export const tools: readonly Tool[] = [
  {
    id: 'continue',
    title: 'Continue',
    files: ['continue-config'],
    folder: (world) => world.environment['CONTINUE_GLOBAL_DIR'] || join(world.home, '.continue'),
    programs: ['cn'],
    extensions: ['continue.continue-'],
    after: 'Continue reads its settings by itself. Choose the model that ends in “(Inglenook)”.',
  },
  {
    id: 'cline',
    title: 'Cline',
    files: ['cline-providers'],
    folder: (world) =>
      world.environment['CLINE_DATA_DIR'] ||
      join(world.environment['CLINE_DIR'] || join(world.home, '.cline'), 'data'),
    programs: ['cline'],
    extensions: ['saoudrizwan.claude-dev-'],
    after:
      'Start Cline anew. An extension that keeps its settings in the editor takes them from the Connect page.',
  },
  {
    id: 'claude-code',
    title: 'Claude Code',
    files: ['claude-code-settings'],
    folder: (world) => world.environment['CLAUDE_CONFIG_DIR'] || join(world.home, '.claude'),
    programs: ['claude'],
    extensions: ['anthropic.claude-code-'],
    after: 'Start it with: claude',
  },
  {
    id: 'codex',
    title: 'Codex',
    files: ['codex-models', 'codex-config', 'codex-key'],
    folder: (world) => world.environment['CODEX_HOME'] || join(world.home, '.codex'),
    programs: ['codex'],
    extensions: ['openai.chatgpt-'],
    after: 'Start it with: codex',
  },
  {
    id: 'opencode',
    title: 'OpenCode',
    files: ['opencode-config'],
    folder: (world) => join(world.environment['XDG_CONFIG_HOME'] || join(world.home, '.config'), 'opencode'),
    programs: ['opencode'],
    extensions: [],
    after: 'Start it with: opencode',
  },
];

/** Those that were named, or those that are here. @throws UsageError for a name that none has */
export function chooseTools(world: World, wanted: readonly string[] | null): readonly Tool[] {
  if (wanted === null) return tools.filter((tool) => isHere(world, tool));
  const unknown = wanted.find((id) => id !== 'all' && !tools.some((tool) => tool.id === id));
  if (unknown !== undefined) {
    throw new UsageError(
      `There is no tool “${unknown}”. There are: ${tools.map(({ id }) => id).join(', ')}, or all.`,
    );
  }
  return tools.filter(({ id }) => wanted.includes('all') || wanted.includes(id));
}

function isHere(world: World, tool: Tool): boolean {
  if (existsSync(tool.folder(world))) return true;
  return hasProgram(world, tool.programs) || hasExtension(world, tool.extensions);
}

function hasProgram({ environment, platform }: World, names: readonly string[]): boolean {
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const endings = platform === 'win32' ? ['.exe', '.cmd', '.ps1'] : [''];
  return folders.some((folder) =>
    names.some((name) => endings.some((ending) => existsSync(join(folder, `${name}${ending}`)))),
  );
}

const editorFolders = [
  '.vscode',
  '.vscode-server',
  '.vscode-insiders',
  '.vscode-oss',
  '.cursor',
  '.windsurf',
];

function hasExtension({ home }: World, beginnings: readonly string[]): boolean {
  return editorFolders.some((folder) =>
    foldersIn(join(home, folder, 'extensions')).some((name) =>
      beginnings.some((beginning) => name.toLowerCase().startsWith(beginning)),
    ),
  );
}

function foldersIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** Where this computer has the file: the tool's own folder may be elsewhere, and OpenCode knows two names. */
export function pathOf(world: World, tool: Tool, id: ConnectFileId): string {
  if (id === 'cline-providers' && world.environment['CLINE_PROVIDER_SETTINGS_PATH']) {
    return world.environment['CLINE_PROVIDER_SETTINGS_PATH'];
  }
  const path = join(tool.folder(world), withinFolder(tool, id));
  const withComments = `${path}c`;
  return id === 'opencode-config' && existsSync(withComments) ? withComments : path;
}

/** The part of the known path that lies in the tool's folder: `settings/providers.json`. */
function withinFolder(tool: Tool, id: ConnectFileId): string {
  const known = connectFilePaths[id].linux.replace(/^~\//, '');
  const beginnings: Readonly<Record<string, string>> = {
    continue: '.continue/',
    cline: '.cline/data/',
    'claude-code': '.claude/',
    codex: '.codex/',
    opencode: '.config/opencode/',
  };
  return join(...known.slice(beginnings[tool.id]?.length ?? 0).split('/'));
}

/** Why a tool cannot be set up here as it is; null where it can. */
export function hindrance(world: World, tool: Tool): string | null {
  if (tool.id !== 'continue') return null;
  const older = join(tool.folder(world), 'config.json');
  if (existsSync(pathOf(world, tool, 'continue-config')) || !existsSync(older)) return null;
  return `it still reads ${older}, which a new config.yaml would replace. Change to config.yaml first (docs.continue.dev), or set it up by the Connect page`;
}
