import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { readTomlSettings } from '../../server/connect-tool/merge/toml.ts';
import { readYamlSettings } from '../../server/connect-tool/merge/yaml.ts';
import { makeTwoHosts, serverAddress, whyNoHosts, type TwoHosts } from '../fakes/two-hosts.ts';
import { temporaryDir } from './running-server.ts';

const run = promisify(execFile);
const root = new URL('../..', import.meta.url).pathname;
const port = 11_500;
const origin = `http://${serverAddress}:${port}`;

/** The server in the one host, with the office let in, and the owner at its command line. */
async function startOffice(hosts: TwoHosts) {
  const environment = {
    ...process.env,
    INGLENOOK_DATA_DIR: temporaryDir(),
    INGLENOOK_PORT: String(port),
    INGLENOOK_LAN: '1',
  };
  const child = hosts.onServer(process.execPath, [join(root, 'server/main.ts')], environment);
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    if (child.exitCode === null) child.kill();
    await exited;
  });
  let errors = '';
  child.stderr?.on('data', (bytes: Buffer) => (errors += bytes.toString()));
  await Promise.race([
    once(child.stdout!, 'data'),
    exited.then(() => Promise.reject(new Error(`it ended: ${errors}`))),
  ]);
  const owner = async (...words: string[]): Promise<string> => {
    const cli = hosts.onServer(
      process.execPath,
      [join(root, 'scripts/inglenook.mjs'), ...words],
      environment,
    );
    let stdout = '';
    cli.stdout?.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
    const [code] = (await once(cli, 'close')) as [number];
    if (code !== 0) throw new Error(`${words.join(' ')}: ${code}`);
    return stdout.trim();
  };
  await vi.waitFor(
    async () => expect(await owner('doctor', '--json')).toContain('inglenook.local leads to'),
    { timeout: 30_000, interval: 1_000 },
  );
  return { owner, dataDir: environment.INGLENOOK_DATA_DIR };
}

/** The tool as a teammate runs it, of any Node that they have: this one, or an older one of the system. */
function startTool(hosts: TwoHosts, { node, tool, home }: Desk, words: readonly string[]) {
  const child = hosts.onTeammateAsChild(node, [tool, ...words], {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
  });
  let said = '';
  child.stdout?.on('data', (bytes: Buffer) => (said += bytes.toString()));
  child.stderr?.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const ended = once(child, 'close') as Promise<[number]>;
  return { child, said: () => said, code: async () => (await ended)[0] };
}

type Desk = { readonly node: string; readonly tool: string; readonly home: string };

function everythingIn(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(folder.length + 1), readFileSync(path).toString('base64')];
    }),
  );
}

/** Nodes to run it with: an older one of the system is what teammates have. */
async function nodes(): Promise<string[]> {
  const found = ['/usr/bin/node', '/usr/local/bin/node'].filter((path) => existsSync(path));
  const versions = await Promise.all(found.map(async (path) => (await run(path, ['--version'])).stdout));
  const older = found.filter((_path, index) => Number(/^v(\d+)/.exec(versions[index] ?? '')?.[1]) === 20);
  return [process.execPath, ...older];
}

const missing = whyNoHosts();
describe.skipIf(missing !== null)(
  `inglenook connect on another computer${missing === null ? '' : ` (NOT RUN: ${missing})`}`,
  () => {
    test(
      'is fetched from the office, finds it by itself, sets up every tool, which gets an answer; undo restores every byte',
      { timeout: 300_000 },
      async () => {
        const hosts = makeTwoHosts();
        const { owner, dataDir } = await startOffice(hosts);
        // Only of a model that was loaded once is the size known that some tools are told.
        await owner('model', 'load', 'smollm2-135m-instruct');
        for (const node of await nodes()) {
          const home = temporaryDir();
          const tool = join(temporaryDir(), 'connect.mjs');
          hosts.runOnTeammate('curl', '-fsS', '-o', tool, `${origin}/connect.mjs`);
          const own = {
            '.claude/settings.json': '{\n  // mine\n  "model": "opus"\n}\n',
            '.codex/config.toml': 'model = "gpt-5" # mine\n',
          };
          for (const [path, text] of Object.entries(own)) {
            mkdirSync(join(home, path, '..'), { recursive: true });
            writeFileSync(join(home, path), text);
          }
          const before = everythingIn(home);
          const desk = { node, tool, home };

          const connecting = startTool(hosts, desk, ['--tools', 'all', '--device', `desk of ${node}`]);
          await vi.waitFor(() => expect(connecting.said()).toMatch(/same number: {2}\d\d/), 20_000);
          expect(connecting.said()).toContain(`at ${serverAddress}:${port}`);
          const asking = z
            .array(
              z.looseObject({
                id: z.string(),
                state: z.string(),
                uninvited: z.boolean(),
                join: z.looseObject({ matchCode: z.string() }).nullable(),
              }),
            )
            .parse(JSON.parse(await owner('pair', 'list', '--json')))
            .filter(({ state }) => state === 'waiting');
          expect(asking).toMatchObject([{ uninvited: true, join: { ip: '10.77.0.2' } }]);
          expect(connecting.said()).toContain(`same number:  ${asking[0]?.join?.matchCode}`);
          await owner('pair', 'approve', asking[0]?.id ?? '');
          await vi.waitFor(() => expect(connecting.said()).toContain('Write this?'), 20_000);
          expect(everythingIn(home)).toEqual(before);
          connecting.child.stdin?.end('y\n');
          expect([await connecting.code(), connecting.said()]).toEqual([
            0,
            expect.stringContaining('Written: 7 files.'),
          ]);
          expect(connecting.said()).not.toContain('sk-ink_');

          const answered = askAsSetUp(hosts, home);
          expect(Object.keys(answered)).toEqual(['continue', 'cline', 'claude-code', 'codex', 'opencode']);
          // The starter model may say anything, but it has to say something.
          for (const words of Object.values(answered)) expect(words).toMatch(/\S/);

          const again = startTool(hosts, desk, ['--tools', 'all', '--yes']);
          expect([await again.code(), again.said()]).toEqual([
            0,
            expect.stringContaining('Everything is set up as it should be.'),
          ]);
          const undoing = startTool(hosts, desk, ['undo', '--yes', '--revoke']);
          expect([await undoing.code(), undoing.said()]).toEqual([
            0,
            expect.stringContaining('Everything is as it was.'),
          ]);
          expect(everythingIn(home)).toEqual(before);
        }
        const keys = z
          .array(z.looseObject({ status: z.string() }))
          .parse(JSON.parse(await owner('key', 'list', '--json')));
        expect(keys.map(({ status }) => status)).toEqual((await nodes()).map(() => 'revoked'));
        const log = readdirSync(join(dataDir, 'logs'), { recursive: true }).map((name) =>
          join(dataDir, 'logs', String(name)),
        );
        expect(log.map((path) => readFileSync(path, 'utf8')).join('\n')).not.toMatch(/sk-ink_\w{20}/);
      },
    );
  },
);

