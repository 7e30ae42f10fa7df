import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { followGuide, write } from './guide.ts';
import type { Desk, Ran } from './headless.ts';
import * as installed from './installed.ts';
import type { Office } from './offices.ts';

/** One tool as our Connect page sets it up, and how it is asked without anybody at its screen. */
export type Client = {
  readonly name: string;
  readonly ask: (prompt: string, at: At) => Promise<Ran>;
  /** Whether it takes an answer that was cut at the most tokens for one, as which the starter model's has to end. */
  readonly takesCutAnswers: boolean;
  /** The order for the script that makes it read a file of the project; null for one without tools. */
  readonly orderToRead: ((file: string, desk: Desk) => string) | null;
};

type At = {
  readonly desk: Desk;
  readonly office: Office;
  /** The starter model reads slowly and little: what a client's own prompt has beyond that is left out, by its own switches. */
  readonly isSmall: boolean;
};

const continueCli: Client = {
  name: 'Continue',
  takesCutAnswers: true,
  async ask(prompt, { desk, office }) {
    const { run } = await followGuide('continue', { desk, office, programs: {} });
    const config = join(desk.home, '.continue', 'config.yaml');
    return run([...installed.continueCommand, '-p', '--auto', '--config', config, prompt], {
      CONTINUE_TELEMETRY_ENABLED: '0',
    });
  },
  orderToRead: (file) => `call Read(${JSON.stringify({ filepath: file })})`,
};

const cline: Client = {
  name: 'Cline',
  takesCutAnswers: false,
  async ask(prompt, { desk, office }) {
    const programs = { cline: installed.clineProgram() };
    const { run } = await followGuide('cline', { desk, office, programs });
    const ran = await run(['cline', prompt], { CLINE_TELEMETRY_DISABLED: '1' });
    endClineHub(desk);
    return ran;
  },
  orderToRead: (file) => `call run_commands(${JSON.stringify({ commands: [`cat ${file}`] })})`,
};

/** It leaves a process behind that has left its group, and says which. */
export function endClineHub({ home }: Desk): void {
  const file = join(home, '.cline', 'data', 'locks', 'hub', 'production.json');
  try {
    const { pid } = z.looseObject({ pid: z.int().positive() }).parse(JSON.parse(readFileSync(file, 'utf8')));
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // Not started, or gone already.
    if (!isMissing(error)) throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['ENOENT', 'ESRCH'].includes(String(error.code));
}

const claudeCode: Client = {
  name: 'Claude Code',
  takesCutAnswers: true,
  async ask(prompt, { desk, office, isSmall }) {
    const programs = { claude: installed.claudeProgram() };
    const { run } = await followGuide('claude-code', { desk, office, programs });
    // Twelve thousand tokens of instructions and tools are more than the starter model can read.
    const less = isSmall ? ['--system-prompt', 'You are a friendly helper.', '--tools', ''] : [];
    return run(['claude', '-p', prompt, ...less]);
  },
  orderToRead: (file, desk) => `call Read(${JSON.stringify({ file_path: join(desk.project, file) })})`,
};

const codex: Client = {
  name: 'Codex',
  takesCutAnswers: false,
  async ask(prompt, { desk, office }) {
    const programs = { codex: installed.codexProgram() };
    const { run } = await followGuide('codex', { desk, office, programs });
    // Its own sandbox wants rights that a container seldom has; what it runs here is the test's own order.
    const flags = ['--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', '--strict-config'];
    return run(['codex', 'exec', ...flags, prompt]);
  },
  orderToRead: (file) => `call exec_command(${JSON.stringify({ cmd: `cat ${file}` })})`,
};

const openCode: Client = {
  name: 'OpenCode',
  takesCutAnswers: true,
  async ask(prompt, at) {
    const programs = { opencode: installed.openCodeProgram() };
    const { run } = await followGuide('opencode', { ...at, programs });
    if (at.isSmall) write(join(at.desk.project, 'opencode.json'), smallAgent);
    // Word by word: what holds a space it would put into quotes, for the model to see.
    return run(['opencode', 'run', ...prompt.split(' ')], {
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
    });
  },
  orderToRead: (file, desk) => `call read(${JSON.stringify({ filePath: join(desk.project, file) })})`,
};

/**
 * Of OpenCode and what is built on it, read beside the file of the guide: the usual instructions alone have 8,000 tokens, and
 * for its answer it asks for as much as it has been told there is.
 */
const smallAgent = JSON.stringify({
  agent: { build: { prompt: 'You are a friendly helper.', tools: { '*': false } } },
  provider: { inglenook: { models: { 'office-code': { limit: { context: 8192, output: 64 } } } } },
});

const kilo: Client = {
  name: 'Kilo',
  takesCutAnswers: true,
  async ask(prompt, at) {
    const programs = { kilo: installed.kiloProgram() };
    const { run } = await followGuide('kilo-code', { ...at, programs });
    if (at.isSmall) write(join(at.desk.project, 'kilo.json'), smallAgent.replace('build', 'code'));
    return run(['kilo', 'run', ...prompt.split(' ')], {
      KILO_DISABLE_MODELS_FETCH: '1',
      KILO_DISABLE_AUTOUPDATE: '1',
      KILO_DISABLE_LSP_DOWNLOAD: '1',
      KILO_TELEMETRY_LEVEL: 'off',
    });
  },
  orderToRead: (file, desk) => `call read(${JSON.stringify({ filePath: join(desk.project, file) })})`,
};

const aider: Client = {
  name: 'Aider',
  takesCutAnswers: true,
  async ask(prompt, { desk, office }) {
    const programs = { aider: installed.aiderProgram() };
    const { run } = await followGuide('aider', { desk, office, programs });
    const quiet = [
      '--yes-always',
      '--no-git',
      '--no-check-update',
      '--no-analytics',
      '--no-show-release-notes',
    ];
    return run(['aider', '--message', prompt, ...quiet, 'note.txt']);
  },
  orderToRead: null,
};

const goose: Client = {
  name: 'Goose',
  takesCutAnswers: true,
  async ask(prompt, { desk, office }) {
    const programs = { goose: installed.gooseProgram() };
    const { run } = await followGuide('goose', { desk, office, programs });
    return run(['goose', 'run', '--no-session', '-q', '-t', prompt], { GOOSE_DISABLE_KEYRING: '1' });
  },
  orderToRead: (file) => `call shell(${JSON.stringify({ command: `cat ${file}` })})`,
};

export const clients: readonly Client[] = [
  continueCli,
  cline,
  claudeCode,
  codex,
  openCode,
  kilo,
  aider,
  goose,
];
