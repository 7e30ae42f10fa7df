import { z } from 'zod';
import { createKeyRequest, keyPreset, overlapSeconds } from './admin.ts';
import { connectGuide } from './connect.ts';
import { trustFacts } from './https.ts';

/** Letting a device in: tickets made by the owner, redeemed by a device, approved on the host (security.md §1). */

const isoTime = z.iso.datetime();

/** `teammate` and `script` keys do not expire by default, a guest's ends on Friday 18:00. */
export const pairingPreset = keyPreset;
export type PairingPreset = z.infer<typeof pairingPreset>;

/** Ten minutes unless said otherwise; longer for a card on paper, at most a week. */
const usualMinutes = 10;
const mostMinutes = 7 * 24 * 60;

/** Beside `replaces`, all that may be said: the rest is the key's own. */
const besideReplaces: readonly string[] = [
  'replaces',
  'overlapSeconds',
  'validMinutes',
  'preset',
  'autoApprove',
];

/**
 * `POST /api/pairings`. What the key will be allowed is fixed here; who redeems cannot ask for more. Limits that are left
 * out are those of the preset (`presets.ts`).
 */
export const createPairingRequest = createKeyRequest
  .omit({ name: true, role: true })
  .extend({
    /** The key's name; left out, it is made of person and device. */
    name: z.string().trim().min(1).max(100).nullish(),
    preset: pairingPreset.default('teammate'),
    /** For scripts: a ticket then needs no approval. A typed code always does. */
    autoApprove: z.boolean().default(false),
    validMinutes: z.number().int().min(1).max(mostMinutes).default(usualMinutes),
    /** The device gets another text for this key, by name or id, instead of a key of its own. */
    replaces: z.string().min(1).max(200).nullish(),
    /** How long its text of before goes on then. */
    overlapSeconds: overlapSeconds.nullish(),
  })
  .refine(({ autoApprove, validMinutes }) => !autoApprove || validMinutes <= usualMinutes, {
    path: ['validMinutes'],
    message: 'Without being asked, an invitation lasts ten minutes at most. For longer make a ticket.',
  })
  .refine(
    (request) =>
      (request.replaces ?? null) === null ||
      Object.keys(request).every((name) => besideReplaces.includes(name)),
    {
      path: ['replaces'],
      message: 'With replaces, limits and names are those of the key; change them there.',
    },
  );
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
  /** When the key that it brings will end; null for never. */
  keyExpiresAt: isoTime.nullable(),
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
  /** The id of the key that it brings another text for; null where it makes one. */
  replaces: z.string().nullable(),
  /** It asks without having been invited (RFC 8628): nobody but the owner can know whether it belongs here. */
  uninvited: z.boolean(),
  /** Somebody has tried the same ticket or code once more, from this address. */
  triedAgainFrom: z.string().nullable(),
  /** `guessing`: closed by us, because too many wrong codes were being tried. Null unless `closed`. */
  closedBy: z.enum(['owner', 'guessing']).nullable(),
});
export type PairingRecord = z.infer<typeof pairingRecord>;
export const pairingList = z.array(pairingRecord);

// --- tickets: for many machines, without anybody being asked -------------------------------------------------

const daySeconds = 86_400;
const ticketName = z.string().trim().min(1).max(100);

/** `POST /api/tickets`. The key options are those of each key that it makes; limits that are left out are a script's. */
export const createTicketRequest = createKeyRequest
  .omit({ name: true, role: true, person: true, device: true })
  .extend({
    name: ticketName,
    /** How many machines it lets in. */
    uses: z.number().int().min(1).max(1000).default(1),
    /** How long it may be used: at most 90 days. The keys that it makes go on. */
    validSeconds: z
      .number()
      .int()
      .min(60)
      .max(90 * daySeconds)
      .default(daySeconds),
    /** From where it may be used; null for everywhere. `ips` is from where its keys may be. */
    from: createKeyRequest.shape.ips,
  });
export type CreateTicketRequest = z.infer<typeof createTicketRequest>;

export const ticketRecord = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(['open', 'used-up', 'expired', 'revoked']),
  uses: z.number().int(),
  mostUses: z.number().int(),
  from: z.array(z.string()).nullable(),
  createdAt: isoTime,
  expiresAt: isoTime,
  revokedAt: isoTime.nullable(),
  lastUsedAt: isoTime.nullable(),
  /** The last attempt from an address out of its range, or after its end. */
  refusedFrom: z.string().nullable(),
  refusedAt: isoTime.nullable(),
  /** Ids of the keys that it has made and that still count. */
  keyIds: z.array(z.string()),
});
export type TicketRecord = z.infer<typeof ticketRecord>;
export const ticketList = z.array(ticketRecord);

/** The only answer that holds the ticket. */
export const createdTicket = ticketRecord.extend({
  ticket: z.string(),
  /** Where it is redeemed: `http://192.168.1.20:11500/pair/redeem`. */
  url: z.string(),
  /** For a shell with curl: prints JSON with the key. */
  command: z.string(),
  warnings: z.array(z.string()),
});
export type CreatedTicket = z.infer<typeof createdTicket>;

/** `DELETE /api/tickets/:ticket`: with `keys=revoke` whatever it has let in is out as well. */
export const revokeTicketQuery = z.strictObject({ keys: z.enum(['keep', 'revoke']).default('keep') });
export type RevokeTicketQuery = z.infer<typeof revokeTicketQuery>;

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