const models = z.array(z.looseObject({ model: z.string(), apiBase: z.string(), apiKey: z.string() }));

/** One question by each tool's own dialect, with nothing but what stands in its files, read by its own format. */
function askAsSetUp(hosts: TwoHosts, home: string): Record<string, string> {
  const read = (path: string): string => readFileSync(join(home, path), 'utf8');
  const json = (path: string): unknown => JSON.parse(read(path).replaceAll(/^\s*\/\/.*$/gm, ''));
  const post = (url: string, key: string, body: object): string =>
    hosts.runOnTeammate(
      'curl',
      '-fsS',
      url,
      '-H',
      `Authorization: Bearer ${key}`,
      '-H',
      'Content-Type: application/json',
      '-d',
      JSON.stringify(body),
    );
  const messages = [{ role: 'user', content: 'Say hello.' }];
  const text = z.object({
    choices: z.array(z.looseObject({ message: z.looseObject({ content: z.string() }) })),
  });
  const chat = (base: string, key: string, model: string): string =>
    text.parse(JSON.parse(post(`${base}/chat/completions`, key, { model, messages, max_tokens: 16 })))
      .choices[0]?.message.content ?? '';

  const [first] = models.parse(
    (readYamlSettings(read('.continue/config.yaml')).toJS() as { models: unknown }).models,
  );
  const cline = z
    .object({
      providers: z.object({
        'openai-compatible': z.object({
          settings: z.looseObject({ apiKey: z.string(), baseUrl: z.string(), model: z.string() }),
        }),
      }),
    })
    .parse(json('.cline/data/settings/providers.json')).providers['openai-compatible'].settings;
  const claude = z.object({ env: z.record(z.string(), z.string()) }).parse(json('.claude/settings.json')).env;
  const codex = z
    .object({
      model: z.string(),
      model_providers: z.object({ inglenook: z.looseObject({ base_url: z.string(), env_key: z.string() }) }),
    })
    .parse(readTomlSettings(read('.codex/config.toml')));
  const codexKey =
    new RegExp(`^${codex.model_providers.inglenook.env_key}=(.*)$`, 'm').exec(read('.codex/.env'))?.[1] ?? '';
  const openCode = z
    .object({
      model: z.string(),
      provider: z.object({
        inglenook: z.looseObject({ options: z.object({ baseURL: z.string(), apiKey: z.string() }) }),
      }),
    })
    .parse(json('.config/opencode/opencode.json'));
  return {
    continue: chat(first?.apiBase ?? '', first?.apiKey ?? '', first?.model ?? ''),
    cline: chat(cline.baseUrl, cline.apiKey, cline.model),
    'claude-code': post(`${claude['ANTHROPIC_BASE_URL']}/v1/messages`, claude['ANTHROPIC_AUTH_TOKEN'] ?? '', {
      model: claude['ANTHROPIC_MODEL'],
      max_tokens: 16,
      messages,
    }),
    codex: post(`${codex.model_providers.inglenook.base_url}/responses`, codexKey, {
      model: codex.model,
      input: 'Say hello.',
      max_output_tokens: 16,
    }),
    opencode: chat(
      openCode.provider.inglenook.options.baseURL,
      openCode.provider.inglenook.options.apiKey,
      openCode.model.replace('inglenook/', ''),
    ),
  };
}
