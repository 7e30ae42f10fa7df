import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Backend } from '../../../core/model.ts';

/** Which of the library's binary packages are really here: an edition of the app leaves some out, and npm can be told to. */

const addonFile = 'llama-addon.node';

function packagesFor(platform: NodeJS.Platform, arch: string): Partial<Record<Backend, string>> {
  const name = (suffix: string): string => `@node-llama-cpp/${suffix}`;
  if (platform === 'darwin')
    return arch === 'arm64' ? { metal: name('mac-arm64-metal') } : { cpu: name('mac-x64') };
  const system = platform === 'win32' ? 'win' : 'linux';
  const all = { cpu: name(`${system}-${arch === 'arm' ? 'armv7l' : arch}`) };
  if (arch !== 'x64') return all;
  return { cuda: name(`${system}-x64-cuda`), vulkan: name(`${system}-x64-vulkan`), ...all };
}

export function installedParts(
  platform: NodeJS.Platform = process.platform,
  arch: string = process.arch,
): readonly Backend[] {
  return Object.entries(packagesFor(platform, arch)).flatMap(([backend, name]) =>
    hasAddon(name) ? [backend as Backend] : [],
  );
}

const resolver = createRequire(import.meta.url);

/** The packages tell where they lie by their entry, beside which the binaries are. */
function hasAddon(name: string): boolean {
  try {
    const folder = join(dirname(resolver.resolve(name)), '..', 'bins');
    return readdirSync(folder).some((one) => existsSync(join(folder, one, addonFile)));
  } catch {
    // Not installed for this computer, or without what it is for.
    return false;
  }
}
