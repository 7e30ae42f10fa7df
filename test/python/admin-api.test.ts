import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ensurePythonVenv } from '../../scripts/lib/python-venv.mjs';
import { startComposed } from '../fakes/composed.ts';
import { temporaryDir } from '../model/running-server.ts';

const run = promisify(execFile);

/** So much of it, that all operations have their turn and a slow machine comes to the end. */
const limits = ['--max-examples', '12', '--max-time', '120', '--request-timeout', '15', '--seed', '620'];

/** What is asked of every answer. */
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
].join(',');

/**
 * Requests drawn from `/api/openapi.json` and bent, against a running server: no answer is a 5xx, and each is as the
 * description says. What may not leave the test's own folder is exchanged in `admin_api_hooks.py`; the event stream is
 * left out, since it never ends.
 */
test('schemathesis finds no 5xx and no answer other than described in the admin API', async () => {
  const python = await ensurePythonVenv('schemathesis');
  // Offline: what is asked of the internet is refused and not waited for.
  const server = await startComposed({ environment: { INGLENOOK_OFFLINE: '1' } });
  const token = readFileSync(join(server.dataDir, 'admin.token'), 'utf8').trim();
  const home = temporaryDir();
  const args = [
    'run',
    `${server.address}/api/openapi.json`,
    '--header',
    `Authorization: Bearer ${token}`,
    '--exclude-path',
    '/events',
    '--phases',
    'examples,coverage,fuzzing',
    '--checks',
    checks,
    '--continue-on-failure',
    '--warnings',
    'off',
    '--no-color',
    ...limits,
  ];
  const report = await run(join(dirname(python), 'st'), args, {
    cwd: home,
    maxBuffer: 64 * 1024 * 1024,
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      SCHEMATHESIS_HOOKS: 'admin_api_hooks',
      PYTHONPATH: import.meta.dirname,
      PYTHONDONTWRITEBYTECODE: '1',
      SCRATCH_DIR: join(home, 'scratch'),
    },
  }).catch((error: { stdout?: string; stderr?: string }) => {
    throw new Error(`schemathesis failed:\n${error.stdout}\n${error.stderr}`);
  });
  expect(report.stdout).toMatch(/No issues found/);
  // It has really been at work on all of it.
  const count = (what: string): number => Number(new RegExp(`${what}: +(\\d+)`).exec(report.stdout)?.[1]);
  expect(count('Selected')).toBeGreaterThan(90);
  expect(count('Tested')).toBe(count('Selected'));
  expect(report.stdout).toMatch(/Coverage \(in[^]*Fuzzing \(in/);
});
