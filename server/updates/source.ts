import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { ReleaseKeys } from './manifest.ts';

/** Who publishes this build: where news of newer versions lie, and by which keys they are signed. */
export type UpdateSource = {
  /** Null: the owner has to name a feed. */
  readonly feed: string | null;
  readonly keys: ReleaseKeys;
};

const sourceFile = z.object({ feed: z.url().nullable(), keys: z.array(z.base64()).max(8) });

/** `resources/update-source.json`, which scripts/release-feed.mjs puts the keys into. It is part of the build, so it must be right. */
export function readUpdateSource(file: string): UpdateSource {
  return sourceFile.parse(JSON.parse(readFileSync(file, 'utf8')));
}
