import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { leanPackages } from './lean-packages.ts';

const root = fileURLToPath(new URL('.', import.meta.url));

/** Programs of the console; the two small pages have none of its packages, and must not wait for it. */
const consoleProgram =
  /(?:[\\/]renderer[\\/](?!pair[\\/]|me[\\/])|[\\/]server[\\/]wire[\\/]|[\\/]node_modules[\\/]).*\.(?:[cm]?js|tsx?)$/;

/** What is fetched when it is looked at, and not with the first page that is opened after Home. */
const heavy =
  /[\\/](?:usage-drawing|model-text|code-colors|trace-answer|playground[\w-]*)\.(?:module\.css|tsx)$/;

/** Every page but the first, with the parts of the packages that only they need. */
const laterPages = new RegExp(
  [
    /[\\/]renderer[\\/](?!(?:pair|me|locales|styles)[\\/]).*\.(?:tsx?|css)$/,
    /[\\/]server[\\/]wire[\\/].*\.ts$/,
    /[\\/]node_modules[\\/](?:@mantine[\\/](?:core|hooks)|lucide-react|@tanstack)[\\/].*\.m?js$/,
  ]
    .map(({ source }) => source)
    .join('|'),
);

/** The file with the style sheets that ours correct. */
const libraryStyles = 'library';

/** The console: built to `dist/renderer`, served under `/console/`, with nothing fetched from elsewhere. */
export default defineConfig(({ command }) => {
  // Also where the caller's own NODE_ENV says otherwise, as within a test run: what is built is what is served.
  if (command === 'build') process.env['NODE_ENV'] = 'production';
  return {
    root,
    base: '/console/',
    publicDir: false,
    plugins: [react(), leanPackages(), colorSchemeBeforeFirstPaint(), libraryStylesFirst()],
    build: {
      outDir: '../dist/renderer',
      emptyOutDir: true,
      rolldownOptions: {
        input: [`${root}index.html`, `${root}pair.html`, `${root}me.html`],
        output: {
          codeSplitting: {
            groups: [
              // What our own style sheets correct must come before them, in whichever file they end up.
              { name: libraryStyles, test: /renderer[\\/]styles[\\/](?:library|global)\.css$/ },
              // Many small files are slower to fetch and a tenth larger together: one for what the first page needs, and
              // one for all the later pages, but for what is heavy in them.
              { name: 'console', test: consoleProgram, tags: ['$initial'] },
              {
                name: 'pages',
                test: (id) => laterPages.test(id) && !heavy.test(id),
                includeDependenciesRecursively: false,
              },
            ],
          },
        },
      },
      // Small files stay files: `data:` URLs would need a wider content security policy.
      assetsInlineLimit: 0,
      target: ['chrome120', 'firefox121', 'safari17'],
      reportCompressedSize: false,
      // Large on purpose: it comes from the same office, and test/browser/build.test.ts holds its limit.
      chunkSizeWarningLimit: 1_000,
    },
  };
});

/**
 * Puts `color-scheme.js` into the head as a plain, blocking script with a hashed name. It must run before the
 * first paint, which a module never does, and may not be inline, which the content security policy forbids.
 */
function colorSchemeBeforeFirstPaint(): Plugin {
  let scriptReference = '';
  return {
    name: 'inglenook-color-scheme',
    apply: 'build',
    async buildStart() {
      const source = await readFile(fileURLToPath(new URL('color-scheme.js', import.meta.url)), 'utf8');
      scriptReference = this.emitFile({ type: 'asset', name: 'color-scheme.js', source });
    },
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        const fileName = Object.values(bundle ?? {}).find((file) =>
          file.fileName.includes('color-scheme-'),
        )?.fileName;
        if (fileName === undefined)
          throw new Error(`color-scheme.js (${scriptReference}) is not in the bundle`);
        return {
          html,
          tags: [{ tag: 'script', attrs: { src: `/console/${fileName}` }, injectTo: 'head-prepend' }],
        };
      },
    },
  };
}

/** What stands first yields to what comes later. Vite puts style sheets in the order of the scripts they belong to. */
function libraryStylesFirst(): Plugin {
  return {
    name: 'inglenook-library-styles-first',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html) {
        const links = [...html.matchAll(/ *<link rel="stylesheet"[^>]*>\n/g)].map(([link]) => link);
        const library = links.find((link) => link.includes(`/${libraryStyles}-`));
        const [first] = links;
        if (library === undefined || first === undefined) return html;
        return first === library ? html : html.replace(library, '').replace(first, library + first);
      },
    },
  };
}
