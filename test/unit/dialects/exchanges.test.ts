import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exchange, replay } from './replay-exchange.ts';

const folder = join(import.meta.dirname, 'exchanges');
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));

test('each client that we name has an exchange', () => {
  const clients = ['claude-code', 'cline', 'codex', 'continue', 'cursor', 'vscode', 'zed'];
  expect([...new Set(names.map((name) => clients.find((client) => name.startsWith(client))))]).toEqual(
    clients,
  );
});

test.each(names)('%s', async (name) => {
  const stored = exchange.parse(JSON.parse(readFileSync(join(folder, name), 'utf8')));
  const { expectedPrompt, expectedDropped, expectedFrames } = stored;
  expect(await replay(stored)).toEqual({ expectedPrompt, expectedDropped, expectedFrames });
});
