import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { connect, type ConnectResult } from '../../../server/connect-tool/connect.ts';
import { undo, type UndoResult } from '../../../server/connect-tool/undo.ts';
import { readWords } from '../../../server/connect-tool/words.ts';
import type { World } from '../../../server/connect-tool/world.ts';

/** A colleague's computer with an empty home folder, and somebody before it who says what the test says. */
export type Desk = {
  readonly home: string;
  readonly world: World;
  /** What was said, line by line. */
  readonly said: string[];
  /** Answers to the questions to come, in their order; null: nobody is there. */
  readonly answers: (boolean | null)[];
  readonly write: (path: string, text: string, mode?: number) => void;
  readonly read: (path: string) => string;
  /** Every file below home but the tool's own, with its bytes and rights. */
  readonly everything: () => Readonly<Record<string, string>>;
  readonly connect: (...words: string[]) => Promise<ConnectResult>;
  readonly undo: (...words: string[]) => Promise<UndoResult>;
};

/** `onWait` happens in each pause of the tool, in place of time. */
export function setUpDesk(onWait: (waits: number) => unknown = () => undefined): Desk {
  const home = mkdtempSync(join(tmpdir(), 'inglenook-desk-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const said: string[] = [];
  const answers: (boolean | null)[] = [];
  let waits = 0;
  const world: World = {
    home,
    platform: 'linux',
    environment: {},
    deviceName: 'anna on desk-7',
    nowMs: Date.now,
    wait: async () => void (await onWait((waits += 1))),
    say: (line) => void said.push(line),
    confirm: async (question) => {
      said.push(question);
      const answer = answers.shift();
      if (answer === undefined) throw new Error(`nobody expected to be asked: ${question}`);
      return answer;
    },
    mdns: { port: 5353, addresses: [], listenMs: 0 },
  };
  const at = (path: string): string => join(home, path);
  return {
    home,
    world,
    said,
    answers,
    write(path, text, mode = 0o644) {
      mkdirSync(dirname(at(path)), { recursive: true });
      writeFileSync(at(path), text, { mode });
    },
    read: (path) => readFileSync(at(path), 'utf8'),
    everything: () => everythingIn(home),
    connect: (...words) => connect(world, readWords(words)),
    undo: (...words) => undo(world, readWords(['undo', ...words])),
  };
}

function everythingIn(folder: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1);
    if (name.startsWith(join('.local', 'state', 'inglenook-connect'))) continue;
    const mode = (statSync(path).mode & 0o777).toString(8);
    if (entry.isFile()) files[name] = `${mode} ${readFileSync(path).toString('base64')}`;
  }
  return files;
}
