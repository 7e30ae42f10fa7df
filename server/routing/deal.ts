import { createHash } from 'node:crypto';
import type { Deal } from '../core/alias.ts';
import type { GenerateRequest } from '../core/generate.ts';

type Weighed = { readonly name: string; readonly weight: number };

/** Enough of a conversation's beginning to tell it from others; what follows changes with every turn. */
const mostCharacters = 2000;

/**
 * Weighted rendezvous hashing (Schindelhauer & Schomaker, SPAA 2005): the same text always gives the same order, texts are
 * spread by the weights, and when one is added or goes, only its own share moves. So a conversation stays with whoever
 * has computed its beginning.
 */
export function stableOrder<Item>(
  text: string,
  items: readonly Item[],
  weigh: (item: Item) => Weighed,
): Item[] {
  const scored = items.map((item) => {
    const { name, weight } = weigh(item);
    return { item, score: weight / -Math.log(fraction(`${name}\n${text}`)) };
  });
  return scored.toSorted((a, b) => b.score - a.score).map(({ item }) => item);
}

/** For the shares of an alias. */
export function dealBy(text: string): Deal {
  return (shares) =>
    stableOrder(text, shares, ({ model, weight }) => ({ name: model, weight })).map(({ model }) => model);
}

/** What requests of one conversation have in common, and other keys' have not. */
export function stickTextOf(keyId: string | null, { raw, messages }: GenerateRequest): string {
  const begin: string[] = [keyId ?? ''];
  if (raw !== undefined) begin.push(raw.prompt.slice(0, mostCharacters).toString());
  for (const { role, content } of messages) {
    for (const part of content) if (part.type === 'text') begin.push(part.text.slice(0, mostCharacters));
    if (role === 'user') break;
  }
  return begin.join('\n');
}

/** Evenly between 0 and 1, both excluded. */
function fraction(text: string): number {
  const digest = createHash('sha256').update(text.toWellFormed()).digest();
  return (digest.readUIntBE(0, 6) + 0.5) / 2 ** 48;
}
