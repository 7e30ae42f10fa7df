import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'vite';

export type Import = {
  /** As written: `./x.ts`, `express`, `node:fs`; null where it is computed and cannot be known. */
  readonly specifier: string | null;
  /** Leaves no trace when the program runs. */
  readonly isType: boolean;
};

export type SourceFile = { readonly path: string; readonly imports: readonly Import[] };

const codeFolders = ['server', 'electron', 'renderer', 'scripts', 'test'];
const code = /\.(?:[cm]?[jt]s|tsx)$/u;

/** Every source file of the project below `root`, with paths relative to it and `/` between folders. */
export function readSources(root: string): SourceFile[] {
  return listFiles(root).map((path) => ({
    path,
    imports: importsOf(path, readFileSync(join(root, path), 'utf8')),
  }));
}

function listFiles(root: string): string[] {
  const present = readdirSync(root).filter((name) => codeFolders.includes(name));
  return present.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
      .filter((path) => code.test(path) && statSync(join(root, path)).isFile()),
  );
}

/** Static and dynamic imports, `export … from`, `require` and `import('…')` types. Throws on a syntax error. */
export function importsOf(path: string, source: string): Import[] {
  const { program, errors } = parseSync(path, source);
  if (errors.length > 0) throw new Error(`${path} cannot be parsed: ${errors[0]?.message}`);
  const found: Import[] = [];
  visit(program, (node) => {
    const read = readers[String(node['type'])]?.(node);
    if (read !== undefined) found.push(read);
  });
  return found;
}

type Node = Readonly<Record<string, unknown>>;

const readers: Readonly<Record<string, (node: Node) => Import | undefined>> = {
  ImportDeclaration: (node) => ({ specifier: text(node['source']), isType: isTypeOnly(node, 'importKind') }),
  ExportNamedDeclaration: (node) =>
    isNode(node['source'])
      ? { specifier: text(node['source']), isType: isTypeOnly(node, 'exportKind') }
      : undefined,
  ExportAllDeclaration: (node) => ({
    specifier: text(node['source']),
    isType: node['exportKind'] === 'type',
  }),
  ImportExpression: (node) => ({ specifier: text(node['source']), isType: false }),
  TSImportType: (node) => ({ specifier: text(node['source'] ?? node['argument']), isType: true }),
  TSExternalModuleReference: (node) => ({ specifier: text(node['expression']), isType: false }),
  CallExpression: (node) => {
    const { callee, arguments: given } = node;
    if (!isNode(callee) || callee['type'] !== 'Identifier' || callee['name'] !== 'require') return undefined;
    return { specifier: text(Array.isArray(given) ? given[0] : undefined), isType: false };
  },
};

/** `import type …`, or one whose every name is a type (the compiler drops neither the module nor its effects then). */
function isTypeOnly(node: Node, kind: string): boolean {
  return node[kind] === 'type';
}

function text(node: unknown): string | null {
  if (!isNode(node)) return null;
  if (node['type'] === 'TSLiteralType') return text(node['literal']);
  if (node['type'] === 'Literal' && typeof node['value'] === 'string') return node['value'];
  if (node['type'] !== 'TemplateLiteral' || !Array.isArray(node['quasis']) || node['quasis'].length !== 1)
    return null;
  const [only]: unknown[] = node['quasis'];
  return isNode(only) && isNode(only['value']) ? String(only['value']['cooked']) : null;
}

function visit(value: unknown, found: (node: Node) => void): void {
  if (Array.isArray(value)) return value.forEach((item) => visit(item, found));
  if (!isNode(value)) return;
  if (typeof value['type'] === 'string') found(value);
  for (const child of Object.values(value)) visit(child, found);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}
