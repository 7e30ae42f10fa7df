import { setTimeout as wait } from 'node:timers/promises';
import { closeMdns, insideOf, isSameName, openMdns, recordsOf, type MdnsPacket } from '../lan/mdns.ts';

export type MdnsQuestion = {
  readonly host: string;
  /** The own address whose network is asked. */
  readonly address: string;
  readonly signal: AbortSignal;
  /** UDP port; another than 5353 only in tests. */
  readonly mdnsPort?: number | undefined;
};

const rounds = 4;
const roundMs = 500;

/**
 * Asks the network for a name as any other device would, by a socket of its own.
 * @returns the addresses that were answered, each once; none where nobody has answered
 * @throws what keeps it from asking
 */
export async function askMdns({ host, address, signal, mdnsPort }: MdnsQuestion): Promise<readonly string[]> {
  const found = new Set<string>();
  let trouble: unknown = null;
  const bonjour = openMdns({ address, port: mdnsPort, onTrouble: (error) => (trouble ??= error) });
  const { mdns } = insideOf(bonjour).server;
  mdns.on('response', (packet: MdnsPacket) => {
    for (const { name, type, ttl, data } of recordsOf(packet)) {
      const isAnswer = type === 'A' && ttl !== 0 && isSameName(name, host);
      if (isAnswer && typeof data === 'string' && found.size < 8) found.add(data);
    }
  });
  try {
    for (let round = 0; round < rounds && found.size === 0; round += 1) {
      mdns.query([{ name: host, type: 'A' }]);
      await wait(roundMs, undefined, { signal });
      if (trouble !== null) throw trouble;
    }
    return [...found];
  } finally {
    closeMdns(bonjour);
  }
}
