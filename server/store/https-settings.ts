import { z } from 'zod';
import { seal, unseal } from './seal.ts';
import { getSetting, setSetting, settingReader } from './settings.ts';
import type { Store } from './open.ts';

/** How the server speaks https: the owner's switches, and its certificates with their keys sealed by `server.key`. */

const settingsName = 'https';
const authorityName = 'https.authority';
const leafName = 'https.leaf';
const ownName = 'https.own';
const purpose = 'https key';

const stored = z.object({
  only: z.boolean().catch(false),
  networkConsole: z.boolean().catch(false),
  publicNames: z.array(z.string()).catch([]),
  officeDomain: z.string().nullable().catch(null),
});
export type HttpsSettings = Readonly<z.infer<typeof stored>>;

export const getHttpsSettings: (store: Store) => HttpsSettings = settingReader(settingsName, (value) =>
  stored.parse(value ?? {}),
);

/** What is left out stays as it is. */
export function setHttpsSettings(store: Store, change: Partial<HttpsSettings>): void {
  setSetting(store, settingsName, { ...getHttpsSettings(store), ...change });
}

/** A certificate in PEM and its private key. */
type StoredPair = { readonly certificate: string; readonly key: string };

const pairSchema = z.object({ certificate: z.string(), sealedKey: z.string() });
const authoritySchema = pairSchema.extend({ permittedNames: z.array(z.string()) });

export type StoredAuthority = StoredPair & {
  /** DNS names that its certificate permits, besides the usual ones. */
  readonly permittedNames: readonly string[];
};

/** Null where there is none, or `server.key` is another than the one it was sealed with. */
export function getAuthority(store: Store, secret: string): StoredAuthority | null {
  const found = authoritySchema.safeParse(getSetting(store, authorityName)).data;
  const pair = found === undefined ? null : openPair(found, secret);
  return found === undefined || pair === null ? null : { ...pair, permittedNames: found.permittedNames };
}

export function setAuthority(store: Store, authority: StoredAuthority, secret: string): void {
  const { permittedNames } = authority;
  setSetting(store, authorityName, { ...sealPair(authority, secret), permittedNames });
}

export function getLeaf(store: Store, secret: string): StoredPair | null {
  const found = pairSchema.safeParse(getSetting(store, leafName)).data;
  return found === undefined ? null : openPair(found, secret);
}

export function setLeaf(store: Store, leaf: StoredPair, secret: string): void {
  setSetting(store, leafName, sealPair(leaf, secret));
}

const ownSchema = z.union([
  z.object({ kind: z.literal('files'), certFile: z.string(), keyFile: z.string() }),
  pairSchema.extend({ kind: z.literal('pasted') }),
]);

/** The owner's own certificate: where its files lie, or the texts. */
export type StoredOwn =
  | { readonly kind: 'files'; readonly certFile: string; readonly keyFile: string }
  | ({ readonly kind: 'pasted' } & StoredPair);

export function getOwnCertificate(store: Store, secret: string): StoredOwn | null {
  const found = ownSchema.safeParse(getSetting(store, ownName)).data;
  if (found === undefined || found.kind === 'files') return found ?? null;
  const pair = openPair(found, secret);
  return pair === null ? null : { kind: 'pasted', ...pair };
}

export function setOwnCertificate(store: Store, own: StoredOwn, secret: string): void {
  const value = own.kind === 'files' ? own : { kind: own.kind, ...sealPair(own, secret) };
  setSetting(store, ownName, value);
}

export function removeOwnCertificate(store: Store): void {
  // Not deleted by hand: `settings.ts` remembers what it has read.
  setSetting(store, ownName, null);
}

function sealPair({ certificate, key }: StoredPair, secret: string): z.infer<typeof pairSchema> {
  return { certificate, sealedKey: seal(key, { secret, purpose }).toString('base64') };
}

function openPair({ certificate, sealedKey }: z.infer<typeof pairSchema>, secret: string): StoredPair | null {
  const key = unseal(Buffer.from(sealedKey, 'base64'), { secret, purpose });
  return key === null ? null : { certificate, key };
}
