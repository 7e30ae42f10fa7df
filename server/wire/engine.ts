import { z } from 'zod';

/** Our own engine: `GET /api/engine`, `POST /api/engine/restart`, `POST /api/engine/stop`. */
export const engineLogLine = z.object({
  time: z.iso.datetime(),
  level: z.enum(['debug', 'info', 'warn', 'error']),
  message: z.string(),
  model: z.string().nullable(),
  /** The error's own words; null without one. */
  error: z.string().nullable(),
});
export type EngineLogLine = z.infer<typeof engineLogLine>;

export const engineState = z.object({
  /** Such as `node-llama-cpp 3.21.1`. */
  version: z.string(),
  /** Models that are in memory. */
  loaded: z.array(z.string()),
  /** The last thing that went wrong; null for nothing since the log begins. */
  lastError: engineLogLine.nullable(),
  /** From the server's log, the newest last. */
  lines: z.array(engineLogLine),
});
export type EngineState = z.infer<typeof engineState>;

/** Which models are loaded anew, or leave the memory, as soon as their running answers have ended. */
export const engineActed = z.object({ models: z.array(z.string()) });
