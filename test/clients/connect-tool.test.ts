import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { pairingList } from '../../server/wire/pairing.ts';
import { scriptedWords } from '../fakes/scripted-answer.ts';
import type { ScriptedServer } from '../model/clients-scripted.ts';
import { runClient, setUpDesk, type Desk } from './headless.ts';
import * as installed from './installed.ts';
import { scriptedOffice } from './offices.ts';
import { endClineHub } from './settings.ts';

const root = join(import.meta.dirname, '..', '..');

/** Each tool as its package brings it, told nothing but what stands in its own files. */
const tools: Readonly<Record<string, (prompt: string, desk: Desk) => readonly [string, ...string[]]>> = {
  continue: (prompt, { home }) => [
    ...installed.continueCommand,
    '-p',
    '--auto',
    '--config',
    join(home, '.continue', 'config.yaml'),
    prompt,
  ],
  cline: (prompt) => [installed.clineProgram(), prompt],
  'claude-code': (prompt) => [installed.claudeProgram(), '-p', prompt],
  codex: (prompt) => [
    installed.codexProgram(),
    'exec',
    '--skip-git-repo-check',
    '--dangerously-bypass-approvals-and-sandbox',
    '--strict-config',
    prompt,
  ],
  opencode: (prompt) => [installed.openCodeProgram(), 'run', ...prompt.split(' ')],
};

const quiet = {
  CONTINUE_TELEMETRY_ENABLED: '0',
  CLINE_TELEMETRY_DISABLED: '1',
  OPENCODE_DISABLE_MODELS_FETCH: '1',
  OPENCODE_DISABLE_AUTOUPDATE: '1',
  OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
};

test.each(Object.entries(tools))(
  '%s gets an answer by what `inglenook connect` has written, and undo takes it back',
  async (id, commandOf) => {
    const { server } = await scriptedOffice();
    const desk = await setUpDesk({});
    onTestFinished(() => endClineHub(desk));
    const connect = (...words: string[]) =>
      runClient([process.execPath, join(root, 'server', 'connect-tool', 'main.ts'), ...words, '--yes'], desk);
    const [connected] = await Promise.all([connect(server.address, '--tools', id), letIn(server)]);
    expect([connected.code, connected.stdout]).toEqual([0, expect.stringContaining('Written: ')]);

    const ran = await runClient(commandOf('Hello there.', desk), desk, quiet);
    const said = `${ran.stdout}${ran.stderr}`;
    expect([ran.code, said]).toEqual([0, expect.stringContaining(scriptedWords)]);
    expect(said).not.toMatch(/metadata for|context window of/i);

    const undone = await connect('undo', '--revoke');
    expect([undone.code, undone.stdout]).toEqual([0, expect.stringContaining('Everything is as it was.')]);
    expect(filesWithKey(desk)).toEqual([]);
    expect(await server.admin('GET', '/keys')).toContainEqual(
      expect.objectContaining({ preset: 'teammate', status: 'revoked' }),
    );
  },
);

async function letIn(server: ScriptedServer): Promise<void> {
  for (;;) {
    const list = pairingList.parse(await server.admin('GET', '/pairings'));
    const asking = list.find(({ state }) => state === 'waiting');
    if (asking !== undefined) return void (await server.admin('POST', `/pairings/${asking.id}/approve`));
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Settings below home in which a key of ours stands. */
function filesWithKey({ home }: Desk): string[] {
  return ['.continue', '.cline/data/settings', '.claude', '.codex', '.config/opencode'].flatMap((folder) => {
    const path = join(home, folder);
    if (!existsSync(path)) return [];
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isFile() && readFileSync(join(path, entry.name), 'latin1').includes('sk-ink_'))
      .map(({ name }) => join(folder, name));
  });
}
