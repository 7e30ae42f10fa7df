import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { fetchPackages } from './fetch-packages.ts';
import type { Target, TargetPackage } from './targets.ts';

export const root = join(import.meta.dirname, '..', '..');

const names = z.union([z.string().transform((name) => [name]), z.array(z.string())]).optional();

const lockFile = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({
      version: z.string().optional(),
      integrity: z.string().optional(),
      dev: z.boolean().optional(),
      os: names,
      cpu: names,
    }),
  ),
});
type Locked = z.infer<typeof lockFile>['packages'][string];

/** What installers hold of the clone itself. */
const ours = ['package.json', 'package-lock.json', 'electron-builder.yml', 'LICENSE', 'dist', 'resources'];

/**
 * The project as a clone on the target computer would have it after `npm ci --omit=dev` and `npm run build`: the packages the
 * lock file gives that system, of this clone where they are the same everywhere, the engine's fetched. CUDA's are half a
 * gigabyte, so foreign ones are stood in for: whether an edition takes them is what matters.
 * @throws Error in a sentence where the registry does not answer or the build is missing
 */
export async function makeTargetTree(folder: string, target: Target): Promise<void> {
  if (!existsSync(join(root, 'dist', 'server', 'main.js'))) {
    throw new Error('There is no build to be packed. Run npm run build, then this again.');
  }
  rmSync(folder, { recursive: true, force: true });
  for (const name of ours) linkTree(join(root, name), join(folder, name));
  const packages = packagesFor(target);
  const missing = packages.filter(({ path, name }) => !isHere(path) && target.engines.includes(kindOf(name)));
  const fetched = await fetchPackages(target, missing);
  for (const { path, name } of packages) {
    const to = join(folder, path);
    if (isHere(path)) linkTree(join(root, path), to, [join(root, path, 'node_modules')]);
    else if (target.engines.includes(kindOf(name))) linkTree(join(fetched, path), to);
    else if (target.cuda.includes(kindOf(name))) standInForCuda(to, name);
  }
}

/** Those of the lock file that `npm ci --omit=dev` would install there. */
function packagesFor({ platform, arch }: Target): TargetPackage[] {
  const { packages } = lockFile.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
  const isFor = ({ os, cpu }: Locked): boolean =>
    (os === undefined || os.includes(platform)) && (cpu === undefined || cpu.includes(arch));
  return Object.entries(packages).flatMap(([path, locked]) => {
    const { dev, version, integrity } = locked;
    if (path === '' || dev === true || !isFor(locked) || version === undefined || integrity === undefined)
      return [];
    return [{ path, name: path.split('node_modules/').at(-1) ?? '', version, integrity }];
  });
}

/** `@node-llama-cpp/win-x64` → `win-x64` */
function kindOf(name: string): string {
  return name.startsWith('@node-llama-cpp/') ? (name.split('/')[1] ?? '') : '';
}

function isHere(path: string): boolean {
  return existsSync(join(root, path, 'package.json'));
}

function standInForCuda(folder: string, name: string): void {
  const kind = kindOf(name);
  const put = (path: string, content: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  put('package.json', JSON.stringify({ name, version: '3.21.1' }));
  put(
    `bins/${kind.replace('-ext', '')}/${kind.endsWith('-ext') ? 'fallback/' : ''}ggml-cuda.dll`,
    'stands in',
  );
}

/** Names the same files a second time where the disk allows it: nothing here changes what it packs. */
function linkTree(from: string, to: string, without: readonly string[] = []): void {
  if (without.includes(from)) return;
  const entries = entriesOf(from);
  if (entries === null) {
    mkdirSync(dirname(to), { recursive: true });
    return linkOrCopy(from, to);
  }
  mkdirSync(to, { recursive: true });
  for (const entry of entries) {
    if (entry.isDirectory()) linkTree(join(from, entry.name), join(to, entry.name), without);
    else if (entry.isFile()) linkOrCopy(join(from, entry.name), join(to, entry.name));
  }
}

/** Null for a file. */
function entriesOf(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return null;
    throw error;
  }
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
