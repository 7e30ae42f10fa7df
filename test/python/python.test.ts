import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ensurePythonVenv } from '../../scripts/lib/python-venv.mjs';
import { startScripted } from '../model/clients-scripted.ts';
import { startServer, temporaryDir } from '../model/running-server.ts';
import { writeTiktokenCache } from './tiktoken-cache.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');

const suites = [
  { packages: 'requirements', files: ['test_openai.py', 'test_anthropic.py', 'test_langchain.py'] },
  // With openai 2, which is still the one in many programs.
  { packages: 'llama-index', files: ['test_openai.py', 'test_llama_index.py'] },
] as const;

test.each(suites)('Python libraries, $packages', async ({ packages, files }) => {
  const python = await ensurePythonVenv(packages);
  const starter = await startServer({ command: ['node', 'server/main.ts'] });
  const scripted = await startScripted();
  const home = temporaryDir();
  writeTiktokenCache(join(home, 'tiktoken'));
  const { stdout } = await run(python, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', ...files], {
    cwd: import.meta.dirname,
    env: {
      ...environmentOfOurOwn(home),
      STARTER_URL: starter.url,
      STARTER_KEY: await starter.cli('key', 'create', '--name', 'python'),
      SCRIPTED_URL: scripted.address,
      SCRIPTED_KEY: scripted.apiKey,
    },
  }).catch((error: { stdout?: string; stderr?: string }) => {
    throw new Error(`pytest failed:\n${error.stdout}\n${error.stderr}`);
  });
  expect(stdout).toMatch(/^\d+ passed/m);
  expect(stdout).not.toMatch(/skipped|deselected/);
});

/** Nothing of the person's own settings, keys and proxies; nothing is reported to anybody. */
function environmentOfOurOwn(home: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    ...(process.platform === 'win32' ? { SystemRoot: process.env['SystemRoot'] } : {}),
    HOME: home,
    USERPROFILE: home,
    TIKTOKEN_CACHE_DIR: join(home, 'tiktoken'),
    LANGSMITH_TRACING: 'false',
    // Python's own copies of what it has read would lie beside the tests.
    PYTHONPYCACHEPREFIX: join(root, '.cache', 'python-bytecode'),
  };
}
