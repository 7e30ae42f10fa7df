import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scriptedWords } from '../fakes/scripted-answer.ts';
import { guideProgram, write } from './guide.ts';
import { runClient, setUpDesk, type Ran } from './headless.ts';
import { pythonProgram } from './installed.ts';
import { scriptedOffice, starterModel, starterOffice } from './offices.ts';
import { clients } from './settings.ts';

const note = 'The kettle is blue.';

describe.each(clients)('$name, headless', (client) => {
  test('is asked a question', async () => {
    const { server, office } = await scriptedOffice();
    const desk = await setUpDesk({ 'note.txt': `${note}\n` });
    const ran = await client.ask('Hello there.', { desk, office, isSmall: false });
    expect([ran.code, said(ran)]).toEqual([0, expect.stringContaining(scriptedWords)]);
    expect(server.engine.seen.requests.length).toBeGreaterThan(0);
    // Codex says so where it has found no catalogue, Claude Code where it has not been told the size.
    expect(said(ran)).not.toMatch(/metadata|context window of/i);
  });

  test.skipIf(client.orderToRead === null)('does a task with a tool of its own', async () => {
    const { server, office } = await scriptedOffice();
    const desk = await setUpDesk({ 'note.txt': `${note}\n` });
    const order = client.orderToRead?.('note.txt', desk) ?? '';
    const ran = await client.ask(order, { desk, office, isSmall: false });
    expect([ran.code, said(ran)]).toEqual([0, expect.stringContaining('The tool said:')]);
    expect(said(ran)).toContain(note);
    // The model was told what the client's own tool has found, as the answer to its call.
    const answers = server.engine.seen.requests.flatMap(({ messages }) =>
      messages.at(-1)?.role === 'tool' ? messages.filter(({ role }) => role === 'tool') : [],
    );
    expect(answers).toHaveLength(1);
    expect(JSON.stringify(answers)).toContain(note);
    expect(answers[0]?.toolCallId).toMatch(/^(call|toolu)_/);
  });

  test('gets words from the starter model', async () => {
    const { server, office } = await starterOffice(client);
    const desk = await setUpDesk({ 'note.txt': `${note}\n` });
    const ran = await client.ask('Say hello.', { desk, office, isSmall: true });
    expect([ran.code, said(ran)]).toEqual([0, expect.stringMatching(/\w/)]);
    // A setting that it does not take is named.
    expect(said(ran)).not.toContain('CLAUDE_CODE_');
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

test('Aider, headless, changes a file as the answer says', async () => {
  const { office } = await scriptedOffice();
  const desk = await setUpDesk({ 'note.txt': `${note}\n` });
  const aider = clients.find(({ name }) => name === 'Aider');
  const file = 'note.txt\n```\nThe kettle is red.\n```\n';
  const ran = await aider?.ask(`answer exactly: ${file}`, { desk, office, isSmall: false });
  expect([ran?.code, readFileSync(join(desk.project, 'note.txt'), 'utf8')]).toEqual([
    0,
    'The kettle is red.\n',
  ]);
});

describe('the programs of the Connect page, as they are', () => {
  test('curl', async () => {
    const { office } = await scriptedOffice();
    const desk = await setUpDesk({});
    const ran = await runClient(['sh', '-ec', await guideProgram('curl', 'sh', office)], desk);
    expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining(scriptedWords)]);
  });

  test('Python', async () => {
    const { office } = await scriptedOffice();
    const desk = await setUpDesk({ 'hello.py': await guideProgram('python', 'python', office) });
    const ran = await runClient([pythonProgram(), 'hello.py'], desk);
    expect([ran.code, said(ran)]).toEqual([0, expect.stringContaining(scriptedWords)]);
  });

  test('TypeScript', async () => {
    const { office } = await scriptedOffice();
    const desk = await setUpDesk({});
    write(join(desk.project, 'hello.mts'), await guideProgram('typescript', 'typescript', office));
    symlinkSync(join(import.meta.dirname, '..', '..', 'node_modules'), join(desk.project, 'node_modules'));
    const ran = await runClient([process.execPath, 'hello.mts'], desk);
    expect([ran.code, said(ran)]).toEqual([0, expect.stringContaining(scriptedWords)]);
  });
});

/** All of it, so that a failure tells why. */
function said({ stdout, stderr }: Ran): string {
  return `${stdout}\n${stderr}`;
}
