import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builderArguments, builderEnvironment } from '../../scripts/lib/dist-target.mjs';
import { run } from '../../scripts/lib/process.mjs';
import { makeStandIn } from './stand-in.ts';
import { makeTargetTree, root } from './target-tree.ts';
import type { Target } from './targets.ts';

/** electron-builder’s own tools, by the way it finds them itself. */
const ofBuilder = createRequire(createRequire(import.meta.url).resolve('electron-builder'));

type AsarHeader = { readonly files: Readonly<Record<string, AsarEntry>> };
type AsarEntry = { readonly files?: AsarHeader['files']; readonly unpacked?: boolean };
export const asar = ofBuilder('@electron/asar') as {
  readonly getRawHeader: (archive: string) => { readonly header: AsarHeader };
  readonly extractFile: (archive: string, path: string) => Buffer;
  readonly extractAll: (archive: string, folder: string) => void;
};
export const fuses = ofBuilder('@electron/fuses') as {
  readonly getCurrentFuseWire: (program: string) => Promise<Readonly<Record<string, unknown>>>;
  readonly FuseV1Options: Readonly<Record<string, string | number>>;
};
export const plist = ofBuilder('plist') as {
  readonly parse: (xml: string) => Readonly<Record<string, unknown>>;
};
const electronVersion = (ofBuilder('electron/package.json') as { readonly version: string }).version;

export type Packed = {
  readonly target: Target;
  /** What a person would have installed: a folder, or macOS’s bundle. */
  readonly app: string;
  /** The program with the fuses. */
  readonly program: string;
  /** Where `app.asar` and the starter model lie. */
  readonly resources: string;
  readonly archive: string;
};

/**
 * `electron-builder --dir` for one system, with our configuration and the arguments of `npm run dist`.
 * @throws Error with electron-builder’s own words
 */
export async function pack(target: Target, edition: 'standard' | 'cuda', into: string): Promise<Packed> {
  const tree = join(into, 'tree');
  await makeTargetTree(tree, target);
  const electronDist = makeStandIn(join(into, 'stand-in'), target, electronVersion);
  const args = [
    join(root, 'node_modules', 'electron-builder', 'cli.js'),
    '--dir',
    `--${target.os}`,
    `--${target.arch}`,
    ...builderArguments(edition, {}),
    `-c.electronDist=${electronDist}`,
    `-c.electronVersion=${electronVersion}`,
    // The stand-in has none of what is written into a Windows program.
    ...(target.os === 'win' ? ['-c.win.signAndEditExecutable=false', '-c.disableAsarIntegrity=true'] : []),
  ];
  const env = {
    ...process.env,
    ...builderEnvironment(edition, target.platform),
    // It may change the modes of what it packs, which must not be ours.
    USE_HARD_LINKS: 'false',
  };
  const { code, output } = await run(process.execPath, args, { cwd: tree, env });
  if (code !== 0) throw new Error(`electron-builder for ${target.os} ended with ${code}:\n${output}`);
  return describePacked(target, join(tree, 'release'));
}

function describePacked(target: Target, release: string): Packed {
  const { os } = target;
  const folder = readdirSync(release).find((name) => name.startsWith(os));
  if (folder === undefined) throw new Error(`Nothing was packed into ${release}.`);
  const app = join(release, folder, os === 'mac' ? 'Inglenook.app' : '');
  const resources = os === 'mac' ? join(app, 'Contents', 'Resources') : join(app, 'resources');
  const program = os === 'mac' ? app : join(app, os === 'win' ? 'Inglenook.exe' : 'inglenook');
  return { target, app, program, resources, archive: join(resources, 'app.asar') };
}

/** A folder of its own, and how to remove it. */
export function scratchFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'inglenook-packaging-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Every file of the archive, those beside it included, with forward slashes. */
export function filesIn(archive: string): { readonly path: string; readonly isUnpacked: boolean }[] {
  const walk = ({ files }: AsarHeader, folder: string): { path: string; isUnpacked: boolean }[] =>
    Object.entries(files).flatMap(([name, entry]) => {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (entry.files !== undefined) return walk({ files: entry.files }, path);
      return [{ path, isUnpacked: entry.unpacked === true }];
    });
  return walk(asar.getRawHeader(archive).header, '');
}
