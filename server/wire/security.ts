import { z } from 'zod';

/** The owner's own doors: second step, sessions, tokens of scripts (`/api/totp`, `/api/sessions`, `/api/admin-tokens`). */

const isoTime = z.iso.datetime();
/** What a signed-in browser shows again before a door is changed; the window and the command line need not. */
const currentPassword = z.string().max(1024).optional();
/** Six digits of the app, or a recovery code. */
const code = z.string().trim().min(1).max(64);

// --- the second step ---------------------------------------------------------------------------------------

export const totpState = z.object({
  state: z.enum(['off', 'begun', 'on']),
  since: isoTime.nullable(),
  recoveryCodesLeft: z.number().int(),
});
export type TotpState = z.infer<typeof totpState>;

/** `POST /api/totp` */
export const beginTotpRequest = z.strictObject({ currentPassword });
export const begunTotp = z.object({
  /** Base32, for typing in where no camera is. */
  secret: z.string(),
  uri: z.string(),
  /** The same as a QR code, an SVG document. */
  qr: z.string(),
});
export type BegunTotp = z.infer<typeof begunTotp>;

/** `POST /api/totp/confirm` */
export const confirmTotpRequest = z.strictObject({ code });
/** `POST /api/totp/recovery-codes` and `POST /api/totp/off` */
export const changeTotpRequest = z.strictObject({ currentPassword, code });
export type ChangeTotpRequest = z.infer<typeof changeTotpRequest>;

/** Shown once; each signs in once in place of a code. */
export const recoveryCodes = z.object({ recoveryCodes: z.array(z.string()) });
export type RecoveryCodes = z.infer<typeof recoveryCodes>;

// --- sessions ----------------------------------------------------------------------------------------------

export const sessionRecord = z.object({
  id: z.string(),
  createdAt: isoTime,
  lastUsedAt: isoTime,
  ip: z.string(),
  /** What the browser says it is. */
  client: z.string().nullable(),
  /** Whether it is the caller's own. */
  current: z.boolean(),
});
export type SessionRecord = z.infer<typeof sessionRecord>;
export const sessionList = z.array(sessionRecord);
/** `DELETE /api/sessions` */
export const endedSessions = z.object({ ended: z.number().int() });

// --- tokens of scripts on other computers ------------------------------------------------------------------

/** What nobody renews is forgotten: no token lasts longer. */
export const longestAdminTokenDays = 365;

export const createAdminTokenRequest = z.strictObject({
  name: z.string().trim().min(1).max(100),
  expiresAt: isoTime,
  currentPassword,
});
export type CreateAdminTokenRequest = z.infer<typeof createAdminTokenRequest>;

export const adminTokenRecord = z.object({
  id: z.string(),
  name: z.string(),
  /** Its beginning and its last four characters, to recognise it by. */
  hint: z.string(),
  createdAt: isoTime,
  expiresAt: isoTime,
  revokedAt: isoTime.nullable(),
  lastUsedAt: isoTime.nullable(),
  lastIp: z.string().nullable(),
  status: z.enum(['active', 'expired', 'revoked']),
});
export type AdminTokenRecord = z.infer<typeof adminTokenRecord>;
export const adminTokenList = z.array(adminTokenRecord);
/** The only answer that ever holds the token. */
export const createdAdminToken = adminTokenRecord.extend({ token: z.string() });
export type CreatedAdminToken = z.infer<typeof createdAdminToken>;
