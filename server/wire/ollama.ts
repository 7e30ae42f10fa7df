import { z } from 'zod';

/** `PATCH /api/ollama`, in plain words; what is left out stays as it is. */
export const ollamaSettingsRequest = z
  .strictObject({
    use: z.enum(['none', 'own', 'theirs']),
    requestsAtOnce: z.number().int().min(1).max(64),
    modelsAtOnce: z.number().int().min(1).max(16),
    keepAliveMinutes: z.number().int().min(0).max(10_080),
    contextTokens: z.number().int().min(256).max(4_194_304),
  })
  .partial();
export type OllamaSettingsRequest = z.infer<typeof ollamaSettingsRequest>;

/** `POST /api/ollama/pulls` */
export const pullRequest = z.strictObject({ model: z.string().trim().min(1).max(200) });

export const ollamaPull = z.object({
  model: z.string(),
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  status: z.string(),
  doneBytes: z.number(),
  totalBytes: z.number().nullable(),
});

/** `GET /api/ollama` */
export const ollamaState = z.object({
  found: z.enum(['running', 'installed', 'missing']),
  theirs: z.object({ address: z.string(), version: z.string() }).nullable(),
  program: z.string().nullable(),
  state: z.enum(['off', 'starting', 'ready', 'failed']),
  reason: z.string().nullable(),
  address: z.string().nullable(),
  version: z.string().nullable(),
  warnings: z.array(z.string()).readonly(),
  restartPending: z.boolean(),
  settings: z.object({
    use: z.enum(['none', 'own', 'theirs']),
    requestsAtOnce: z.number().int(),
    modelsAtOnce: z.number().int(),
    keepAliveMinutes: z.number().int(),
    contextTokens: z.number().int(),
  }),
  pulls: z.array(ollamaPull).readonly(),
});
export type WireOllamaState = z.infer<typeof ollamaState>;
