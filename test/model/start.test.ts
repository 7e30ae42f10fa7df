import { execFile } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import OpenAI from 'openai';
import OpenAI6 from 'openai-6';
import { describe, expect, test, vi } from 'vitest';
import { startServer, type RunningServer } from './running-server.ts';

const run = promisify(execFile);
const model = 'smollm2-135m-instruct';
const ask = {
  model,
  messages: [{ role: 'user' as const, content: 'Say hello.' }],
  max_tokens: 12,
  temperature: 0,
};

describe('npm start, as the README tells it', () => {
  test('a key, the curl of the README, both SDKs, and the rows in the log', async () => {
    const server = await startServer();
    expect(server.stdout).toEqual([`Inglenook is ready at ${server.url}`]);
    const key = await server.cli('key', 'create', '--name', 'laptop');
    expect(key).toMatch(/^sk-ink_[0-9A-Za-z]{38}$/);

    const curl = await run('bash', ['-c', readmeCurl(server)], { env: { ...process.env, KEY: key } });
    expect(JSON.parse(curl.stdout)).toMatchObject({
      model,
      choices: [{ message: { role: 'assistant', content: expect.stringMatching(/\w/) } }],
    });

    for (const Client of [OpenAI, OpenAI6 as unknown as typeof OpenAI]) {
      const client = new Client({ baseURL: `${server.url}/v1`, apiKey: key, maxRetries: 0 });
      expect((await client.models.list()).data.map((listed) => listed.id)).toContain(model);
      const whole = await client.chat.completions.create(ask);
      const streamed = await collect(
        await client.chat.completions.create({
          ...ask,
          stream: true,
          stream_options: { include_usage: true },
        }),
      );
      expect(streamed.text).toBe(whole.choices[0]?.message.content);
      expect(streamed.text).not.toBe('');
      expect(streamed.usage).toMatchObject({
        prompt_tokens: whole.usage?.prompt_tokens,
        completion_tokens: whole.usage?.completion_tokens,
      });
      expect(whole.usage?.total_tokens).toBe(
        (whole.usage?.prompt_tokens ?? 0) + (whole.usage?.completion_tokens ?? 0),
      );
      await expect(
        new Client({ baseURL: `${server.url}/v1`, apiKey: 'sk-ink_wrong', maxRetries: 2 }).models.list(),
      ).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' });
    }

    const log: { status: string; key: string; completionTokens: number }[] = JSON.parse(
      await server.cli('log', '--json'),
    );
    expect(log.map((row) => [row.key, row.status])).toEqual(
      Array.from({ length: 5 }, () => ['laptop', 'ok']),
    );
    await expectNoSecrets(server, key);
    await server.stop();
  });

  test('a second start on the same data folder is refused, with the address of the first', async () => {
    const first = await startServer();
    await expect(startServer({ dataDir: first.dataDir })).rejects.toThrow(
      new RegExp(`exit 1[^]*already running[^]*${first.url}`),
    );
  });

  test('a port in use, a folder that cannot be, and a wrong variable: a sentence and exit 1', async () => {
    const first = await startServer();
    const port = new URL(first.url).port;
    await expect(startServer({ environment: { INGLENOOK_PORT: port } })).rejects.toThrow(
      /exit 1[^]*in use by another Inglenook/,
    );
    await expect(startServer({ environment: { INGLENOOK_DATA_DIR: '/dev/null/nope' } })).rejects.toThrow(
      /exit 1[^]*cannot be/,
    );
    await expect(startServer({ environment: { INGLENOOK_PORT: 'abc' } })).rejects.toThrow(
      /exit 1[^]*INGLENOOK_PORT/,
    );
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('%s ends everything with exit code 0', async (signal) => {
    const server = await startServer({ command: [process.execPath, 'scripts/start.mjs'] });
    await server.cli('model', 'load', model);
    expect(await server.stop(signal)).toBe(0);
    expect(await processesOf(server.dataDir)).toEqual([]);
  });

  test('npm itself being told to stop leaves nothing running', async () => {
    const server = await startServer();
    await server.cli('model', 'load', model);
    await server.stop('SIGTERM');
    await vi.waitFor(async () => expect(await processesOf(server.dataDir)).toEqual([]), { timeout: 10_000 });
  });

  test('keys and log outlive a restart', async () => {
    const first = await startServer();
    const key = await first.cli('key', 'create', '--name', 'kept');
    await first.stop();
    await vi.waitFor(() => expect(readdirSync(first.dataDir)).not.toContain('server.json'), {
      timeout: 10_000,
    });
    const second = await startServer({ dataDir: first.dataDir });
    const client = new OpenAI({ baseURL: `${second.url}/v1`, apiKey: key, maxRetries: 0 });
    expect((await client.chat.completions.create(ask)).choices[0]?.message.content).toMatch(/\w/);
  });
});

/** The README's own curl, word for word but for the address. */
function readmeCurl(server: RunningServer): string {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const block = /```sh\n(curl [^`]+)```/.exec(readme)?.[1];
  if (block === undefined) throw new Error('the README has no curl block');
  return `curl -s ${block.slice('curl '.length).replaceAll('http://127.0.0.1:11500', server.url)}`;
}

type Chunk = {
  readonly choices: readonly { readonly delta: { readonly content?: string | null } }[];
  readonly usage?: unknown;
};

async function collect(stream: AsyncIterable<Chunk>): Promise<{ text: string; usage: unknown }> {
  let text = '';
  let usage: unknown = null;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    usage = chunk.usage ?? usage;
  }
  return { text, usage };
}

/** No file of the data folder holds the key or the prompt. */
async function expectNoSecrets(server: RunningServer, key: string): Promise<void> {
  const files = readdirSync(server.dataDir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(server.dataDir, name))
    .filter((path) => statSync(path).isFile());
  expect(files.length).toBeGreaterThan(3);
  for (const path of files) {
    const bytes = readFileSync(path);
    expect([path, bytes.includes(key), bytes.includes('Say hello.')]).toEqual([path, false, false]);
  }
}

/** Command lines of processes that still belong to a server on this data folder (Linux and macOS). */
async function processesOf(dataDir: string): Promise<string[]> {
  const { stdout } = await run('ps', ['-eo', 'pid=,args=', 'e']);
  return stdout.split('\n').filter((line) => line.includes(dataDir) && !line.includes('ps -eo'));
}
