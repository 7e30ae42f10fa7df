import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where Ollama's installers put it, beside the folders that programs are looked for in. */
function usualFolders(): readonly string[] {
  switch (process.platform) {
    case 'win32':
      return [join(homedir(), 'AppData', 'Local', 'Programs', 'Ollama')];
    case 'darwin':
      return ['/Applications/Ollama.app/Contents/Resources', '/usr/local/bin', '/opt/homebrew/bin'];
    default:
      return ['/usr/local/bin', '/usr/bin', '/snap/bin', join(homedir(), '.local', 'bin')];
  }
}

/** Ollama's program on this computer; null when it is not installed. */
export async function findOllamaProgram(folders: readonly string[]): Promise<string | null> {
  const name = process.platform === 'win32' ? 'ollama.exe' : 'ollama';
  for (const folder of [...folders, ...usualFolders()]) {
    const path = join(folder, name);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return null;
}

/**
 * Where somebody's own Ollama listens, by its own variable (`host`, `host:port` or an address) or as usual. One that
 * listens everywhere is reached on loopback.
 */
export function ollamaAddress(host: string | null): string {
  const usual = 'http://127.0.0.1:11434';
  const text = host?.trim() ?? '';
  if (text === '') return usual;
  const whole = /^https?:\/\//u.test(text) ? text : `http://${text}`;
  if (!URL.canParse(whole)) return usual;
  const url = new URL(whole);
  if (url.hostname === '0.0.0.0' || url.hostname === '[::]') url.hostname = '127.0.0.1';
  if (url.port === '' && !/^https?:\/\//u.test(text)) url.port = '11434';
  return url.origin;
}

/** Before it, a model file could read the memory of the server (CVE-2026-7482). */
const safeFrom = [0, 17, 1] as const;

export function isSafeVersion(version: string): boolean {
  const parts = /^(\d+)\.(\d+)\.(\d+)/u.exec(version)?.slice(1).map(Number);
  // 0.0.0 is what one says that was built without being told its version.
  if (parts === undefined || parts.every((part) => part === 0)) return true;
  for (const [index, least] of safeFrom.entries()) {
    const part = parts[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}
