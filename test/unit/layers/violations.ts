import { posix } from 'node:path';
import type { Import, SourceFile } from './read-imports.ts';
import type { Layer } from './table.ts';

/** Every broken rule as a line for the person who broke it. */
export function violations(sources: readonly SourceFile[], layers: readonly Layer[]): string[] {
  const paths = new Set(sources.map(({ path }) => path));
  return [...sources.flatMap((source) => brokenRules(source, layers, paths)), ...cycles(sources)];
}

function brokenRules(
  { path, imports }: SourceFile,
  layers: readonly Layer[],
  paths: ReadonlySet<string>,
): string[] {
  const layer = layerOf(path, layers);
  if (layer === undefined)
    return [`${path} lies in no layer: give its folder a row in test/unit/layers/table.ts`];
  return imports.flatMap((one) => {
    const problem = problemOf(path, one, layer, paths);
    return problem === null
      ? []
      : [`${path} ${problem}; ${layer.path} (${layer.because}) may import: ${allowed(layer)}`];
  });
}

function problemOf(
  path: string,
  { specifier, isType }: Import,
  layer: Layer,
  paths: ReadonlySet<string>,
): string | null {
  if (specifier === null) {
    // Tests and scripts load what they have just built or found; the program itself never does.
    return /^(?:test|scripts)\//u.test(path) ? null : 'imports something computed, which no table can hold';
  }
  const target = targetOf(path, specifier);
  const permitted = isType ? [...layer.may, ...layer.types] : layer.may;
  if (isWithin(target, layer.path) || permitted.some((one) => isWithin(target, one))) {
    const isOurCode = specifier.startsWith('.') && /\.[cm]?[jt]sx?$/u.test(target);
    return isOurCode && !paths.has(target) ? `imports ${target}, which is not there` : null;
  }
  return `imports ${target}${isType ? ' (types)' : ''}`;
}

function allowed({ may, types }: Layer): string {
  return [...may, ...types.map((one) => `${one} (types)`)].join(', ');
}

/** Our own file by its path, a package as `npm:name`, `node:` for what Node brings. */
function targetOf(path: string, specifier: string): string {
  if (specifier.startsWith('node:')) return 'node:';
  if (specifier.startsWith('.')) return posix.join(posix.dirname(path), specifier.replace(/\?.*$/u, ''));
  return `npm:${specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')}`;
}

function layerOf(path: string, layers: readonly Layer[]): Layer | undefined {
  const fitting = layers.filter((layer) => isWithin(path, layer.path));
  return fitting.sort((one, other) => other.path.length - one.path.length)[0];
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** Rings of imports, types included: two files that need each other to be understood are one. */
function cycles(sources: readonly SourceFile[]): string[] {
  const graph = new Map(
    sources.map(({ path, imports }) => [
      path,
      imports.flatMap(({ specifier }) =>
        specifier?.startsWith('.') === true ? [targetOf(path, specifier)] : [],
      ),
    ]),
  );
  const finished = new Set<string>();
  const found: string[] = [];
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) return void found.push(`a ring of imports: ${[...trail.slice(start), path].join(' → ')}`);
    if (finished.has(path)) return;
    for (const next of graph.get(path) ?? []) walk(next, [...trail, path]);
    finished.add(path);
  };
  for (const path of graph.keys()) walk(path, []);
  return found;
}
