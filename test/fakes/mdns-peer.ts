import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import multicastDns from 'multicast-dns';
import { onTestFinished, vi } from 'vitest';

/** Another program on the same network, a process of its own that speaks multicast DNS by another library's hand. */
export type MdnsPeer = {
  /** Every answer it has seen, its own included. */
  readonly seen: PeerRecord[];
  readonly ask: (name: string, type?: string) => void;
  /** Says something without being asked. */
  readonly say: (records: readonly PeerRecord[]) => void;
  /** From now on it answers to these names, or to every name, with `records`. */
  readonly claim: (names: readonly string[] | 'all', records: readonly PeerRecord[]) => void;
  /** Asks again and again until an answer of this name and type is there. */
  readonly find: (name: string, type: string) => Promise<PeerRecord>;
};

export type PeerRecord = {
  readonly name: string;
  readonly type: string;
  readonly ttl?: number;
  readonly flush?: boolean;
  readonly data?: unknown;
};

type Command = {
  readonly ask?: { readonly name: string; readonly type: string };
  readonly say?: readonly PeerRecord[];
  readonly claim?: { readonly names: readonly string[] | 'all'; readonly records: readonly PeerRecord[] };
};

/** On loopback, and on a port of the test's own, so that nothing leaves this computer. */
export async function startMdnsPeer(port: number, address = '127.0.0.1'): Promise<MdnsPeer> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), String(port), address], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill());
  const seen: PeerRecord[] = [];
  const lines = createInterface({ input: child.stdout });
  await new Promise<void>((resolve) => lines.once('line', () => resolve()));
  lines.on('line', (line) => seen.push(...(JSON.parse(line) as PeerRecord[])));
  // The end of the test may come before it has read everything.
  child.stdin.on('error', () => undefined);
  const command = (words: Command): void => void child.stdin.write(`${JSON.stringify(words)}\n`);
  const ask: MdnsPeer['ask'] = (name, type = 'PTR') => command({ ask: { name, type } });
  return {
    seen,
    ask,
    say: (records) => command({ say: records }),
    claim: (names, records) => command({ claim: { names, records } }),
    find: (name, type) =>
      vi.waitFor(
        () => {
          const found = seen.findLast((record) => record.name === name && record.type === type);
          if (found !== undefined) return found;
          ask(name, type);
          throw new Error(`nobody answers to ${name} ${type}`);
        },
        { timeout: 8_000, interval: 100 },
      ),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , port, address = '127.0.0.1'] = process.argv;
  const mdns = multicastDns({ port: Number(port), interface: address, bind: '0.0.0.0' });
  type Answers = Parameters<typeof mdns.respond>[0];
  let claimed: Command['claim'];
  const tell = (line: string): void => void process.stdout.write(`${line}\n`);
  mdns.on('ready', () => tell('ready'));
  mdns.on('response', ({ answers = [], additionals = [] }) =>
    tell(JSON.stringify([...answers, ...additionals])),
  );
  mdns.on('query', ({ questions = [] }) => {
    if (claimed === undefined) return;
    for (const { name } of questions) {
      if (claimed.names !== 'all' && !claimed.names.includes(name)) continue;
      mdns.respond(claimed.records.map((record) => ({ ...record, name })) as Answers);
    }
  });
  createInterface({ input: process.stdin }).on('line', (line) => {
    const { ask, say, claim } = JSON.parse(line) as Command;
    if (ask !== undefined) mdns.query([{ name: ask.name, type: ask.type as 'PTR' }]);
    if (say !== undefined) mdns.respond([...say] as Answers);
    if (claim !== undefined) claimed = claim;
  });
}
