import { z } from 'zod';

/**
 * Changes that could lock the owner or the office out are tried for a minute first, as on network gear: the server itself
 * takes them back unless somebody keeps them, whatever has become of the browser that asked for them.
 */
export const trialName = z.enum(['https-only', 'allow', 'limits', 'port']);
export type TrialName = z.infer<typeof trialName>;

export const trial = z.object({ name: trialName, endsAt: z.iso.datetime() });
export type WireTrial = z.infer<typeof trial>;
/** `GET /api/trials`: what is on trial now. */
export const trialList = z.array(trial);

/** `?trial=true` of a change that can be tried. */
export const trialQuery = z.strictObject({ trial: z.enum(['true', 'false']).optional() });

/** `POST /api/port`: below 1024 most systems let only their own programs listen. */
export const portNumber = z
  .int('a whole number')
  .min(1024, 'a port from 1024 to 65535')
  .max(65_535, 'a port from 1024 to 65535');
export const tryPortRequest = z.strictObject({ port: portNumber });

/** `GET /api/port` */
export const portState = z.object({
  /** What the server has listened on since its start. */
  port: z.number().int(),
  /** Whether it was told so from outside (`INGLENOOK_PORT`), which counts before what is set here. */
  isGiven: z.boolean(),
  /** What it will listen on from the next start on. */
  next: z.number().int(),
  /** The other one that it listens on already, on trial or until the next start; null for none. */
  also: z.number().int().nullable(),
});
export type PortState = z.infer<typeof portState>;
