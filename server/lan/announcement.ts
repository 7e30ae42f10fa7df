import { setTimeout as wait } from 'node:timers/promises';
import type { Bonjour, Service } from 'bonjour-service';
import { defend, type Contest } from './defend.ts';
import { closeMdns, insideOf, isSameName, openMdns, type MdnsRecord } from './mdns.ts';
import { freeNames, probeIntervalMs, type NameWish, type OwnNames } from './own-names.ts';

/** One life of the service on the network: names are found, announced, defended, and given back with a goodbye. */
export type Announcement = {
  /** Says goodbye and frees the socket. Never rejects. */
  readonly end: () => Promise<void>;
};

/** What `tls` and `fp` of the TXT record say: hints only, nobody may trust them. */
export type AdvertisedTls = {
  readonly isOn: boolean;
  /** The beginning of the hash of our CA; null while there is none. */
  readonly fingerprint: string | null;
};

export type AnnounceOptions = NameWish & {
  readonly address: string;
  readonly port: number;
  /** Eight hex digits that stay the same for this installation. */
  readonly id: string;
  readonly version: string;
  readonly tls: AdvertisedTls;
  /** UDP port; another than 5353 only in tests. */
  readonly mdnsPort?: number | undefined;
};

export type AnnouncementEvents = {
  readonly onAnnounced: (names: OwnNames) => void;
  /** It is of no use any more and is to be ended. */
  readonly onTrouble: (error: unknown) => void;
  /** Somebody else uses our name. `isLost`: it is theirs now, and this life is to be ended. */
  readonly onContested: (contest: Contest) => void;
};

const goodbyeWithinMs = 1_000;
/** Questions answered in a second and in a packet: enough for any office, too little to make a flood of. */
const mostQueriesPerSecond = 40;
const mostQuestions = 16;

/** Events come later than the call, and none after `end`. */
export function announce(options: AnnounceOptions, events: AnnouncementEvents): Announcement {
  const ending = new AbortController();
  const { signal } = ending;
  let bonjour: Bonjour | null = null;
  const trouble = (error: unknown): void => {
    if (!signal.aborted) events.onTrouble(error);
  };
  async function begin(): Promise<void> {
    await wait(Math.random() * probeIntervalMs, undefined, { signal });
    bonjour = openMdns({ address: options.address, port: options.mdnsPort, onTrouble: trouble });
    const { mdns } = insideOf(bonjour).server;
    const names = await freeNames(mdns, options, signal);
    const records = publish(bonjour, options, names);
    defend(mdns, { ...options, ...names, records, onContested: events.onContested }, signal);
    events.onAnnounced(names);
  }
  begin().catch(trouble);
  return {
    end: async () => {
      ending.abort();
      if (bonjour === null) return;
      await sayGoodbye(bonjour);
      closeMdns(bonjour);
    },
  };
}

/** @returns what is announced, made anew at each call */
function publish(
  bonjour: Bonjour,
  options: AnnounceOptions,
  { name, host }: OwnNames,
): () => readonly MdnsRecord[] {
  // We have probed already; the library would do so again.
  insideOf(bonjour).registry.probe = (_mdns, _service, done) => setImmediate(done, false);
  const { tls, version } = options;
  const service = bonjour.publish({
    name,
    host,
    type: 'http',
    subtypes: ['inglenook', 'openai'],
    port: options.port,
    disableIPv6: true,
    txt: {
      txtvers: '1',
      path: '/',
      api: '/v1',
      tls: tls.isOn ? '1' : '0',
      id: options.id,
      ...(tls.fingerprint === null ? {} : { fp: tls.fingerprint }),
      ver: version.split('.').slice(0, 2).join('.'),
    },
  });
  reduceRecords(service, options.address);
  answerWithCare(bonjour, service);
  return () => service.records();
}

/**
 * The library would announce every adapter, and others then try Docker's bridge first (measured, security.md §3). It
 * asks for the records when it announces, a moment after `publish`, and again for the goodbye. What is ours alone
 * replaces what others remember of an earlier address (RFC 6762 §10.2).
 */
function reduceRecords(service: Service, address: string): void {
  const allRecords = service.records.bind(service);
  service.records = () => [
    ...allRecords()
      .filter(({ type }) => type !== 'A' && type !== 'AAAA')
      .map((record) => (record.type === 'PTR' ? record : { ...record, flush: true })),
    { name: service.host, type: 'A', ttl: 120, flush: true, data: address },
  ];
}

/**
 * Between a question and the library: only questions for what is ours, a bounded number of them, since every answer
 * goes to the whole network. And "there is no IPv6 address" is said (NSEC, RFC 6762 §6.1): Apple's resolver would
 * wait five seconds for one each time.
 */
function answerWithCare(bonjour: Bonjour, service: Service): void {
  const { server } = insideOf(bonjour);
  const recordsFor = server.recordsFor.bind(server);
  const nothingElse: MdnsRecord = {
    name: service.host,
    type: 'NSEC',
    ttl: 120,
    flush: true,
    data: { nextDomain: service.host, rrtypes: ['A'] },
  };
  server.recordsFor = (name, type) =>
    type === 'AAAA' && isSameName(name, service.host) ? [nothingElse] : recordsFor(name, type);

  const ours = new Set(service.records().map(({ name }) => name.toLowerCase()));
  const mayAnswer = perSecond(mostQueriesPerSecond);
  for (const answer of server.mdns.listeners('query')) {
    server.mdns.off('query', answer);
    server.mdns.on('query', (packet, from) => {
      const questions = packet.questions
        .filter(({ name }) => ours.has(name.toLowerCase()))
        .slice(0, mostQuestions);
      if (questions.length > 0 && mayAnswer()) answer({ ...packet, questions }, from);
    });
  }
}

function perSecond(most: number): () => boolean {
  let windowStartMs = 0;
  let count = 0;
  return () => {
    const nowMs = performance.now();
    if (nowMs - windowStartMs >= 1_000) [windowStartMs, count] = [nowMs, 0];
    count += 1;
    return count <= most;
  };
}

async function sayGoodbye(bonjour: Bonjour): Promise<void> {
  try {
    const said = new Promise<void>((resolve) => {
      bonjour.unpublishAll(() => resolve());
    });
    await Promise.race([said, wait(goodbyeWithinMs, undefined, { ref: false })]);
  } catch {
    // The network may be gone already; the records die by their time to live.
  }
}
