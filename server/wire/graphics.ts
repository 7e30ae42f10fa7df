import { z } from 'zod';
import { text } from './text.ts';

/** `GET /api/graphics`: the graphics cards, what the engine makes of them, and why nothing better. */

const backend = z.enum(['cpu', 'cuda', 'vulkan', 'metal']);
const bytes = z.number().nullable();

const card = z.object({
  name: z.string(),
  vendor: z.enum(['nvidia', 'amd', 'intel', 'other']),
  /** Null where nobody tells for this card alone. */
  totalBytes: bytes,
  freeBytes: bytes,
  /** Our models on it; bytes null where a model is spread over several cards and nobody tells how. */
  models: z.array(z.object({ model: z.string(), bytes })),
  /** What other programs hold. */
  othersBytes: bytes,
  /** Those that the driver names. */
  others: z.array(z.string()),
});
export type GraphicsCard = z.infer<typeof card>;

const remarkCodes = [
  'no-card',
  'no-engine',
  'nvidia-driver-missing',
  'nvidia-driver-failed',
  'driver-too-old',
  'standard-edition',
  'cuda-part-missing',
  'cuda-runtime-missing',
  'cuda-failed',
  'cuda-edition-unneeded',
  'vulkan-missing',
  'vulkan-failed',
  'vulkan-part-missing',
  'software-renderer',
  'memory-taken',
] as const;

const remark = z.object({
  /** Stays the same; for programs. */
  code: z.enum(remarkCodes),
  /** `attention`: something better is within reach; `quiet`: good to know. */
  tone: z.enum(['attention', 'quiet']),
  sentence: text,
  fix: text.nullable(),
});
export type GraphicsRemark = z.infer<typeof remark>;

export const graphics = z.object({
  /** What models are computed by; null where the engine cannot run here at all. */
  backend: backend.nullable(),
  /** What the engine could use here, best first. */
  supported: z.array(backend),
  /** Of NVIDIA's; null without it. */
  driver: z.string().nullable(),
  sentence: text,
  remarks: z.array(remark),
  cards: z.array(card),
});
export type Graphics = z.infer<typeof graphics>;
