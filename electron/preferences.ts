import { z } from 'zod';
import { readSmallFile, writeSmallFile } from './small-file.ts';

const kept = z.object({
  closeToTray: z.boolean().catch(true),
  keepAwake: z.boolean().catch(true),
  useKeychain: z.boolean().catch(true),
  /** The person has been told once that closing the window does not stop the server. */
  hasSeenHiding: z.boolean().catch(false),
});
export type Preferences = z.infer<typeof kept>;

export type PreferenceKeeper = {
  readonly get: () => Preferences;
  /** Keeps it in memory even where the file cannot be written; that only lasts until the app ends. */
  readonly set: (change: Partial<Preferences>) => void;
};

/** `preferences.json`: what is missing or damaged in it is as at the first start. */
export function keepPreferences(file: string): PreferenceKeeper {
  let preferences = kept.safeParse(contentOf(file)).data ?? kept.parse({});
  return {
    get: () => preferences,
    set(change) {
      preferences = { ...preferences, ...change };
      try {
        writeSmallFile(file, `${JSON.stringify(preferences, null, 2)}\n`);
      } catch (error) {
        process.stderr.write(`The preferences could not be kept: ${String(error)}\n`);
      }
    },
  };
}

function contentOf(file: string): unknown {
  try {
    return JSON.parse(readSmallFile(file)?.toString('utf8') ?? '{}');
  } catch {
    return null;
  }
}
