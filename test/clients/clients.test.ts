import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scriptedWords } from '../fakes/scripted-answer.ts';
import { startScripted } from '../model/clients-scripted.ts';
import { startServer } from '../model/running-server.ts';
import { setUpDesk, type Ran } from './headless.ts';
import { clients, type Office } from './settings.ts';

const starterModel = 'smollm2-135m-instruct';
const note = 'The kettle is blue.';

async function scriptedOffice() {
  const server = await startScripted();
  const adminToken = readFileSync(join(server.dataDir, 'admin.token'), 'utf8').trim();
  const office: Office = { rootUrl: server.address, apiKey: server.apiKey, adminToken, isSmall: false };
  return { server, office };
}

async function starterOffice() {
  const server = await startServer({ command: ['node', 'server/main.ts'] });
  const apiKey = await server.cli('key', 'create', '--name', 'client');
  const adminToken = readFileSync(join(server.dataDir, 'admin.token'), 'utf8').trim();
  // As an owner would for agents: fewer at once, and each the longest conversation that this model was made for.
  const changed = await fetch(`${server.url}/api/models/${starterModel}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ slots: 2, contextTokens: 8192 }),
  });
  expect(changed.status).toBe(200);
  await server.cli('model', 'load', starterModel);
  const office: Office = { rootUrl: server.url, apiKey, adminToken, isSmall: true };
  return { server, office };
}

describe.each(clients)('$name, headless', (client) => {
  test('is asked a question', async () => {
    const { server, office } = await scriptedOffice();
    const desk = await setUpDesk({ 'note.txt': `${note}\n` });
    await client.setUp(desk, office);
    const ran = await client.ask('Hi', desk, office);
    expect([ran.code, said(ran)]).toEqual([0, expect.stringContaining(scriptedWords)]);
    expect(server.engine.seen.requests.some(({ chat }) => chat !== undefined)).toBe(true);
  });

  test('does a task with a tool of its own', async () => {
    const { server, office } = await scriptedOffice();
    const desk = await setUpDesk({ 'note.txt': `${note}\n` });
    await client.setUp(desk, office);
    const ran = await client.ask(client.orderToRead('note.txt', desk), desk, office);
    expect([ran.code, said(ran)]).toEqual([0, expect.stringContaining('The tool said:')]);
    expect(said(ran)).toContain(note);
    // The model was told what the client's own tool has found, as the answer to its call.
    const answers = server.engine.seen.requests.at(-1)?.messages.filter(({ role }) => role === 'tool') ?? [];
    expect(answers).toHaveLength(1);
    expect(JSON.stringify(answers)).toContain(note);
    expect(answers[0]?.toolCallId).toMatch(/^call_/);
  });

  test('gets words from the starter model', async () => {
    const { server, office } = await starterOffice();
    const desk = await setUpDesk({ 'note.txt': `${note}\n` });
    await client.setUp(desk, office);
    const ran = await client.ask('Say hello.', desk, office);
    expect([ran.code, said(ran)]).toEqual([0, expect.stringMatching(/\w/)]);
    const rows: unknown = JSON.parse(await server.cli('log', '--json'));
    expect(rows).toContainEqual(
      expect.objectContaining({
        key: 'client',
        servedModel: starterModel,
        status: 'ok',
        completionTokens: expect.any(Number),
      }),
    );
  });
});

/** All of it, so that a failure tells why. */
function said({ stdout, stderr }: Ran): string {
  return `${stdout}\n${stderr}`;
}
