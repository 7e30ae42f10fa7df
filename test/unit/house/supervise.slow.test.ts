import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';

const supervisor = join(import.meta.dirname, 'supervisor.mjs');
const server = join(import.meta.dirname, 'stand-in-server.mjs');

// Process groups and parents are POSIX's; on Windows the channel alone does this work.
describe.skipIf(process.platform === 'win32')('npm start’s process', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'passes %s on once and exits as the server does',
    async (signal) => {
      const start = await started('stops');
      start.child.kill(signal);
      expect(await start.exitCode).toBe(0);
      expect(start.stderr()).toContain('told 1 time(s)');
      await expectGone(start.pids);
    },
  );

  test('a signal to the whole group, as Ctrl-C in a terminal sends it, reaches the server once', async () => {
    const start = await started('stops');
    process.kill(-(start.child.pid ?? 0), 'SIGINT');
    start.child.kill('SIGINT');
    expect(await start.exitCode).toBe(0);
    expect(start.stderr()).toContain('told 1 time(s)');
  });

  test('gives the server’s exit code and leaves none of its processes behind', async () => {
    const start = await started('fails');
    start.child.kill('SIGTERM');
    expect(await start.exitCode).toBe(7);
    await expectGone(start.pids);
  });

  test('ends a server that does not stop, its processes included', async () => {
    const start = await started('hangs', '100');
    start.child.kill('SIGTERM');
    expect(await start.exitCode).toBe(137);
    expect(start.stderr()).toContain('did not stop in time');
    await expectGone(start.pids);
  });

  test('the server stops when npm start’s process is killed', async () => {
    const start = await started('stops');
    start.child.kill('SIGKILL');
    await expectGone(start.pids);
  });

  test.runIf(process.platform === 'linux')('below npm it stops when npm is gone', async () => {
    // npm → sh -c → node, as npm starts scripts; killing the first tells nobody below it.
    const script = `"${process.execPath}" "${supervisor}" "${server}" stops; true`;
    const npm = `require('node:child_process').spawn('sh', ['-c', process.argv[1]], { stdio: 'inherit' })`;
    const start = await observed(
      spawn(process.execPath, ['-e', npm, script], withPipes({ npm_lifecycle_event: 'start' })),
    );
    start.child.kill('SIGKILL');
    await expectGone(start.pids);
  });
});

type Start = {
  readonly child: ChildProcess;
  readonly exitCode: Promise<unknown>;
  /** The server's process and that of its engine. */
  readonly pids: readonly number[];
  readonly stderr: () => string;
};

function started(manner: string, graceMs = '9500'): Promise<Start> {
  return observed(
    spawn(process.execPath, [supervisor, server, manner, graceMs], { ...withPipes({}), detached: true }),
  );
}

function withPipes(environment: Readonly<Record<string, string>>) {
  const { npm_lifecycle_event: _ours, ...inherited } = process.env;
  return { stdio: 'pipe' as const, env: { ...inherited, ...environment } };
}

async function observed(child: ChildProcess): Promise<Start> {
  const exitCode = once(child, 'exit').then(([code]: unknown[]) => code);
  let stderr = '';
  child.stderr?.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  if (child.stdout === null) throw new Error('stdout is a pipe');
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const pids = line.split(' ').slice(1).map(Number);
  onTestFinished(() =>
    [child.pid ?? 0, ...pids].filter(isAlive).forEach((pid) => process.kill(pid, 'SIGKILL')),
  );
  return { child, exitCode, pids, stderr: () => stderr };
}

async function expectGone(pids: readonly number[]): Promise<void> {
  const deadlineMs = performance.now() + 8_000;
  while (pids.some(isAlive) && performance.now() < deadlineMs) await sleep(20);
  expect(pids.filter(isAlive)).toEqual([]);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
