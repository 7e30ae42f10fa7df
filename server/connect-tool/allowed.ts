import type { ConnectFileId } from '../wire/connect-tool.ts';
import { Refused } from './failures.ts';
import { isTree } from './merge/json.ts';

/**
 * What a server may have written into somebody's settings: names of models, addresses of its own, sizes. Settings of these
 * tools can also start programs; whoever pretends to be the office's Inglenook must not get that far, `--yes` or not.
 */
const allowed: Readonly<Record<ConnectFileId, readonly RegExp[]>> = {
  'continue-config': [
    /^(name|version|schema)$/,
    /^models\.\d+\.(name|provider|model|apiBase|apiKey|useResponsesApi|useLegacyCompletionsEndpoint)$/,
    /^models\.\d+\.(roles|capabilities)\.\d+$/,
    /^models\.\d+\.defaultCompletionOptions\.(contextLength|maxTokens)$/,
    /^models\.\d+\.requestOptions\.caBundlePath$/,
  ],
  'cline-providers': [
    /^(version|lastUsedProvider|modes)$/,
    /^providers\.openai-compatible\.(updatedAt|tokenSource)$/,
    /^providers\.openai-compatible\.settings\.(provider|apiKey|model|baseUrl)$/,
  ],
  'claude-code-settings': [/^env\.(ANTHROPIC|CLAUDE_CODE)_[A-Z0-9_]+$/],
  'codex-config': [
    /^(model|model_provider|model_catalog_json|web_search)$/,
    /^model_providers\.inglenook\.(name|base_url|env_key|wire_api|stream_idle_timeout_ms)$/,
    /^features\.image_generation$/,
  ],
  'codex-models': [/^./],
  'codex-key': [/^INGLENOOK_KEY$/],
  'opencode-config': [
    /^(\$schema|model)$/,
    /^provider\.inglenook\.(npm|name)$/,
    /^provider\.inglenook\.options\.(baseURL|apiKey)$/,
    /^provider\.inglenook\.models\..+\.(name|limit\.context|limit\.output)$/,
  ],
};

const addresses = /(^|\.)(apiBase|baseUrl|baseURL|base_url|ANTHROPIC_BASE_URL)$/;
/** A package that OpenCode would fetch and run. */
const packages = /(^|\.)npm$/;
const knownPackage = '@ai-sdk/openai-compatible';

/** @throws Refused for anything beyond */
export function requireAllowed(id: ConnectFileId, settings: unknown, origin: string): void {
  for (const [path, value] of leavesOf(settings)) {
    const isKnown = allowed[id].some((pattern) => pattern.test(path));
    const isPlain =
      value === null || ['string', 'number', 'boolean'].includes(typeof value) || isEmpty(value);
    if (!isKnown || !isPlain) throw foreign(path);
    if (addresses.test(path) && !isAtOrigin(value, origin)) throw foreign(path);
    if (packages.test(path) && value !== knownPackage) throw foreign(path);
  }
}

function foreign(path: string): Refused {
  return new Refused(
    `The server wants to set “${path}” in a way that this tool does not know. Nothing was written. If your Inglenook is newer than this file, fetch the file again.`,
  );
}

function isAtOrigin(value: unknown, origin: string): boolean {
  return typeof value === 'string' && (value === origin || value.startsWith(`${origin}/`));
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function leavesOf(value: unknown, path: readonly string[] = []): (readonly [string, unknown])[] {
  const children = Array.isArray(value) ? [...value.entries()] : isTree(value) ? Object.entries(value) : [];
  if (children.length === 0) return [[path.join('.'), value]];
  return children.flatMap(([key, child]) => leavesOf(child, [...path, String(key)]));
}
