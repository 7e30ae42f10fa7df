import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../core/errors.ts';

/**
 * Files of the data folder that go along in a backup beside the database and `server.key`. Everything else stays behind:
 * model files (they can be fetched again), kept prompts (`traces.db`, on purpose), the server's log, the command line's
 * token, copies from before an update, and notes of the running server.
 */
export const ownFileNames = ['cloud-prices.json', 'requests.journal'] as const;

export function isOwnFile(name: string): boolean {
  return (ownFileNames as readonly string[]).includes(name);
}

type OwnFileName = (typeof ownFileNames)[number];

/** By name; what is not there is not in it. */
export type OwnFiles = Partial<Record<OwnFileName, string>>;

/**
 * To be called before the database is copied: a row that leaves the journal meanwhile is in the database then, and one
 * that is in both is taken once.
 * @throws AppError 500 where one is there and cannot be read
 */
export function readOwnFiles(dataDir: string): OwnFiles {
  const entries = ownFileNames.map((name) => [name, textOf(join(dataDir, name))] as const);
  return Object.fromEntries(entries.filter(([, text]) => text !== null && text !== ''));
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    if (code === 'ENOENT') return null;
    throw new AppError(
      `No backup was made, since ${path} belongs into it and cannot be read (${code}). Make sure that it may be read by whoever runs Inglenook.`,
      { status: 500, code: 'backup_incomplete', cause: error },
    );
  }
}
