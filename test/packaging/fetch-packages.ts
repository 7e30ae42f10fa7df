import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { runNpm } from '../../scripts/lib/install.mjs';
import { cacheFolder, isOffline } from '../../scripts/lib/project.mjs';
import type { Target, TargetPackage } from './targets.ts';

const installed = z.object({
  packages: z.record(z.string(), z.looseObject({ integrity: z.string().optional() })),
});

/**
 * Fetches packages for another system with npm's own switches, once; held against the integrity in our lock file.
 * @returns the folder that holds them in `node_modules`
 */
export function fetchPackages(target: Target, packages: readonly TargetPackage[]): Promise<string> {
  const known = fetching.get(target) ?? fetchNow(target, packages);
  fetching.set(target, known);
  return known;
}

/** Both editions of a system want the same ones at the same time. */
const fetching = new Map<Target, Promise<string>>();

async function fetchNow({ platform, arch }: Target, packages: readonly TargetPackage[]): Promise<string> {
  const folder = join(cacheFolder, 'packaging', `${platform}-${arch}`);
  const wanted = packages.map(({ name, version }) => `${name}@${version}`);
  const done = join(folder, 'inglenook-done.txt');
  if (wanted.length === 0 || (existsSync(done) && readFileSync(done, 'utf8') === wanted.join('\n')))
    return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const switches = [`--os=${platform}`, `--cpu=${arch}`, '--force', '--ignore-scripts'];
  switches.push(isOffline() ? '--offline' : '--prefer-offline');
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const { code, output } = await runNpm(['install', ...switches, ...quiet, ...wanted], {
    cwd: folder,
    show: false,
  });
  if (code !== 0) {
    throw new Error(
      `The engine’s packages for ${platform} ${arch} could not be fetched, so what their installer holds was not looked at. ` +
        `Is the package registry reachable? npm says:\n${output}`,
    );
  }
  requireSame(folder, packages);
  writeFileSync(done, wanted.join('\n'));
  return folder;
}

function requireSame(folder: string, packages: readonly TargetPackage[]): void {
  const record = readFileSync(join(folder, 'node_modules', '.package-lock.json'), 'utf8');
  const { packages: there } = installed.parse(JSON.parse(record));
  const others = packages.filter(
    ({ name, integrity }) => there[`node_modules/${name}`]?.integrity !== integrity,
  );
  if (others.length > 0) {
    throw new Error(`These are not what the lock file names: ${others.map(({ name }) => name).join(', ')}.`);
  }
}
