import { z } from 'zod';
import { createKeyRequest, keyPreset } from './admin.ts';
import { connectGuide } from './connect.ts';
import { trustFacts } from './https.ts';

/** Letting a device in: tickets made by the owner, redeemed by a device, approved on the host (security.md §1). */

const isoTime = z.iso.datetime();

/** `teammate` and `script` keys do not expire by default, a guest's ends on Friday 18:00. */
export const pairingPreset = keyPreset;
export type PairingPreset = z.infer<typeof pairingPreset>;

/** `POST /api/pairings`. What the key will be allowed is fixed here; who redeems cannot ask for more. */
export const createPairingRequest = createKeyRequest.omit({ name: true, role: true }).extend({
  /** The key's name; left out, it is made of person and device. */
  name: z.string().trim().min(1).max(100).nullish(),
  preset: pairingPreset.default('teammate'),
  /** For scripts: a ticket then needs no approval. A typed code always does. */
  autoApprove: z.boolean().default(false),
});
export type CreatePairingRequest = z.infer<typeof createPairingRequest>;

/** The only answer that holds ticket, code and link. */
export const createdPairing = z.object({
  id: z.string(),
  /** `http://192.168.1.20:11500/pair#t=<ticket>&f=<pin>&h=<other hosts>`, all secrets in the fragment. */
  url: z.string(),
  ticket: z.string(),
  /** Eight characters without vowels, `BCDF-GHJK`. */
  code: z.string(),
  /** What to type beside the code: `192.168.1.20:11500/pair`. */
  shortAddress: z.string(),
  qrSvg: z.string(),
  expiresAt: isoTime,
  /** Said plainly: the link works on this computer only while the office is not let in. */
  warnings: z.array(z.string()),
});
export type CreatedPairing = z.infer<typeof createdPairing>;

/** A ticket or a device that waits, for the console (`GET /api/pairings`). */
export const pairingRecord = z.object({
  id: z.string(),
  person: z.string().nullable(),
  device: z.string().nullable(),
  preset: pairingPreset,
  createdAt: isoTime,
  expiresAt: isoTime,
  /** `open`: nobody has come · `waiting`: a device asks, see `join` · `joined` · `denied` · `expired` · `closed`. */
  state: z.enum(['open', 'waiting', 'joined', 'denied', 'expired', 'closed']),
  join: z
    .object({
      device: z.string(),
      ip: z.string(),
      client: z.string().nullable(),
      /** Two digits, shown on both screens. */
      matchCode: z.string(),
      via: z.enum(['ticket', 'code']),
      askedAt: isoTime,
      /** Set when the owner has said yes and the device has not fetched its key yet. */
      approvedAt: isoTime.nullable(),
    })
    .nullable(),
  /** Set once joined. */
  keyId: z.string().nullable(),
  /** Somebody has tried the same ticket or code once more, from this address. */
  triedAgainFrom: z.string().nullable(),
  /** `guessing`: closed by us, because too many wrong codes were being tried. Null unless `closed`. */
  closedBy: z.enum(['owner', 'guessing']).nullable(),
});
export type PairingRecord = z.infer<typeof pairingRecord>;
export const pairingList = z.array(pairingRecord);

// --- what a device says and hears, without a key -------------------------------------------------------------

const deviceName = z.string().trim().min(1).max(100);
const ticket = z.string().min(1).max(200);
const code = z.string().min(1).max(40);

/** `POST /pair/redeem`, repeated while 202: 202 `redeemWaiting`, 200 `redeemed` once, 410, 429, 400. */
export const redeemRequest = z.union([
  z.object({ ticket, device: deviceName }),
  z.object({ code, device: deviceName }),
]);

export const redeemWaiting = z.object({
  status: z.literal('waiting'),
  matchCode: z.string(),
  /** Poll no faster than this. */
  intervalSeconds: z.number(),
  /** True when this came sooner than the interval allows (RFC 8628 §3.5). */
  slowDown: z.boolean(),
  expiresAt: isoTime,
});
export type RedeemWaiting = z.infer<typeof redeemWaiting>;

export const redeemed = z.object({
  status: z.literal('joined'),
  /** `http://192.168.1.20:11500/v1` */
  baseUrl: z.string(),
  key: z.string(),
  /** Names this key may use. */
  models: z.array(z.string()),
  roles: z.object({ chat: z.string(), code: z.string(), autocomplete: z.string(), embed: z.string() }),
  /** Longest conversation in tokens, null while unknown. */
  contextTokens: z.number().nullable(),
  /** Only the starter model serves the names as yet. */
  isTestModel: z.boolean(),
  /** Keys and prompts travel unencrypted. */
  plain: z.boolean(),
  /** What the device needs before its tools trust us; null where they do, and over plain http. */
  trust: trustFacts.nullable(),
  keyExpiresAt: isoTime.nullable(),
  guides: z.array(connectGuide),
});
export type Redeemed = z.infer<typeof redeemed>;

/** `POST /pair/look`: what a ticket is for, without using it up; also how the phone learns that a computer joined. */
export const lookRequest = z.object({ ticket });
export const looked = z.object({
  office: z.string(),
  person: z.string().nullable(),
  device: z.string().nullable(),
  state: z.enum(['open', 'waiting', 'joined']),
  code: z.string(),
  shortAddress: z.string(),
  plain: z.boolean(),
  expiresAt: isoTime,
});
export type Looked = z.infer<typeof looked>;
