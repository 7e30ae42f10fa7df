import { readFileSync, realpathSync, statSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { ConnectFileId, ConnectSettings, ConnectToolSettings } from '../wire/connect-tool.ts';
import { requireAllowed } from './allowed.ts';
import { codeOf, Untouched } from './failures.ts';
import { mergeEnv } from './merge/env.ts';
import { isTree, mergeJson, readJsonSettings, type JsonRule } from './merge/json.ts';
import { mergeToml, readTomlSettings } from './merge/toml.ts';
import { mapYamlTexts, mergeContinue, readYamlSettings } from './merge/yaml.ts';
import { pathOf, type Tool } from './tools.ts';
import type { World } from './world.ts';

/** One file that would be another than it is. */
export type Change = {
  readonly tool: string;
  /** The file itself, where the known path is a link to it. */
  readonly path: string;
  /** Null where there is none. */
  readonly before: { readonly bytes: Buffer; readonly mode: number } | null;
  readonly after: string;
};

/** More than any settings have. */
const mostBytes = 4 * 1024 * 1024;

/** @throws Untouched where one of its files cannot be read: said before anybody is asked for anything */
export function requireReadable(world: World, tool: Tool): void {
  for (const id of tool.files) {
    const path = pathOf(world, tool, id);
    const existing = readFile(path);
    if (existing !== null) naming(path, () => parse(id, existing.text));
  }
}

/** What would be changed of a tool's files; nothing where all is there. @throws Untouched, Refused */
export function planTool(world: World, tool: Tool, wanted: Wanted): Change[] {
  return wanted.files.flatMap(({ id, text }) => {
    const path = pathOf(world, tool, id);
    const existing = readFile(path);
    const after = naming(path, () => merged(id, existing?.text ?? null, { text, ...wanted, world }));
    if (existing !== null && existing.text === after) return [];
    const before = existing === null ? null : { bytes: existing.bytes, mode: existing.mode };
    return [{ tool: tool.title, path: existing?.path ?? path, before, after }];
  });
}

/** A tool's texts with their placeholders, and what stands for those on this computer. */
export type Wanted = {
  readonly files: readonly { readonly id: ConnectFileId; readonly text: string }[];
  readonly fill: (text: string) => string;
  readonly origin: string;
};

/** Key and certificate in the place of what stands for them. */
export function fillFor(
  { keyPlaceholder, authorityPlaceholder }: ConnectSettings,
  { key, authorityFile }: { readonly key: string; readonly authorityFile: string },
): (text: string) => string {
  return (text) => text.replaceAll(keyPlaceholder, key).replaceAll(authorityPlaceholder, authorityFile);
}

export function settingsOfTool(settings: ConnectSettings, tool: Tool): ConnectToolSettings | null {
  return settings.tools.find(({ id }) => id === tool.id) ?? null;
}

type Merging = Wanted & { readonly text: string; readonly world: World };

function merged(id: ConnectFileId, existing: string | null, { text, fill, origin, world }: Merging): string {
  switch (id) {
    case 'continue-config': {
      requireAllowed(id, readYamlSettings(text).toJS(), origin);
      return mergeContinue(existing, mapYamlTexts(text, fill));
    }
    case 'codex-config': {
      requireAllowed(id, readTomlSettings(text), origin);
      return mergeToml(existing, text);
    }
    case 'codex-key': {
      const [name = ''] = text.split('=');
      requireAllowed(id, { [name]: '' }, origin);
      return mergeEnv(existing, fill(text));
    }
    case 'codex-models':
      // Ours alone: no other tool knows this name.
      return text;
    case 'claude-code-settings':
    case 'opencode-config':
    case 'cline-providers': {
      const wanted = readJsonSettings(text);
      requireAllowed(id, wanted, origin);
      const filled = filledIn(wanted, fill) as typeof wanted;
      return mergeJson(existing, id === 'cline-providers' ? dated(filled, world) : filled, rules[id]);
    }
  }
}

const rules: Readonly<Record<'claude-code-settings' | 'opencode-config' | 'cline-providers', JsonRule>> = {
  'claude-code-settings': { whole: [], onlyIfMissing: [] },
  'opencode-config': { whole: [['provider', 'inglenook']], onlyIfMissing: ['$schema'] },
  'cline-providers': {
    whole: [['providers', 'openai-compatible']],
    onlyIfMissing: ['version', 'modes'],
    isSame: (there, wanted) => isDeepStrictEqual(undated(there), undated(wanted)),
  },
};

/** Cline notes when an entry was made, and reads none without. */
function dated(settings: Readonly<Record<string, unknown>>, world: World): Readonly<Record<string, unknown>> {
  const copy = structuredClone(settings);
  const providers = copy['providers'];
  const entry = isTree(providers) ? providers['openai-compatible'] : null;
  if (isTree(entry)) (entry as Record<string, unknown>)['updatedAt'] = new Date(world.nowMs()).toISOString();
  return copy;
}

function undated(value: unknown): unknown {
  if (!isTree(value)) return value;
  const { updatedAt: _time, ...rest } = value;
  return rest;
}

function filledIn(value: unknown, fill: (text: string) => string): unknown {
  if (typeof value === 'string') return fill(value);
  if (Array.isArray(value)) return value.map((one) => filledIn(one, fill));
  if (!isTree(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filledIn(one, fill)]));
}

function parse(id: ConnectFileId, text: string): void {
  if (text.trim() === '') return;
  switch (id) {
    case 'continue-config':
      return void readYamlSettings(text);
    case 'codex-config':
      return void readTomlSettings(text);
    case 'claude-code-settings':
    case 'opencode-config':
    case 'cline-providers':
      return void readJsonSettings(text);
    case 'codex-models':
    case 'codex-key':
      return;
  }
}

type Existing = {
  readonly path: string;
  readonly bytes: Buffer;
  readonly text: string;
  readonly mode: number;
};

/** @throws Untouched for what is no text, or may not be read or written */
function readFile(known: string): Existing | null {
  return naming(known, () => {
    try {
      const path = realpathSync(known);
      const { mode, size } = statSync(path);
      if (size > mostBytes) throw new Untouched('it is larger than any settings');
      const bytes = readFileSync(path);
      if ((mode & 0o200) === 0) throw new Untouched('it is read-only');
      return {
        path,
        bytes,
        text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
        mode,
      };
    } catch (error) {
      if (error instanceof Untouched) throw error;
      return whyUnreadable(error);
    }
  });
}

function whyUnreadable(error: unknown): null {
  switch (codeOf(error)) {
    case 'ENOENT':
      return null;
    case 'ENOTDIR':
      throw new Untouched('something that is no folder is in the way');
    case 'EISDIR':
      throw new Untouched('it is a folder');
    case 'EACCES':
    case 'EPERM':
      throw new Untouched('this user may not read it');
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      throw new Untouched('it is no text in UTF-8');
    default:
      throw new Untouched(error instanceof Error ? error.message : String(error));
  }
}

function naming<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    // Readers call themselves for each level.
    if (error instanceof RangeError) throw new Untouched(`${path}: it has too many levels`);
    if (error instanceof Untouched && !error.message.startsWith(path))
      throw new Untouched(`${path}: ${error.message}`);
    throw error;
  }
}
