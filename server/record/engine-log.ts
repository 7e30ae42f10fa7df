import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { engineLogLine, type EngineLogLine } from '../wire/engine.ts';

/** What happened before is in the file itself. */
const mostBytes = 512 * 1024;
const mostLines = 60;

/** Whatever else a line has is for the report. */
const entry = engineLogLine
  .omit({ error: true, model: true })
  .extend({ model: z.string(), error: z.string().optional(), cause: z.string().optional() });

/**
 * What the server's log tells of the models of our own engine, the newest last; nothing where it cannot be read. Lines
 * name the model where they are about one.
 */
export async function lastOfEngine(dataDir: string): Promise<readonly EngineLogLine[]> {
  const text = await endOf(join(dataDir, 'logs', 'server.log')).catch(() => '');
  const lines = text.split('\n').flatMap((line) => {
    const parsed = entry.safeParse(parseJson(line)).data;
    if (parsed === undefined) return [];
    const { time, level, message, model, error, cause } = parsed;
    return [{ time, level, message, model, error: error ?? cause ?? null }];
  });
  return lines.slice(-mostLines);
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

async function endOf(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - mostBytes);
    const bytes = Buffer.alloc(size - start);
    await file.read(bytes, 0, bytes.length, start);
    return bytes.toString('utf8');
  } finally {
    await file.close();
  }
}
