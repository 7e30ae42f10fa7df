import { connectTrust, type ConnectTrust } from '../server/wire/connect.ts';
import { edgeState, type EdgeSettings, type EdgeState } from '../server/wire/edge.ts';
import { httpsState, type HttpsState, type SetHttpsRequest } from '../server/wire/https.ts';
import { call, ignored } from './api.ts';

/** How the office comes in: https with its certificates, and the rules of the edge. */

export function getHttps(): Promise<HttpsState> {
  return call(httpsState, 'GET', '/api/https');
}

/** Whatever is left out stays as it is. */
export function setHttps(change: SetHttpsRequest): Promise<HttpsState> {
  return call(httpsState, 'PUT', '/api/https', change);
}

/** The same, taken back by the server after a minute unless it is kept. */
export function tryHttps(change: SetHttpsRequest): Promise<HttpsState> {
  return call(httpsState, 'PUT', '/api/https?trial=true', change);
}

/** Files on the server's computer; they are read again whenever they change. */
export function setCertificate(files: {
  readonly certFile: string;
  readonly keyFile: string;
}): Promise<HttpsState> {
  return call(httpsState, 'PUT', '/api/https/certificate', files);
}

export function removeCertificate(): Promise<HttpsState> {
  return call(httpsState, 'DELETE', '/api/https/certificate');
}

export function replaceAuthority(): Promise<HttpsState> {
  return call(httpsState, 'POST', '/api/https/authority');
}

export function getTrust(): Promise<ConnectTrust> {
  return call(connectTrust, 'GET', '/api/https/trust');
}

export function getEdge(): Promise<EdgeState> {
  return call(edgeState, 'GET', '/api/edge');
}

/** Whatever is left out stays as it is. */
export function changeEdge(change: Partial<EdgeSettings>): Promise<EdgeState> {
  return call(edgeState, 'PATCH', '/api/edge', change);
}

/** The same, taken back by the server after a minute unless it is kept. */
export function tryEdge(change: Partial<EdgeSettings>): Promise<EdgeState> {
  return call(edgeState, 'PATCH', '/api/edge?trial=true', change);
}

/** As the list of blocks names the address. */
export async function liftBlock(address: string): Promise<void> {
  await call(ignored, 'DELETE', `/api/edge/blocks/${encodeURIComponent(address)}`);
}
