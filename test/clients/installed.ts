import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where `npm run test:clients` has put them (scripts/lib/client-packages.mjs). */
const modules = join(import.meta.dirname, '..', '..', '.cache', 'clients', 'node_modules');

/** Its own JavaScript, on the Node of these tests. */
export const continueCommand: readonly [string, string] = [
  process.execPath,
  join(modules, '@continuedev', 'cli', 'dist', 'cn.js'),
];

/** These are programs that lie in a package for each kind of computer; no install script has to put them elsewhere. */
export function codexProgram(): string {
  const folder = join(modules, '@openai', `codex-${process.platform}-${process.arch}`, 'vendor');
  const triples = [
    'x86_64-unknown-linux-musl',
    'aarch64-unknown-linux-musl',
    'x86_64-apple-darwin',
    'aarch64-apple-darwin',
    'x86_64-pc-windows-msvc',
    'aarch64-pc-windows-msvc',
  ];
  return found(
    'Codex',
    triples.map((triple) => join(folder, triple, 'bin', programName('codex'))),
  );
}

export function openCodeProgram(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const kinds = ['-baseline', ''].map((kind) => `opencode-${platform}-${process.arch}${kind}`);
  return found(
    'OpenCode',
    kinds.map((name) => join(modules, name, 'bin', programName('opencode'))),
  );
}

export function kiloProgram(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const kinds = ['-baseline', ''].map((kind) => `cli-${platform}-${process.arch}${kind}`);
  return found(
    'Kilo',
    kinds.map((name) => join(modules, '@kilocode', name, 'bin', programName('kilo'))),
  );
}

export function clineProgram(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  return found('Cline', [
    join(modules, '@cline', `cli-${platform}-${process.arch}`, 'bin', programName('cline')),
  ]);
}

export function claudeProgram(): string {
  const kinds = ['', '-musl'].map((kind) => `claude-code-${process.platform}-${process.arch}${kind}`);
  return found(
    'Claude Code',
    kinds.map((name) => join(modules, '@anthropic-ai', name, programName('claude'))),
  );
}

export function gooseProgram(): string {
  const name = `goose-binary-${process.platform}-${process.arch}`;
  return found('Goose', [join(modules, '@aaif', name, 'bin', programName('goose'))]);
}

/** Of Python: each in an environment of its own (scripts/lib/python-venv.mjs). */
export function aiderProgram(): string {
  return found('Aider', [inPython('aider', 'aider')]);
}

export function openWebUiProgram(): string {
  return found('Open WebUI', [inPython('open-webui', 'open-webui')]);
}

/** The Python whose libraries `npm test` installs. */
export function pythonProgram(): string {
  return found('Python', [inPython('requirements', 'python')]);
}

function inPython(list: string, name: string): string {
  const inside = process.platform === 'win32' ? 'Scripts' : 'bin';
  return join(modules, '..', '..', `python-${list}`, inside, programName(name));
}

function programName(name: string): string {
  return process.platform === 'win32' ? `${name}.exe` : name;
}

function found(title: string, candidates: readonly string[]): string {
  const program = candidates.find((file) => existsSync(file));
  if (program === undefined) {
    throw new Error(
      `${title} has no program for ${process.platform} ${process.arch}, or npm run test:clients was not used.`,
    );
  }
  return program;
}
