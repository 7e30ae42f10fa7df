import { z } from 'zod';

/** A single address or a CIDR range, of either kind. */
const addressRange = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
  message: 'Give addresses like 192.168.1.20 or ranges like 192.168.1.0/24.',
});

/** What passes on for others speaks for all of them, so it must be named; half the internet is no proxy. */
const proxyRange = addressRange.refine(
  (range) => {
    const [network = '', prefix] = range.split('/');
    return prefix === undefined || Number(prefix) >= (network.includes(':') ? 48 : 16);
  },
  { message: 'Name the proxies narrowly: an address, or a range of at most /16 (IPv6: /48).' },
);

const countOf = (least: number, most: number): z.ZodInt =>
  z
    .int('a whole number')
    .min(least, `a number from ${least} to ${most}`)
    .max(most, `a number from ${least} to ${most}`);

/**
 * Who may knock, and how often (`server/edge/`). Each is set by name too: `edge.allow` and so on. What a limit counts by
 * is an IPv4 address, or an IPv6 network of 64 bits.
 */
export const edgeSettings = z.object({
  /** Who may come in besides this computer; none listed: everybody. */
  allow: z.array(addressRange).max(1000, 'at most 1000 addresses'),
  /** Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed. */
  trustedProxies: z.array(proxyRange).max(100, 'at most 100 addresses'),
  /** Open connections of one address … */
  connectionsPerAddress: countOf(4, 10_000),
  /** … and before anybody there has shown a key or signed in. */
  connectionsBeforeKey: countOf(2, 10_000),
  /** Open connections of all other computers together. */
  connectionsOffice: countOf(64, 100_000),
  /** Open connections of this computer … */
  connectionsLoopback: countOf(64, 100_000),
  /** … and how many of them only the console and the command line may have. */
  connectionsReserved: countOf(1, 32),
  /** Requests of one address within a minute; null for any number. This computer is not counted. */
  requestsPerMinute: z.union([countOf(10, 1_000_000), z.null()], 'a number from 10 to 1000000, or null'),
  /** Answers to one address that run at the same time; null for any number. This computer is not counted. */
  streamsPerAddress: z.union([countOf(1, 10_000), z.null()], 'a number from 1 to 10000, or null'),
  /** Whether who shows wrong keys, passwords or codes again and again is left outside for a while. */
  blockGuessers: z.boolean('true or false'),
});
export type EdgeSettings = z.infer<typeof edgeSettings>;

/** What counts until the owner says otherwise (docs/decisions/2026-11-23-edge.md says why so many). */
export const usualEdge: EdgeSettings = {
  allow: [],
  trustedProxies: [],
  connectionsPerAddress: 64,
  connectionsBeforeKey: 16,
  connectionsOffice: 2048,
  connectionsLoopback: 4096,
  connectionsReserved: 16,
  requestsPerMinute: 3000,
  streamsPerAddress: 48,
  blockGuessers: true,
};

/** `PATCH /api/edge` */
export const changeEdgeRequest = edgeSettings.partial().strict();

/** An address that is left outside for a while. */
export const edgeBlock = z.object({
  /** IPv4 address, or IPv6 network. */
  address: z.string(),
  /** What there was too much of. */
  reason: z.enum(['keys', 'passwords', 'codes']),
  /** How many wrong ones led to it. */
  wrong: z.number().int(),
  since: z.iso.datetime(),
  until: z.iso.datetime(),
  /** The how-manieth in a row; each lasts twice as long as the one before. */
  times: z.number().int(),
});
export type EdgeBlock = z.infer<typeof edgeBlock>;

/** `GET /api/edge` */
export const edgeState = z.object({
  settings: edgeSettings,
  connections: z.object({
    loopback: z.number().int(),
    office: z.number().int(),
    /** Those of the office from where nobody has shown a key yet. */
    strangers: z.number().int(),
  }),
  /** Turned away since the server’s start, by what for. */
  refused: z.object({
    connections: z.number().int(),
    notAllowed: z.number().int(),
    blocked: z.number().int(),
    requests: z.number().int(),
    streams: z.number().int(),
  }),
  blocks: z.array(edgeBlock),
});
export type EdgeState = z.infer<typeof edgeState>;
export const edgeBlockList = z.array(edgeBlock);
