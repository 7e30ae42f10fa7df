import { z } from 'zod';
import { text } from './text.ts';

/** Letting the office in: what the console's switch shows. `GET /api/lan`, `PUT /api/lan`, packet `lan`. */

/** What may keep another device's request from arriving; each has its own sentence in the console. */
const lanHint = z.enum(['firewall', 'guest-wifi', 'other-subnet', 'no-request-yet']);

const ownAddress = z.object({
  address: z.string(),
  adapter: z.string(),
  kind: z.enum(['network', 'vpn', 'virtual', 'self-assigned']),
});

export const lanState = z.object({
  on: z.boolean(),
  /**
   * `off`; `no-network`: on, but this computer has no address an office could reach; `waiting`: open, no request
   * from another address yet; `doubtful`: open for 60 s without one, `hints` says why that may be; `reached`: a
   * request from another address has arrived (design decision 20: only this is shown green). `port-taken`: on, but
   * another program has our port at the office's address; `portTaken` says which, and which one is free.
   */
  phase: z.enum(['off', 'no-network', 'port-taken', 'waiting', 'doubtful', 'reached']),
  /** `freePort`: the next one that nobody has; null where none was found. */
  portTaken: z.object({ port: z.number().int(), freePort: z.number().int().nullable() }).nullable(),
  /**
   * `http://192.168.1.20:11500`, with `https:` while that alone is spoken; by IP because phones do not resolve `.local`.
   * Null while there is none.
   */
  address: z.string().nullable(),
  /** `inglenook.local` once announced; a second line, never in a QR code. */
  mdnsName: z.string().nullable(),
  /** Why announcing failed, or who else has the name; null while all is well or off. */
  mdnsProblem: text.nullable(),
  /** A QR code of `address` as an SVG document, for "scan this with a phone on the office Wi-Fi". */
  qrSvg: z.string().nullable(),
  hints: z.array(lanHint),
  /** The address the first request came from. */
  reachedFrom: z.string().nullable(),
  /** True while plain http is spoken: keys and prompts can be read by others on the network. */
  plain: z.boolean(),
  /** Everything this computer could be reached at; the owner may choose another than we did. */
  choices: z.array(ownAddress),
  /** Set when the address has changed while devices were set up with the old one. */
  previousAddress: z.string().nullable(),
});
export type LanState = z.infer<typeof lanState>;

/**
 * `address`: one of `choices`; left out, the routing table decides. `port`: another than this computer's own, for the
 * office alone; null for the own one, left out it stays.
 */
export const setLanRequest = z.strictObject({
  on: z.boolean(),
  address: z.ipv4().nullish(),
  port: z.number().int().min(1024).max(65_535).nullish(),
});
