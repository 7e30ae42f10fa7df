import { graphics, type Graphics } from '../server/wire/graphics.ts';
import { ownerState, type OwnerState, type PauseKind } from '../server/wire/owner.ts';
import { call } from './api.ts';

/** The owner takes the computer back, or gives it to the office; and what it computes with. */

export function getOwner(): Promise<OwnerState> {
  return call(ownerState, 'GET', '/api/owner');
}

export type PauseWish = {
  readonly what: PauseKind;
  /** Null: until it is ended by hand. */
  readonly seconds: number | null;
  readonly drainSeconds: number;
};

export function takePause({ what, ...wish }: PauseWish): Promise<OwnerState> {
  return call(ownerState, 'PUT', `/api/pauses/${what}`, wish);
}

export function endPause(what: PauseKind): Promise<OwnerState> {
  return call(ownerState, 'DELETE', `/api/pauses/${what}`);
}

export function getGraphics(): Promise<Graphics> {
  return call(graphics, 'GET', '/api/graphics');
}
