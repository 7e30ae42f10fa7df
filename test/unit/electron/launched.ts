import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { runApp } from '../../../electron/app.ts';
import type { ShellOptions, Surroundings } from '../../../electron/shell.ts';
import type { Time } from '../../../electron/time.ts';
import type { ChildBehaviour } from '../../fakes/electron-app.ts';
import { fakeElectron, type FakeElectron, type FakeElectronOptions } from '../../fakes/electron.ts';
import { createManualTime, type ManualTime } from '../../fakes/manual-time.ts';

export const origin = 'http://127.0.0.1:4321';

export type Launched = FakeElectron & {
  readonly time: ManualTime;
  readonly dataDir: string;
  readonly options: ShellOptions;
};

export type LaunchOptions = FakeElectronOptions & {
  readonly surroundings?: Partial<Surroundings>;
  readonly hasTrayHost?: boolean;
  readonly dataDir?: string;
};

/** The app on the double, until all that follows from its launch has happened. */
export async function launch(options: LaunchOptions = {}): Promise<Launched> {
  const prepared = prepare(options);
  await runApp(prepared.api, prepared.options);
  await settled();
  return prepared;
}

/** The same before its launch. */
export function prepare(options: LaunchOptions = {}): Launched {
  const { surroundings, hasTrayHost = true, dataDir = temporaryFolder(), ...fake } = options;
  const time = createManualTime();
  return {
    ...fakeElectron(fake),
    time,
    dataDir,
    options: {
      serverEntry: '/app/dist/server/main.js',
      preload: '/app/dist/electron/preload.cjs',
      iconsDir: '/app/resources/icons',
      surroundings: {
        platform: 'linux',
        argv: ['/app/inglenook'],
        environment: {},
        home: dataDir,
        execPath: '/app/inglenook',
        dataDir,
        ...surroundings,
      },
      time: timeOf(time),
      hasTrayHost: async () => hasTrayHost,
    },
  };
}

export function timeOf({ clock, timers }: ManualTime): Time {
  return { ...clock, after: timers.after };
}

/** All that is under way without waiting for time has happened. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'inglenook-shell-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Second by second, so that what is asked in between is answered. */
export async function advanceBySeconds({ time }: Launched, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    time.advance(1_000);
    await settled();
  }
}

/** Another server has the data folder. */
export function alreadyRunning(running?: { pid: number; port: number }): ChildBehaviour {
  return (_message, child) => {
    const fatal = { v: 1, type: 'fatal', code: 'already_running', message: 'It is running.' } as const;
    child.say(running === undefined ? fatal : { ...fatal, running });
    child.end(1);
  };
}
