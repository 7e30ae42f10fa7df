import type { Capabilities } from '../connect/context.ts';

/** What the routes of `app.ts` can do, for the guides that set tools up; a test holds it against the real app. */
export const capabilities: Capabilities = {
  completions: true,
  embeddings: true,
  messages: false,
  tools: true,
};
