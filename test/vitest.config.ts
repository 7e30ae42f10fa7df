import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What the three kinds of tests share: plain Node, no globals, nothing of one test left for the next. */
const shared = { root, environment: 'node', globals: false, restoreMocks: true, unstubEnvs: true } as const;

/**
 * `unit`: fast, no model, no browser; real sockets on port 0 and real SQLite are welcome.
 * `model`: needs the starter model. `browser`: needs Chromium. Those two take the machine for themselves, so
 * their files run one after another.
 */
export default defineConfig({
  root,
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 10_000,
          hookTimeout: 10_000,
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
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
