import { z } from 'zod';
import { text } from './text.ts';

/** Other Inglenooks that announce themselves on the network: `GET /api/neighbours`. Hints: anybody can say so. */

const neighbour = z.object({
  /** What it calls itself: “Inglenook on desk-2”. */
  name: z.string(),
  /** `inglenook-2.local` */
  host: z.string(),
  /** By its IP address, as an upstream would be added: `http://192.168.1.30:11500/v1` */
  url: z.string(),
  /** Whether it answers https as well, by a CA of its own. */
  hasHttps: z.boolean(),
  /** The upstream that leads there already; null for none. */
  upstream: z.string().nullable(),
});
export type WireNeighbour = z.infer<typeof neighbour>;

export const neighbourhood = z.object({
  neighbours: z.array(neighbour),
  /** Why nobody could be looked for; null where somebody could. */
  problem: text.nullable(),
});
export type WireNeighbourhood = z.infer<typeof neighbourhood>;
