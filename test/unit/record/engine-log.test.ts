import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { lastOfEngine } from '../../../server/record/engine-log.ts';

function folderWith(lines: readonly unknown[]): string {
  const dir = mkdtempSync(join(tmpdir(), 'inglenook-engine-log-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, 'logs'));
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  writeFileSync(join(dir, 'logs', 'server.log'), `${text}\n`);
  return dir;
}

const time = '2026-11-23T10:00:00.000Z';

it('takes what is about a model out of the log, the newest last, with the error’s own words', async () => {
  const dir = folderWith([
    { time, level: 'info', message: 'The server is ready.', address: 'http://127.0.0.1:11500' },
    { time, level: 'info', message: 'A model is loaded.', model: 'qwen', slots: 2 },
    '{"half a line',
    { time, level: 'error', message: 'A model could not be loaded.', model: 'big', cause: 'out of memory' },
  ]);
  expect(await lastOfEngine(dir)).toEqual([
    { time, level: 'info', message: 'A model is loaded.', model: 'qwen', error: null },
    { time, level: 'error', message: 'A model could not be loaded.', model: 'big', error: 'out of memory' },
  ]);
});

it('keeps to the last sixty lines, and to nothing where there is no log', async () => {
  const lines = Array.from({ length: 100 }, (_, index) => ({
    time,
    level: 'info',
    message: `line ${index}`,
    model: 'qwen',
  }));
  const kept = await lastOfEngine(folderWith(lines));
  expect([kept.length, kept[0]?.message, kept.at(-1)?.message]).toEqual([60, 'line 40', 'line 99']);
  expect(await lastOfEngine('/nowhere/at/all')).toEqual([]);
});
