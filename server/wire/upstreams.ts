import { z } from 'zod';

/** Other servers that answer for us: `/api/upstreams`. */

const upstreamKind = z.enum(['openai', 'vllm', 'llama-server', 'lmstudio', 'inglenook', 'ollama']);

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'small letters, digits and hyphens, at most 40; it stands in the log');
const header = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,60}$/, 'the name of a header')
  .transform((text) => text.toLowerCase());

const fields = {
  /** http or https; without a path, `/v1` is meant. */
  url: z.string().trim().min(1).max(2000),
  kind: upstreamKind.optional(),
  /** Write-only: no answer holds it. Null takes it away. */
  apiKey: z.string().min(1).max(4096).nullish(),
  /** Whether requests that go there may leave the office; keys must be allowed to. */
  mayLeave: z.boolean().optional(),
  /** Requests at once; null for what it tells itself or what is usual. */
  slots: z.number().int().min(1).max(1024).nullish(),
  /** The header that keeps a conversation together behind a router; null for none. */
  routingHeader: header.nullish(),
  /** For Ollama: the longest conversation. */
  contextTokens: z.number().int().min(256).max(4_194_304).nullish(),
};

/** `POST /api/upstreams` */
export const addUpstreamRequest = z.strictObject({ name, ...fields });
export type AddUpstreamRequest = z.infer<typeof addUpstreamRequest>;

/** `PATCH /api/upstreams/:upstream`: what is left out stays as it is. A new address needs the key again. */
export const updateUpstreamRequest = z.strictObject({ name, ...fields }).partial();
export type UpdateUpstreamRequest = z.infer<typeof updateUpstreamRequest>;

export const upstreamRecord = z.object({
  id: z.string(),
  name: z.string(),
  kind: upstreamKind,
  url: z.string(),
  mayLeave: z.boolean(),
  hasKey: z.boolean(),
  slots: z.number().int().nullable(),
  routingHeader: z.string().nullable(),
  contextTokens: z.number().int().nullable(),
  createdAt: z.iso.datetime(),
  /** `unknown` until it was asked for the first time. */
  state: z.enum(['unknown', 'ready', 'failed']),
  reason: z.string().nullable(),
  checkedAt: z.iso.datetime().nullable(),
  latencyMs: z.number().nullable(),
  models: z.array(z.string()),
  /** The last probe could not reach it: it is asked last. */
  isAway: z.boolean(),
  /** Models that have only failed: nothing is sent to them until then. */
  pauses: z.array(z.object({ model: z.string(), until: z.iso.datetime() })),
});
export type UpstreamRecord = z.infer<typeof upstreamRecord>;
export const upstreamList = z.array(upstreamRecord);
