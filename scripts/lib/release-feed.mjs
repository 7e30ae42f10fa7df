import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { join } from 'node:path';
import { describeInstallers, sha256Of } from './dist-files.mjs';
import { SetupError } from './project.mjs';

/** The same words as in server/updates/manifest.ts, so that a signature for something else never counts. */
const purpose = Buffer.from('inglenook-updates-v1\n');

/** An Ed25519 key: `secret` as PEM (PKCS #8), `shared` as the build carries it (base64 of the DER form). */
export function newKeyPair() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { secret: String(privateKey.export({ type: 'pkcs8', format: 'pem' })), shared: sharedOf(publicKey) };
}

/**
 * What a person writes: `{ version, releasedAt, secureFrom, notes: { en, de }, page, base }`; files are taken from the folder.
 * @param {Record<string, unknown>} news
 * @param {{ secret: string, folder: string, nowMs: number }} options
 * @returns {Promise<string>} the feed
 * @throws {SetupError} where something is missing from the news or a file’s name cannot be read
 */
export async function signFeed(news, { secret, folder, nowMs }) {
  for (const name of ['version', 'releasedAt', 'secureFrom', 'notes']) {
    if (!(name in news)) throw new SetupError(`The news lack "${name}".`);
  }
  const payload = JSON.stringify({
    page: null,
    base: null,
    ...news,
    v: 1,
    issuedAt: new Date(nowMs).toISOString(),
    files: await filesOf(folder, String(news['version'])),
  });
  return envelope(payload, secret);
}

/**
 * @param {string} payload
 * @param {string} secret
 */
export function envelope(payload, secret) {
  const key = createPrivateKey(secret);
  if (key.asymmetricKeyType !== 'ed25519') throw new SetupError('The key is not one of release-feed.mjs.');
  const bytes = Buffer.from(payload);
  const shared = sharedOf(createPublicKey(key));
  const id = createHash('sha256').update(Buffer.from(shared, 'base64')).digest('hex').slice(0, 16);
  const signature = sign(null, Buffer.concat([purpose, bytes]), key).toString('base64');
  return `${JSON.stringify({ payload: bytes.toString('base64'), signatures: [{ key: id, signature }] })}\n`;
}

/** @param {import('node:crypto').KeyObject} publicKey */
function sharedOf(publicKey) {
  return publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
}

/**
 * The installers of that version, by the names that electron-builder.yml gives them, and npm’s package.
 * @param {string} folder
 * @param {string} version
 */
async function filesOf(folder, version) {
  const files = [];
  for (const { name, sizeBytes } of await describeInstallers(folder)) {
    const found = describeName(name, version);
    if (found !== null) files.push({ name, ...found, sizeBytes, sha256: await sha256Of(join(folder, name)) });
  }
  if (files.length === 0) throw new SetupError(`There are no installers of ${version} in ${folder}.`);
  return files;
}

/**
 * Null for a file of another version.
 * @param {string} name
 * @param {string} version
 */
function describeName(name, version) {
  if (name === `inglenook-${version}.tgz`) return { os: 'any', arch: 'any', edition: 'any', kind: 'tgz' };
  const match =
    /^Inglenook-(.+)-(linux|mac|win)-([a-z0-9_]+)-(standard|cuda)\.(deb|AppImage|exe|dmg|zip)$/u.exec(name);
  if (match === null || match[1] !== version) return null;
  const [, , os, arch = '', edition, kind] = match;
  return { os, arch: nodeArch(arch), edition, kind };
}

/**
 * Debian and AppImage have names of their own for x64.
 * @param {string} arch
 */
function nodeArch(arch) {
  return ['amd64', 'x86_64'].includes(arch) ? 'x64' : arch;
}
