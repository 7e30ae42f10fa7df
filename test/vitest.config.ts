import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What all kinds of tests share: plain Node, no globals, nothing of one test left for the next. */
const shared = {
  root,
  environment: 'node',
  globals: false,
  restoreMocks: true,
  unstubEnvs: true,
  // What is waited for comes; on a machine with other work a second is not enough to tell.
  expect: { poll: { timeout: 5_000 } },
} as const;

/**
 * `unit`: fast, no model, no browser; real sockets on port 0 and real SQLite are welcome. Those that start processes,
 * wait for a network's real delays or try thousands of inputs are `slow`, so that `npm run check` stays under a minute.
 * `model`: needs the starter model. `python`: needs Python beside it. `clients`: needs the programs of test/clients. `ollama`:
 * needs the real Ollama. `packaging`: needs the build and, the first time,
 * the registry. Those take the machine for themselves, so their files run one after another. `browser`: needs
 * Chromium, which alone keeps no more than half of two processors busy; two files at a time.
 */
export default defineConfig({
  root,
  test: {
    // The library leaves a core free unless told; on two cores that means one file after another.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          exclude: ['**/*.slow.test.ts'],
          testTimeout: 10_000,
          hookTimeout: 10_000,
        },
      },
      {
        test: {
          ...shared,
          name: 'slow',
          include: ['test/unit/**/*.slow.test.ts'],
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      {
        test: {
          ...shared,
          name: 'model',
          include: ['test/model/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          ...shared,
          name: 'python',
          include: ['test/python/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          ...shared,
          name: 'clients',
          include: ['test/clients/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          ...shared,
          name: 'ollama',
          include: ['test/ollama/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          ...shared,
          name: 'packaging',
          include: ['test/packaging/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          ...shared,
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          // Each file has a server and a browser of its own.
          maxWorkers: 2,
          // A page is waited for; how long it takes is not what these tests are about.
          expect: { poll: { timeout: 10_000 } },
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
