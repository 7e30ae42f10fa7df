import {
  isSameName,
  recordsOf,
  type Mdns,
  type MdnsPacket,
  type MdnsRecord,
  type MdnsSender,
} from './mdns.ts';
import { fullName, type OwnNames } from './own-names.ts';

/** Somebody else uses a name of ours. `isLost`: it is theirs now. */
export type Contest = { readonly name: string; readonly by: string; readonly isLost: boolean };

/** So often we say that a name is ours before we take another. */
const mostDefences = 3;

type Defended = OwnNames & {
  readonly address: string;
  readonly port: number;
  readonly records: () => readonly MdnsRecord[];
  readonly onContested: (contest: Contest) => void;
};

/**
 * Two that have probed at the same moment both believe a name to be theirs (RFC 6762 §9): the greater address keeps
 * it and says so again, the other takes the next. Somebody who goes on all the same gets the name in the end: it is a
 * convenience, and no quarrel is worth a network full of packets.
 */
export function defend(mdns: Mdns, own: Defended, signal: AbortSignal): void {
  let defences = 0;
  mdns.on('response', (packet, from) => {
    if (signal.aborted) return;
    const name = contestedName(packet, own);
    if (name === null) return;
    const isLost = defences >= mostDefences || isGreater(from, own);
    defences += 1;
    if (!isLost) mdns.respond(own.records());
    own.onContested({ name, by: from.address, isLost });
  });
}

/** A name of ours with what is not ours behind it; the same from another adapter or a repeater is no contest. */
function contestedName(packet: MdnsPacket, own: Defended): string | null {
  for (const { name, type, ttl, data } of recordsOf(packet)) {
    if (ttl === 0) continue;
    if (type === 'A' && isSameName(name, own.host) && data !== own.address) return own.host;
    if (type !== 'SRV' || !isSameName(name, fullName(own.name))) continue;
    const { target, port } = (data ?? {}) as { readonly target?: unknown; readonly port?: unknown };
    if (port !== own.port || typeof target !== 'string' || !isSameName(target, own.host)) return own.name;
  }
  return null;
}

function isGreater(from: MdnsSender, own: Defended): boolean {
  const number = (address: string): number =>
    address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  // Another server on this computer: one of the two must give way, and only this one is ours to move.
  return number(from.address) >= number(own.address);
}
