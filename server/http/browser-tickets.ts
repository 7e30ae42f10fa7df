import { randomBytes } from 'node:crypto';
import { sha256 } from './secrets.ts';

/** One-time tickets that sign a browser of this computer in; only the app, over its own channel, may have one made. */
export type BrowserTickets = {
  /** 256 random bits, good for a minute and for one browser. */
  readonly issue: () => string;
  /** Whether it is one of ours that nobody has shown before; it is used up by that. */
  readonly redeem: (ticket: string) => boolean;
};

const lifetimeMs = 60_000;
const mostOpen = 20;

export function createBrowserTickets(monotonicMs: () => number): BrowserTickets {
  /** By the hash of the ticket, in the order of their ends. */
  const endsMs = new Map<string, number>();
  return {
    issue() {
      const ticket = randomBytes(32).toString('base64url');
      endsMs.set(nameOf(ticket), monotonicMs() + lifetimeMs);
      for (const name of [...endsMs.keys()].slice(0, -mostOpen)) endsMs.delete(name);
      return ticket;
    },
    redeem(ticket) {
      const name = nameOf(ticket);
      const endMs = endsMs.get(name);
      endsMs.delete(name);
      return endMs !== undefined && monotonicMs() < endMs;
    },
  };
}

function nameOf(ticket: string): string {
  return sha256(ticket).toString('hex');
}
