import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { ensurePythonVenv } from '../../scripts/lib/python-venv.mjs';
import { connectPage, keyPlaceholder, type ConnectPage } from '../../server/wire/connect.ts';
import { startServer, type RunningServer } from './running-server.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
/** Setting Python up for the first time fetches libraries. */
const timeout = 400_000;

test(
  'the Python, TypeScript and curl of the Connect page get an answer as they stand',
  { timeout },
  async () => {
    const python = await ensurePythonVenv();
    const server = await startServer();
    const key = await server.cli('key', 'create', '--name', 'laptop');
    const page = await fetchPage(server);
    expect(page).toMatchObject({ baseUrl: `${server.url}/v1`, isTestModel: true });
    const text = (id: string, language: string): string =>
      snippet(page, id, language).replaceAll(keyPlaceholder, key);
    const folder = folderThatFindsPackages();
    const write = (name: string, program: string): string => {
      writeFileSync(join(folder, name), program);
      return join(folder, name);
    };

    const fromPython = await run(python, [write('hello.py', text('python', 'python'))]);
    expect(fromPython.stdout).toMatch(/\w/);

    const fromTypeScript = await run(process.execPath, [
      write('hello.mts', text('typescript', 'typescript')),
    ]);
    expect(fromTypeScript.stdout).toMatch(/\w/);

    const fromCurl = await run('bash', [write('hello.sh', text('curl', 'sh'))]);
    expect(JSON.parse(fromCurl.stdout)).toMatchObject({
      model: 'office',
      choices: [{ message: { role: 'assistant', content: expect.stringMatching(/\w/) } }],
    });

    const log: unknown = JSON.parse(await server.cli('log', '--json'));
    const row = { key: 'laptop', model: 'office', servedModel: 'smollm2-135m-instruct', status: 'ok' };
    expect(log).toEqual([row, row, row].map((wanted) => expect.objectContaining(wanted)));
    // Now that the model is loaded, its context is known.
    expect((await fetchPage(server)).contextTokens).toBeGreaterThan(1000);
  },
);

async function fetchPage(server: RunningServer): Promise<ConnectPage> {
  const token = readFileSync(join(server.dataDir, 'admin.token'), 'utf8').trim();
  const response = await fetch(`${server.url}/api/connect?key=laptop`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return connectPage.parse(await response.json());
}

function snippet(page: ConnectPage, id: string, language: string): string {
  const steps = page.guides.find((guide) => guide.id === id)?.steps ?? [];
  const found = steps.map((step) => step.snippet).find((candidate) => candidate?.language === language);
  if (found === undefined || found === null) throw new Error(`no ${language} in the guide ${id}`);
  return found.text;
}

/** Below the clone, so that `import "openai"` finds the installed package as after `npm install openai`. */
function folderThatFindsPackages(): string {
  mkdirSync(join(root, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(root, '.cache', 'connect-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
