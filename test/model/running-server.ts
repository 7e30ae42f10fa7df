import { spawn, type ChildProcess } from 'node:child_process';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';

const root = new URL('../..', import.meta.url).pathname;
const run = promisify(execFile);

export type RunningServer = {
  readonly url: string;
  readonly dataDir: string;
  readonly child: ChildProcess;
  /** Lines on stdout so far. */
  readonly stdout: readonly string[];
  /** All of stderr so far. */
  readonly stderr: () => string;
  /** `npx inglenook …` against this server; stdout. */
  readonly cli: (...args: string[]) => Promise<string>;
  /** Sends the signal to the outermost process and waits for its exit code. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | null>;
};

type StartOptions = {
  readonly command?: readonly [string, ...string[]];
  readonly environment?: Readonly<Record<string, string>>;
  readonly dataDir?: string;
};

/** `npm start` (or `command`) as a user runs it, on any free port and a data folder of its own. */
export async function startServer(options: StartOptions = {}): Promise<RunningServer> {
  const dataDir = options.dataDir ?? temporaryDir();
  const [program, ...args] = options.command ?? ['npm', 'start', '--silent'];
  const environment = {
    ...process.env,
    INGLENOOK_DATA_DIR: dataDir,
    INGLENOOK_PORT: '0',
    ...options.environment,
  };
  const child = spawn(program, args, { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const stdout: string[] = [];
  const stderr: Buffer[] = [];
  child.stderr?.on('data', (bytes: Buffer) => stderr.push(bytes));
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return (await exited)[0];
  };
  onTestFinished(async () => void (await stop()));
  const url = await Promise.race([
    readyUrl(child, stdout),
    exited.then(([code]) => {
      throw new Error(`exit ${code}: ${Buffer.concat(stderr).toString()}`);
    }),
  ]);
  const cli = async (...cliArgs: string[]): Promise<string> => {
    const { stdout: output } = await run(process.execPath, ['scripts/inglenook.mjs', ...cliArgs], {
      cwd: root,
      env: environment,
    });
    return output.trim();
  };
  return { url, dataDir, child, stdout, stderr: () => Buffer.concat(stderr).toString(), cli, stop };
}

export function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'inglenook-test-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function readyUrl(child: ChildProcess, stdout: string[]): Promise<string> {
  return new Promise((resolve) => {
    if (child.stdout === null) throw new Error('no stdout');
    createInterface({ input: child.stdout }).on('line', (line) => {
      stdout.push(line);
      const url = /^Inglenook is ready at (http:\/\/127\.0\.0\.1:\d+)$/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
}
