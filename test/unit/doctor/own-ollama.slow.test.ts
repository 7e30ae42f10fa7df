import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock, systemTimers } from '../../../server/core/clock.ts';
import { usualOllamaSettings } from '../../../server/core/ollama.ts';
import { findSideDoors } from '../../../server/doctor/side-doors.ts';
import { createOllama } from '../../../server/engines/ollama/ollama-control.ts';

const never = new AbortController().signal;

// 127.0.0.0/8 is this computer's on Linux only, and a program's file is a shell script here.
test.runIf(process.platform === 'linux')(
  'the Ollama that we start is no side door, not even where the owner’s environment opens it to the network',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'inglenook-own-ollama-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const program = join(folder, 'ollama');
    await writeFile(
      program,
      `#!/bin/sh\nexec '${process.execPath}' '${resolve('test/fakes/fake-ollama.ts')}' "$@"\n`,
    );
    await chmod(program, 0o755);
    let settings = usualOllamaSettings;
    const managed = createOllama({
      settings: { get: () => settings, set: (next) => (settings = next) },
      host: '127.0.0.1:9',
      searchPath: [folder],
      environment: { PATH: process.env['PATH'] ?? '', OLLAMA_HOST: '0.0.0.0:0' },
      pidFile: join(folder, 'ollama.pid'),
      isOffline: () => false,
      clock: systemClock,
      timers: systemTimers,
      log: { debug() {}, info() {}, warn() {}, error() {} },
      onChange() {},
    });
    onTestFinished(async () => await managed.stop());
    const { state, address } = await managed.configure({ use: 'own' });
    expect(state).toBe('ready');

    const port = Number(new URL(address ?? '').port);
    const findAt = (own: string) =>
      findSideDoors({ addresses: [own], ownPort: 1, portsOf: () => [port], signal: never });
    expect(await findAt('127.0.0.2')).toEqual([]);
    // It is there, and would be found if it could be reached.
    expect(await findAt('127.0.0.1')).toMatchObject([{ product: 'Ollama', port }]);
  },
);
