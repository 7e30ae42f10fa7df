import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { exchange, replay } from './replay-exchange.ts';
const folder = join(import.meta.dirname, 'exchanges');
test.each(readdirSync(folder))('%s', async (name) => {
  const stored = exchange.parse(JSON.parse(readFileSync(join(folder, name), 'utf8')));
  writeFileSync(join(folder, name), JSON.stringify({ ...stored, ...(await replay(stored)) }, null, 2) + '\n');
});
