import { hostname, homedir, userInfo } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { plain } from './plain.ts';

/** The computer of the person, as the tool sees it. Tests hand in another. */
export type World = {
  readonly home: string;
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What the owner is shown unless `--device` says otherwise. */
  readonly deviceName: string;
  readonly nowMs: () => number;
  readonly wait: (ms: number) => Promise<void>;
  /** One line, without anything that could steer a terminal. */
  readonly say: (line: string) => void;
  /** Null where nobody is there to answer. */
  readonly confirm: (question: string) => Promise<boolean | null>;
  readonly mdns: MdnsWorld;
};

export type MdnsWorld = {
  /** UDP port; another than 5353 only in tests. */
  readonly port: number;
  /** Own IPv4 addresses to ask from; null for those of all adapters. */
  readonly addresses: readonly string[] | null;
  readonly listenMs: number;
};

/** `isQuiet`: stdout belongs to the result for programs, so sentences go to stderr. */
export function thisComputer({
  isQuiet,
}: {
  readonly isQuiet: boolean;
}): World & { readonly close: () => void } {
  const out = isQuiet ? process.stderr : process.stdout;
  const answers = openAnswers(out);
  return {
    home: homedir(),
    platform: process.platform,
    environment: process.env,
    deviceName: deviceName(),
    nowMs: Date.now,
    wait: (ms) => sleep(ms),
    say: (line) => void out.write(`${plain(line)}\n`),
    confirm: answers.confirm,
    close: answers.close,
    mdns: { port: 5353, addresses: null, listenMs: 1_500 },
  };
}

function deviceName(): string {
  const host = hostname().split('.')[0] ?? '';
  try {
    return `${userInfo().username} on ${host}`;
  } catch {
    // A user without a name, as in some containers.
    return host === '' ? 'a computer' : host;
  }
}

/** One reader for all questions: what was typed or piped ahead is not lost. */
function openAnswers(out: NodeJS.WritableStream) {
  let lines: ReturnType<typeof createInterface> | null = null;
  let next: AsyncIterator<string> | null = null;
  return {
    async confirm(question: string): Promise<boolean | null> {
      lines ??= createInterface({ input: process.stdin, terminal: false });
      next ??= lines[Symbol.asyncIterator]();
      out.write(`${plain(question)} [y/N] `);
      const answer = await next.next();
      if (answer.done !== true) return /^\s*(y|yes|j|ja)\s*$/i.test(answer.value);
      out.write('\n');
      return null;
    },
    close: () => lines?.close(),
  };
}
