import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { stripTypeScriptTypes } from 'node:module';
import { Script } from 'node:vm';
import { expect, it } from 'vitest';
import { snippet } from '../../../renderer/playground/snippets.ts';

const run = promisify(execFile);
const awkward = `It's "quoted" $HOME \`id\` \\n $(id)\nnew line\t👩‍💻 é \u2028 end'`;
const request = {
  model: "the 'office' model",
  messages: [
    { role: 'system', content: awkward },
    { role: 'user', content: awkward },
  ],
  temperature: 0.5,
  maxTokens: 64,
} as const;
const body = { model: request.model, messages: request.messages, temperature: 0.5, max_tokens: 64 };

it.skipIf(process.platform === 'win32')(
  'curl sends exactly what was asked, whatever stands in it',
  async () => {
    const { promise: arrived, resolve } = Promise.withResolvers<unknown>();
    const server = createServer((asked, response) => {
      void textOf(asked).then((text) => {
        const { authorization } = asked.headers;
        resolve({ path: asked.url, authorization, body: JSON.parse(text) as unknown });
        response.end('{}');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const command = snippet('curl', `http://127.0.0.1:${port}/v1`, request);
    await run('sh', ['-c', command], { env: { PATH: process.env['PATH'], INGLENOOK_KEY: 'sk-ink_x' } });
    expect(await arrived).toEqual({ path: '/v1/chat/completions', authorization: 'Bearer sk-ink_x', body });
    server.close();
  },
);

it('the program in TypeScript asks the same', async () => {
  const program = snippet('typescript', 'http://127.0.0.1:1/v1', request);
  const [imported, ...rest] = stripTypeScriptTypes(program).split('\n');
  expect(imported).toBe("import OpenAI from 'openai';");
  let asked: unknown = null;
  let options: unknown = null;
  class OpenAI {
    chat = { completions: { create: async (given: unknown) => ((asked = given), { choices: [] }) } };
    constructor(given: unknown) {
      options = given;
    }
  }
  const script = new Script(`(async () => { ${rest.join('\n')} })()`);
  await script.runInNewContext({ OpenAI, process: { env: { INGLENOOK_KEY: 'sk' } }, console: { log() {} } });
  expect(JSON.parse(JSON.stringify([options, asked]))).toEqual([
    { baseURL: 'http://127.0.0.1:1/v1', apiKey: 'sk' },
    body,
  ]);
});

it('the program in Python holds the same, each text as one literal of its own', () => {
  const lines = snippet('python', 'http://127.0.0.1:1/v1', request).split('\n');
  expect(lines).toContain(`    model=${JSON.stringify(request.model)},`);
  expect(lines).toContain(`        {"role": "user", "content": ${JSON.stringify(awkward)}},`);
  expect(lines).toContain('    temperature=0.5,');
  expect(lines).toContain('    max_tokens=64,');
  // JSON writes the rest as Python reads it; halves of characters it would write as \\ud800, which are none there.
  const halves = snippet('python', 'http://127.0.0.1:1/v1', {
    ...request,
    messages: [{ role: 'user', content: 'a\ud800' }],
  });
  expect(halves).not.toContain('\\ud8');
});

it('what was left to the model is left out', () => {
  for (const language of ['curl', 'python', 'typescript'] as const) {
    const program = snippet(language, 'http://127.0.0.1:1/v1', {
      ...request,
      temperature: null,
      maxTokens: null,
    });
    expect(program).not.toMatch(/temperature|max_tokens/);
  }
});
