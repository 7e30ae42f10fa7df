import { z } from 'zod';
import { text } from './text.ts';

/** Whether the server looks for news of itself by itself; `ask` until the owner has said. */
export const updateChoice = z.enum(['ask', 'yes', 'no']);
export type UpdateChoice = z.infer<typeof updateChoice>;

/** Why the last look, or none at all, came to nothing. */
export const updateProblem = z.enum([
  /** Nobody has said where to look. */
  'no-feed',
  /** This build carries no key that news could be signed with. */
  'no-key',
  /** `INGLENOOK_OFFLINE=1`, and the feed is not on the own network. */
  'offline',
  'unreachable',
  'refused-address',
  'not-found',
  'too-large',
  'not-understood',
  /** Signed by nobody this build knows; nothing in it is believed. */
  'not-signed',
  /** Older than what was seen before: somebody hands on what is out of date. */
  'older',
]);
export type UpdateProblem = z.infer<typeof updateProblem>;

/** A file of a newer version, for this system. */
export const updateFile = z.object({
  name: z.string(),
  sizeBytes: z.int(),
  sha256: z.string(),
  /** Where it lies. */
  url: z.string(),
});
export type UpdateFile = z.infer<typeof updateFile>;

export const updateNews = z.object({
  version: z.string(),
  releasedAt: z.string(),
  /** The version that runs has a weakness that this one has not. */
  isSecurity: z.boolean(),
  notes: text,
  /** A page to read and to fetch it from. */
  page: z.string().nullable(),
  /** Null where there is none for this system. */
  file: updateFile.nullable(),
});
export type UpdateNews = z.infer<typeof updateNews>;

export const updateDownload = z.discriminatedUnion('state', [
  z.object({ state: z.literal('none') }),
  z.object({ state: z.literal('running'), name: z.string(), receivedBytes: z.int(), sizeBytes: z.int() }),
  /** Its size and SHA-256 are what the signed news say. Nothing installs it but a person. */
  z.object({ state: z.literal('ready'), name: z.string(), path: z.string() }),
  z.object({ state: z.literal('failed'), name: z.string(), reason: text }),
]);
export type UpdateDownload = z.infer<typeof updateDownload>;

/** `GET /api/updates` */
export const updateState = z.object({
  version: z.string(),
  /** Day of this version; null where the build does not say. */
  releasedOn: z.string().nullable(),
  ageDays: z.int().nullable(),
  choice: updateChoice,
  /** Where it is looked for: the owner's address, else the publisher's; null for neither. */
  feed: z.string().nullable(),
  /** Whether the owner has set it. */
  isOwnFeed: z.boolean(),
  /** False where there is nobody to ask, so that nobody needs to be asked whether to. */
  isPossible: z.boolean(),
  /** The last look that came to an end, well or not. */
  lookedAt: z.string().nullable(),
  /** The last one that went well. */
  knownAt: z.string().nullable(),
  problem: updateProblem.nullable(),
  /** The same in a sentence. */
  problemText: text.nullable(),
  /** Null: nothing newer is known. */
  news: updateNews.nullable(),
  download: updateDownload,
});
export type UpdateState = z.infer<typeof updateState>;

/** Where every Inglenook hands on the news it has seen, signed as it got them. */
export const updateFeedPath = '/.well-known/inglenook-updates.json';
