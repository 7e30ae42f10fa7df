import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** The end of the file is enough: older lines are older troubles. */
const mostBytes = 512 * 1024;
const mostLines = 40;
const mostLineLength = 600;

/** Warnings and errors from the end of the server's log, the newest last; none where it cannot be read. */
export async function lastTroubles(dataDir: string): Promise<readonly string[]> {
  const text = await endOf(join(dataDir, 'logs', 'server.log')).catch(() => '');
  return text
    .split('\n')
    .filter((line) => /"level":"(?:warn|error)"/u.test(line))
    .slice(-mostLines)
    .map((line) => line.slice(0, mostLineLength));
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
