import type { WireLogRow } from '../server/wire/admin.ts';

/** What a request of each route must have; the log keeps no prompts, so a word stands in its place. */
const bodies: Readonly<Record<string, (model: string, said: string) => Readonly<Record<string, unknown>>>> = {
  '/v1/chat/completions': (model, said) => ({ model, messages: [{ role: 'user', content: said }] }),
  '/v1/messages': (model, said) => ({ model, max_tokens: 1024, messages: [{ role: 'user', content: said }] }),
  '/v1/responses': (model, said) => ({ model, input: said }),
  '/v1/completions': (model, said) => ({ model, prompt: said }),
  '/v1/embeddings': (model, said) => ({ model, input: said }),
  '/v1/rerank': (model, said) => ({ model, query: said, documents: [said] }),
};

/**
 * A request like that of the row as a command, with the key in the environment (`INGLENOOK_KEY`); null where it was none
 * that could be asked again. `said`: what stands for the prompt, which nobody kept.
 */
export function requestCurl(
  { route, model }: Pick<WireLogRow, 'route' | 'model'>,
  { address, said }: { readonly address: string; readonly said: string },
): string | null {
  const body = bodies[route];
  if (body === undefined || model === null) return null;
  return [
    `curl ${address}${route} \\`,
    `  -H "Authorization: Bearer $INGLENOOK_KEY" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d ${shellQuoted(JSON.stringify(body(model.toWellFormed(), said), null, 2))}`,
  ].join('\n');
}

/** POSIX shells take everything between single quotes as it is, but for the quote itself. */
function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
