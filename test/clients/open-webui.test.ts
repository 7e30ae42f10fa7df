import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { scriptedWords } from '../fakes/scripted-answer.ts';
import { guideProgram, guideTexts, write } from './guide.ts';
import { setUpDesk, startClient } from './headless.ts';
import { openWebUiProgram } from './installed.ts';
import { scriptedOffice, starterModel, starterOffice, type Office } from './offices.ts';

type Page = {
  /** As the page of somebody who is signed in asks. */
  readonly ask: (path: string, body?: object) => Promise<string>;
};

test('Open WebUI, set up by its environment, lists our names, chats, and makes the title of a chat', async () => {
  const { server, office } = await scriptedOffice();
  const { ask } = await startOpenWebUi(office);
  expect(await modelIds(ask)).toEqual(expect.arrayContaining(['office', 'office-code']));

  expect(await streamedWords(ask, 'Hello there.')).toBe(scriptedWords);
  const whole = chatAnswer.parse(JSON.parse(await ask('/api/chat/completions', question('Hello.', false))));
  expect(whole.choices[0]?.message.content).toBe(scriptedWords);

  // What the guide's note says of further requests.
  const before = server.engine.seen.requests.length;
  const messages = [
    { role: 'user', content: 'Hello.' },
    { role: 'assistant', content: scriptedWords },
  ];
  await ask('/api/v1/tasks/title/completions', { model: 'office', messages });
  expect(server.engine.seen.requests.length).toBe(before + 1);
});

test('Open WebUI takes the address and key that the Connect page says to enter, and no other key', async () => {
  const { office } = await scriptedOffice();
  const { ask } = await startOpenWebUi(office);
  const [url, key] = await guideTexts('open-webui', 'text', office);
  // The button beside the two fields.
  const verified = await ask('/openai/verify', { url, key });
  expect(modelList.parse(JSON.parse(verified)).data.map(({ id }) => id)).toContain('office');
  await expect(ask('/openai/verify', { url, key: `${key}x` })).rejects.toThrow(/4\d\d|5\d\d/);
});

test('Open WebUI gets words from the starter model', async () => {
  const { server, office } = await starterOffice({ takesCutAnswers: true });
  const { ask } = await startOpenWebUi(office);
  expect(await streamedWords(ask, 'Say hello.')).toMatch(/\w/);
  const rows: unknown = JSON.parse(await server.cli('log', '--json'));
  expect(rows).toContainEqual(
    expect.objectContaining({ key: 'client', servedModel: starterModel, status: 'ok' }),
  );
});

/** By the lines of the Connect page; beside them only where it keeps its data, and where it listens. */
async function startOpenWebUi(office: Office): Promise<Page> {
  const desk = await setUpDesk({});
  const port = await freePort();
  const program = join(desk.home, 'bin', 'open-webui');
  write(program, `#!/bin/sh\nexec '${openWebUiProgram()}' "$@" --host 127.0.0.1 --port ${port}\n`);
  chmodSync(program, 0o755);
  const lines = await guideProgram('open-webui', 'sh', office);
  const { said, ended } = startClient(['sh', '-ec', lines], desk, {
    PATH: `${join(desk.home, 'bin')}:${desk.environment['PATH'] ?? ''}`,
    DATA_DIR: join(desk.home, 'data'),
    // Of what it brings only what its own slim image has (test/clients/open-webui.in).
    USE_SLIM_DOCKER: 'true',
    // Whichever Ollama runs on this computer is none of the test's.
    ENABLE_OLLAMA_API: 'false',
  });
  const url = `http://127.0.0.1:${port}`;
  const failed = ended.then((code) => {
    throw new Error(`Open WebUI has ended (${code}): ${said.stdout}${said.stderr}`);
  });
  await Promise.race([answers(`${url}/health`), failed]);
  const ask = (token: string | null) => (path: string, body?: object) => send(`${url}${path}`, token, body);
  const account = { name: 'Anna', email: 'anna@office.example', password: 'nobody-else-knows-1' };
  const { token } = signedUp.parse(JSON.parse(await ask(null)('/api/v1/auths/signup', account)));
  return { ask: ask(token) };
}

/** It does not say which port the system has chosen. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function answers(url: string): Promise<void> {
  const isUp = await fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
  if (isUp) return;
  await new Promise((resolve) => setTimeout(resolve, 200));
  return answers(url);
}

async function send(url: string, token: string | null, body?: object): Promise<string> {
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status}: ${text}`);
  return text;
}

const signedUp = z.looseObject({ token: z.string() });
const modelList = z.looseObject({ data: z.array(z.looseObject({ id: z.string() })) });
const chatAnswer = z.looseObject({
  choices: z.array(z.looseObject({ message: z.looseObject({ content: z.string() }) })),
});
const chatChunk = z.looseObject({
  choices: z.array(z.looseObject({ delta: z.looseObject({ content: z.string().nullish() }) })),
});

async function modelIds(ask: Page['ask']): Promise<string[]> {
  return modelList.parse(JSON.parse(await ask('/api/models'))).data.map(({ id }) => id);
}

function question(content: string, stream: boolean): object {
  return { model: 'office', stream, messages: [{ role: 'user', content }] };
}

async function streamedWords(ask: Page['ask'], content: string): Promise<string> {
  const text = await ask('/api/chat/completions', question(content, true));
  const frames = [...text.matchAll(/^data: (\{.*)$/gm)].map(([, frame = '']) =>
    chatChunk.parse(JSON.parse(frame)),
  );
  expect(text).toContain('data: [DONE]');
  return frames.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
}
