import type { z } from 'zod';
import { engineActed, engineState, type EngineState } from '../server/wire/engine.ts';
import { call } from './api.ts';

/** The engine that Inglenook brings along. */

export function getEngine(): Promise<EngineState> {
  return call(engineState, 'GET', '/api/engine');
}

/** Both begin it; running answers end first. */
export function restartEngine(): Promise<z.infer<typeof engineActed>> {
  return call(engineActed, 'POST', '/api/engine/restart');
}

export function stopEngine(): Promise<z.infer<typeof engineActed>> {
  return call(engineActed, 'POST', '/api/engine/stop');
}
