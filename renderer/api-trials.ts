import {
  portState,
  trialList,
  type PortState,
  type TrialName,
  type WireTrial,
} from '../server/wire/trials.ts';
import { call, ignored } from './api.ts';

/** What the server tries for a minute before it stays, and its port. */

export function getTrials(): Promise<WireTrial[]> {
  return call(trialList, 'GET', '/api/trials');
}

export async function keepTrial(name: TrialName): Promise<void> {
  await call(ignored, 'POST', `/api/trials/${name}/keep`);
}

export async function takeBackTrial(name: TrialName): Promise<void> {
  await call(ignored, 'POST', `/api/trials/${name}/take-back`);
}

export function getPort(): Promise<PortState> {
  return call(portState, 'GET', '/api/port');
}

/** On trial: the server listens on both. */
export function tryPort(port: number): Promise<PortState> {
  return call(portState, 'POST', '/api/port', { port });
}
