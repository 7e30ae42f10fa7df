import { readFile } from 'node:fs/promises';
import type { Plugin } from 'vite';

/**
 * Pieces of packages that nothing here can reach, but that their packages name where no bundler can see that. Left out,
 * they make the console a tenth smaller. What is called in spite of it says so by an error; and what has changed its
 * place in a new version of its package stops the build.
 */
const pieces: readonly Piece[] = [
  // Schemas only read answers here. Each one asks for these when it is made.
  { file: 'zod/v4/core/to-json-schema.js', unreached: 'what its functions return' },
  { file: 'zod/v4/core/json-schema-processors.js', unreached: 'what its functions return' },
  // Charts have no range to drag, no lines of reference, and the legend beside them is our own.
  { file: 'recharts/es6/cartesian/Brush.js', unreached: 'its functions' },
  { file: 'recharts/es6/cartesian/ReferenceLine.js', unreached: 'its functions' },
  { file: 'recharts/es6/component/Legend.js', unreached: 'its functions' },
  { file: 'recharts/es6/cartesian/ReferenceArea.js', unreached: 'its functions' },
  { file: 'recharts/es6/cartesian/ReferenceDot.js', unreached: 'its functions' },
  // What a tooltip says is our own, and no chart is round.
  { file: 'recharts/es6/component/DefaultTooltipContent.js', unreached: 'its functions' },
  { file: 'recharts/es6/shape/Sector.js', unreached: 'its functions' },
  // All scales of d3 are chosen from by name; axes of numbers and of words are these.
  {
    file: 'victory-vendor/es/d3-scale.js',
    instead: `export { scaleBand, scaleLinear, scalePoint } from 'd3-scale';`,
  },
  // Axes lead from numbers to numbers; no colours are mixed on the way.
  {
    file: 'd3-color/dist/d3-color.mjs',
    instead: `export function color() { return null; }
      export { color as cubehelix, color as hcl, color as hsl, color as lab, color as rgb };`,
  },
  // Markdown is only read. HTML in it stays text, so there are no drawings either.
  { file: 'mdast-util-to-markdown/lib/index.js', unreached: 'its functions' },
  { file: 'mdast-util-to-markdown/lib/handle/index.js', instead: 'export const handle = {};' },
  { file: 'markdown-table/index.js', unreached: 'its functions' },
  {
    file: 'property-information/lib/svg.js',
    instead: 'export const svg = { property: {}, normal: {} };',
  },
];

type Piece = { readonly file: string } & (
  | { readonly unreached: 'its functions' | 'what its functions return' }
  | { readonly instead: string }
);

export function leanPackages(): Plugin {
  const met = new Set<Piece>();
  return {
    name: 'inglenook-lean-packages',
    apply: 'build',
    enforce: 'pre',
    buildStart: () => met.clear(),
    async load(id) {
      const path = id.replaceAll('\\', '/');
      const piece = pieces.find(({ file }) => path.endsWith(`/node_modules/${file}`));
      if (piece === undefined) return null;
      met.add(piece);
      if ('instead' in piece) return { code: piece.instead, moduleSideEffects: false };
      const names = exportedNames(this.parse(await readFile(id, 'utf8')));
      return { code: standIn(piece, names), moduleSideEffects: false };
    },
    buildEnd(error) {
      const missing = pieces.find((piece) => !met.has(piece));
      if (error === undefined && missing !== undefined)
        this.error(`renderer/lean-packages.ts names ${missing.file}, which nothing imports any more.`);
    },
  };
}

/** Functions by the same names, which tell that they should not have been called. */
function standIn(piece: Extract<Piece, { unreached: string }>, names: readonly string[]): string {
  const message = `${piece.file} has been left out: see renderer/lean-packages.ts.`;
  const fails = `const fails = () => { throw new Error(${JSON.stringify(message)}); };`;
  const value = piece.unreached === 'its functions' ? 'fails' : '() => fails';
  return [fails, ...names.map((name) => `export const ${name} = ${value};`)].join('\n');
}

type Program = ReturnType<ThisParameterType<Extract<Plugin['load'], (...a: never) => unknown>>['parse']>;

function exportedNames({ body }: Program): string[] {
  return body.flatMap((statement) => {
    if (statement.type !== 'ExportNamedDeclaration') return [];
    const { declaration, specifiers } = statement;
    const own = specifiers.flatMap(({ exported }) => ('name' in exported ? [exported.name] : []));
    if (declaration?.type === 'VariableDeclaration')
      return declaration.declarations.flatMap(({ id }) => ('name' in id ? [id.name] : []));
    return declaration !== null && 'id' in declaration && declaration.id !== null && 'name' in declaration.id
      ? [...own, declaration.id.name]
      : own;
  });
}
