import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What is in the file beside our own, with the words that have to go along. */
const packages = ['@decimalturn/toml-patch', 'jsonc-parser', 'smol-toml', 'yaml'];

/** `inglenook connect` as one file without dependencies, for Node 20 and later: `dist/renderer/connect.mjs`. */
export default defineConfig({
  root,
  publicDir: false,
  ssr: { noExternal: true, target: 'node' },
  resolve: {
    // Its modules for browsers, of which only what is used is taken; the ones for Node come in one piece.
    alias: { yaml: `${root}node_modules/yaml/browser/dist/index.js` },
  },
  build: {
    ssr: 'server/connect-tool/main.ts',
    outDir: 'dist/renderer',
    emptyOutDir: false,
    target: 'node20',
    // Whoever is asked to run it may want to read it.
    minify: false,
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        entryFileNames: 'connect.mjs',
        codeSplitting: false,
        postFooter: () => `/*!\n${packages.map(notice).join('\n\n')}\n*/`,
      },
    },
  },
});

function notice(name: string): string {
  const folder = `${root}node_modules/${name}`;
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  if (file === undefined) throw new Error(`${name} says nothing of its license.`);
  const text = readFileSync(join(folder, file), 'utf8');
  return `${name}:\n\n${text.trim().replaceAll('*/', '* /')}`;
}
