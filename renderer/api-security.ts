import {
  adminTokenList,
  adminTokenRecord,
  begunTotp,
  createdAdminToken,
  endedSessions,
  recoveryCodes,
  sessionList,
  totpState,
} from '../server/wire/security.ts';
import type {
  AdminTokenRecord,
  BegunTotp,
  ChangeTotpRequest,
  CreateAdminTokenRequest,
  CreatedAdminToken,
  RecoveryCodes,
  SessionRecord,
  TotpState,
} from '../server/wire/security.ts';
import { call, ignored } from './api.ts';

/** The owner's own doors: second step, sessions, password, tokens of scripts. */

export function getTotp(): Promise<TotpState> {
  return call(totpState, 'GET', '/api/totp');
}

export function beginTotp(currentPassword: string): Promise<BegunTotp> {
  return call(begunTotp, 'POST', '/api/totp', { currentPassword });
}

export function confirmTotp(code: string): Promise<RecoveryCodes> {
  return call(recoveryCodes, 'POST', '/api/totp/confirm', { code });
}

export function renewRecoveryCodes(proof: ChangeTotpRequest): Promise<RecoveryCodes> {
  return call(recoveryCodes, 'POST', '/api/totp/recovery-codes', proof);
}

export async function switchTotpOff(proof: ChangeTotpRequest): Promise<void> {
  await call(ignored, 'POST', '/api/totp/off', proof);
}

/** Shows the password again; holds for ten minutes. */
export async function confirmSession(password: string): Promise<void> {
  await call(ignored, 'POST', '/api/session/confirm', { password });
}

export async function changePassword(wanted: {
  readonly currentPassword: string;
  readonly password: string;
}): Promise<void> {
  await call(ignored, 'POST', '/api/password', wanted);
}

export function getSessions(): Promise<SessionRecord[]> {
  return call(sessionList, 'GET', '/api/sessions');
}

export async function endSession(id: string): Promise<void> {
  await call(ignored, 'DELETE', `/api/sessions/${encodeURIComponent(id)}`);
}

export async function endOtherSessions(): Promise<void> {
  await call(endedSessions, 'DELETE', '/api/sessions');
}

export function getAdminTokens(): Promise<AdminTokenRecord[]> {
  return call(adminTokenList, 'GET', '/api/admin-tokens');
}

export function createAdminToken(request: CreateAdminTokenRequest): Promise<CreatedAdminToken> {
  return call(createdAdminToken, 'POST', '/api/admin-tokens', request);
}

export function revokeAdminToken(id: string): Promise<AdminTokenRecord> {
  return call(adminTokenRecord, 'DELETE', `/api/admin-tokens/${encodeURIComponent(id)}`);
}
