import { z } from 'zod';
import { trustFacts } from './https.ts';

/**
 * Stands in snippets for a key whose text is not known any more. Who has just made the key may put its text in
 * this place: a key has no character that any of the formats would have to escape.
 */
export const keyPlaceholder = '<your key>';

/** One thing to do in a guide. */
const guideStep = z.object({
  /** i18n key of the sentence, with its values; the console and the pairing page have the words. */
  textKey: z.string(),
  values: z.record(z.string(), z.string()),
  /** A file's path per system, where the step is about a file. */
  paths: z.object({ linux: z.string(), mac: z.string(), windows: z.string() }).nullable(),
  /** Text to copy, with the address, name and key filled in; null where there is none. */
  snippet: z
    .object({
      language: z.enum(['yaml', 'json', 'toml', 'sh', 'env', 'python', 'typescript', 'text']),
      text: z.string(),
    })
    .nullable(),
});

/** How one tool is set up; rendered on the server, shown in the console, on the pairing page and in the README. */
export const connectGuide = z.object({
  id: z.string(),
  /** The tool's own name, never translated. */
  title: z.string(),
  /** What it is, for the tile: an editor plugin, a chat page, a library. */
  kind: z.enum(['editor', 'agent', 'chat', 'library', 'terminal']),
  /** `outside`: cannot reach a LAN address. */
  availability: z.enum(['ready', 'outside']),
  steps: z.array(guideStep),
  /** i18n keys of what must be known beforehand. */
  notes: z.array(z.string()),
});
export type ConnectGuide = z.infer<typeof connectGuide>;

const trustTool = z.object({
  id: z.string(),
  title: z.string(),
  /** Empty where the tool's own settings name the file, as its guide says. */
  steps: z.array(guideStep),
});
export type ConnectTrustTool = z.infer<typeof trustTool>;

/** `GET /api/https/trust`: how devices are told to trust our authority; null while there is none. */
export const connectTrust = z
  .object({
    /** What comes first, whichever the tool. */
    steps: z.array(guideStep),
    tools: z.array(trustTool),
  })
  .nullable();
export type ConnectTrust = z.infer<typeof connectTrust>;

/** `GET /api/connect?key=ID`: the guides with the real address; the key's text only just after it was created. */
export const connectPage = z.object({
  baseUrl: z.string(),
  /** False while only this computer can use the address. */
  isLanAddress: z.boolean(),
  plain: z.boolean(),
  /** What devices need before they trust us at that address; null where they do, and over plain http. */
  trust: trustFacts.nullable(),
  isTestModel: z.boolean(),
  contextTokens: z.number().nullable(),
  guides: z.array(connectGuide),
});
export type ConnectPage = z.infer<typeof connectPage>;
