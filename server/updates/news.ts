import type { UpdateFile, UpdateNews } from '../wire/updates.ts';
import { updateFeedPath } from '../wire/updates.ts';
import type { Manifest, ManifestFile } from './manifest.ts';
import { compareVersions } from './version.ts';

/** What runs here, and how it came here. */
export type Installed = {
  readonly version: string;
  /** `2026-11-23`; null where the build does not say. */
  readonly releasedOn: string | null;
  /** Null in a clone and where npm has installed it. */
  readonly edition: 'standard' | 'cuda' | null;
  readonly platform: NodeJS.Platform;
  readonly arch: string;
};

/** Null: nothing newer than what runs. */
export function newsFrom(
  manifest: Manifest,
  { installed, ownFeed }: { readonly installed: Installed; readonly ownFeed: string | null },
): UpdateNews | null {
  if (compareVersions(manifest.version, installed.version) <= 0) return null;
  const { version, releasedAt, notes, page } = manifest;
  return {
    version,
    releasedAt,
    isSecurity: compareVersions(installed.version, manifest.secureFrom) < 0,
    notes,
    page,
    file: fileFor(manifest, installed, baseOf(manifest, ownFeed)),
  };
}

/** Files lie beside the owner’s own feed; another Inglenook hands on the news alone. */
function baseOf({ base }: Manifest, ownFeed: string | null): string | null {
  return ownFeed === null || new URL(ownFeed).pathname === updateFeedPath ? base : ownFeed;
}

const systems: Readonly<Partial<Record<NodeJS.Platform, ManifestFile['os']>>> = {
  linux: 'linux',
  darwin: 'mac',
  win32: 'win',
};

/** What a person installs with: a zip is for programs. */
const kinds: Readonly<Record<ManifestFile['os'], readonly ManifestFile['kind'][]>> = {
  linux: ['deb', 'AppImage'],
  mac: ['dmg'],
  win: ['exe'],
  any: ['tgz'],
};

function fileFor(manifest: Manifest, installed: Installed, base: string | null): UpdateFile | null {
  const { edition, arch } = installed;
  // Without an edition it came by npm or as a clone, which an installer would only put a second one beside.
  const os = edition === null ? 'any' : systems[installed.platform];
  if (os === undefined || base === null) return null;
  const fitting = manifest.files.filter(
    (file) =>
      file.os === os &&
      [arch, 'any'].includes(file.arch) &&
      (edition === null || [edition, 'any'].includes(file.edition)),
  );
  const [best] = kinds[os].flatMap((kind) => fitting.filter((file) => file.kind === kind));
  if (best === undefined) return null;
  const { name, sizeBytes, sha256 } = best;
  return { name, sizeBytes, sha256, url: new URL(name, base).href };
}
